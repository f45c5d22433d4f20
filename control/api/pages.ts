/**
 * Answers told page by page. All pages of a question are of one moment: the whole answer is computed once and kept for
 * a while, and a token says which answer is meant and where the next page begins. Tokens are signed, so that nobody can
 * read what was not asked for, and carry a digest of the question that they go on with.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { HttpError } from "./http-errors.ts";
import { MAX_ROWS } from "./limits.ts";

/** What a question says of pages. */
export interface PageWish {
  /** Rows of a page; undefined for a whole answer or, with a token, for as many as a page may have. */
  readonly size: number | undefined;
  /** Where to go on; undefined for the beginning. */
  readonly token: string | undefined;
  /** What the token is called where it was given: "page_token", "pageToken". */
  readonly tokenField: string;
}

/** Something that is asked for in pages. Its other fields tell one question from another. */
export interface PagedQuestion {
  readonly page: PageWish;
}

/** A whole answer, and how it is cut. */
export interface Pageable<Answer> {
  /** How many there are of what pages are counted in. */
  readonly rows: number;
  /** The page of the rows from `begin` to before `end`. */
  page(begin: number, end: number): Answer;
}

/** A page, and what asks for the one after it: empty on the last. */
export type Page<Answer> = Answer & { readonly nextPageToken: string };

/** An answer that is a list, cut by its rows. */
export function pageable<Row, Answer>(
  rows: readonly Row[],
  answer: (rows: readonly Row[]) => Answer,
): Pageable<Answer> {
  return { rows: rows.length, page: (begin, end) => answer(rows.slice(begin, end)) };
}

export interface PagesOptions {
  /** How long an answer is kept after a page of it was last asked for, milliseconds. */
  readonly keptMs?: number;
  /** Answers that are kept; the one that was longest not asked for goes first. */
  readonly maxKept?: number;
  /** Rows of all kept answers together; some half a kilobyte each. */
  readonly maxRows?: number;
  /** Milliseconds on a clock that never jumps. */
  readonly now?: () => number;
}

interface Kept {
  readonly answer: Pageable<unknown>;
  readonly askedAtMs: number;
}

const DIGEST_BYTES = 16;
/** Number of the answer, its first row, digest of the question, signature. */
const TOKEN_BYTES = 4 + 4 + DIGEST_BYTES + DIGEST_BYTES;
const SIGNED_BYTES = TOKEN_BYTES - DIGEST_BYTES;
const TOKEN_LENGTH = Math.ceil((TOKEN_BYTES * 4) / 3);

export class Pages {
  readonly #key = randomBytes(32);
  readonly #kept = new Map<number, Kept>();
  readonly #options: Required<PagesOptions>;
  #number = 0;

  constructor(options: PagesOptions = {}) {
    this.#options = { keptMs: 5 * 60_000, maxKept: 32, maxRows: 100_000, now: () => performance.now(), ...options };
  }

  /**
   * @param name of the call: questions of different calls are different ones
   * @param compute works out the whole answer; not called for the pages after the first
   * @throws HttpError 400 where the token is none of ours or of another question, 410 where its answer is gone
   */
  async tell<Answer>(
    name: string,
    { page, ...question }: PagedQuestion,
    compute: () => Promise<Pageable<Answer>>,
  ): Promise<Page<Answer>> {
    const digest = digestOf(name, question);
    if (page.token === undefined) {
      const answer = await compute();
      const end = Math.min(answer.rows, page.size ?? answer.rows);
      const nextPageToken = end < answer.rows ? this.#sign(this.#keep(answer), end, digest) : "";
      return { ...answer.page(0, end), nextPageToken };
    }
    const { number, begin } = this.#open(page.token, digest, page.tokenField);
    // Its digest says that it is an answer to this question.
    const answer = this.#find(number, page.tokenField) as Pageable<Answer>;
    const end = Math.min(answer.rows, begin + (page.size ?? MAX_ROWS));
    return { ...answer.page(begin, end), nextPageToken: end < answer.rows ? this.#sign(number, end, digest) : "" };
  }

  #keep(answer: Pageable<unknown>): number {
    this.#number += 1;
    this.#kept.set(this.#number, { answer, askedAtMs: this.#options.now() });
    this.#forget();
    return this.#number;
  }

  #find(number: number, field: string): Pageable<unknown> {
    this.#forget();
    const kept = this.#kept.get(number);
    if (!kept) {
      const minutes = this.#options.keptMs / 60_000;
      const kind = `is of an answer that is gone: it is kept for ${minutes} minutes, or until newer ones need its room`;
      throw new HttpError(410, `"${field}" ${kind}. Start again without it`, { field });
    }
    this.#kept.delete(number);
    this.#kept.set(number, { answer: kept.answer, askedAtMs: this.#options.now() });
    return kept.answer;
  }

  /** Lets go what is old, and the oldest past a limit. */
  #forget(): void {
    const { keptMs, maxKept, maxRows, now } = this.#options;
    const beforeMs = now() - keptMs;
    let rows = 0;
    for (const { answer } of this.#kept.values()) rows += answer.rows;
    for (const [number, { answer, askedAtMs }] of this.#kept) {
      if (askedAtMs > beforeMs && this.#kept.size <= maxKept && rows <= maxRows) break;
      this.#kept.delete(number);
      rows -= answer.rows;
    }
  }

  #sign(number: number, begin: number, digest: Buffer): string {
    const signed = Buffer.alloc(8);
    signed.writeUInt32BE(number, 0);
    signed.writeUInt32BE(begin, 4);
    const body = Buffer.concat([signed, digest]);
    return Buffer.concat([body, this.#signature(body)]).toString("base64url");
  }

  #open(token: string, digest: Buffer, field: string): { readonly number: number; readonly begin: number } {
    const bytes = token.length === TOKEN_LENGTH ? Buffer.from(token, "base64url") : Buffer.alloc(0);
    const body = bytes.subarray(0, SIGNED_BYTES);
    const isOurs =
      bytes.toString("base64url") === token &&
      bytes.length === TOKEN_BYTES &&
      timingSafeEqual(bytes.subarray(SIGNED_BYTES), this.#signature(body));
    if (!isOurs) {
      const why = "is none that was given out here since control started; start again without it";
      throw new HttpError(400, `"${field}" ${why}`, { field });
    }
    if (!body.subarray(8).equals(digest)) {
      const why = "goes on with another question: ask as you asked for the first page; only the page size may change";
      throw new HttpError(400, `"${field}" ${why}`, { field });
    }
    return { number: body.readUInt32BE(0), begin: body.readUInt32BE(4) };
  }

  #signature(body: Buffer): Buffer {
    return createHmac("sha256", this.#key).update(body).digest().subarray(0, DIGEST_BYTES);
  }
}

/** The same for the same question, whatever is left out or empty. */
export function digestOf(name: string, question: object): Buffer {
  const given = Object.entries(question).filter(([, value]) => value !== undefined && value !== "");
  given.sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([name, given]))
    .digest()
    .subarray(0, DIGEST_BYTES);
}
