/** Reads an event stream as a browser would: decompressed, an event at a time. */
export class EventReader {
  readonly #asker: AbortController;
  readonly #text: AsyncIterator<string>;
  #rest = "";

  private constructor(
    readonly response: Response,
    asker: AbortController,
  ) {
    this.#asker = asker;
    const text = response.body!.pipeThrough(new TextDecoderStream());
    this.#text = (text as unknown as AsyncIterable<string>)[Symbol.asyncIterator]();
  }

  static async open(url: string, encoding = "identity"): Promise<EventReader> {
    const asker = new AbortController();
    const headers = { "Accept-Encoding": encoding };
    const response = await fetch(url, { headers, signal: asker.signal });
    return new EventReader(response, asker);
  }

  async nextBlock(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf("\n\n");
      if (end >= 0) {
        const block = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 2);
        return block;
      }
      const { done, value } = (await this.#text.next()) as IteratorResult<string, undefined>;
      if (done) throw new Error("The stream ended");
      this.#rest += value;
    }
  }

  /** The data of the next event of this name. */
  async next<Data>(name: string): Promise<Data> {
    for (;;) {
      const [event, data] = (await this.nextBlock()).split("\ndata: ");
      if (event === `event: ${name}` && data) return JSON.parse(data) as Data;
    }
  }

  close(): void {
    this.#asker.abort();
  }
}
