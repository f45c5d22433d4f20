/** What a page of rows says of the next one. */
interface PageOfRows {
  readonly nextPageToken: string;
}

/**
 * Rows that come page by page. Going through them follows the pages, each asked for when it is needed; they are all of one
 * moment. Nothing is asked before.
 */
export class Listing<Row, Page extends PageOfRows> implements AsyncIterable<Row> {
  readonly #ask: (pageToken: string) => Promise<Page>;
  readonly #rowsOf: (page: Page) => readonly Row[];
  readonly #firstToken: string;

  constructor({ ask, rowsOf, pageToken = "" }: ListingOptions<Row, Page>) {
    this.#ask = ask;
    this.#rowsOf = rowsOf;
    this.#firstToken = pageToken;
  }

  /** The first page, with what it says besides its rows: the moment, and the token of the next page. */
  first(): Promise<Page> {
    return this.#ask(this.#firstToken);
  }

  async *pages(): AsyncGenerator<Page, void, undefined> {
    let token = this.#firstToken;
    do {
      const page = await this.#ask(token);
      yield page;
      token = page.nextPageToken;
    } while (token !== "");
  }

  async all(): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const row of this) rows.push(row);
    return rows;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void, undefined> {
    for await (const page of this.pages()) yield* this.#rowsOf(page);
  }
}

export interface ListingOptions<Row, Page> {
  readonly ask: (pageToken: string) => Promise<Page>;
  readonly rowsOf: (page: Page) => readonly Row[];
  /** Where to begin; at the beginning, where left out. */
  readonly pageToken?: string | undefined;
}
