import { InfluxDB } from "@influxdata/influxdb-client";
import type { Transport } from "@influxdata/influxdb-client";
import { fluxRows } from "./flux-rows.ts";
import type { FluxRow } from "./flux-rows.ts";
import { InfluxError } from "./influx-error.ts";
import { CHUNK_POINTS, GZIP_ABOVE_BYTES, LINES_A_WRITE, LONGEST_WAIT_MS } from "./limits.ts";
import { QUERY_TIMEOUT_MS, SETUP_TIMEOUT_MS, WRITE_TIMEOUT_MS } from "./limits.ts";

/** Where InfluxDB is, and what it is to be told. */
export interface InfluxServer {
  readonly url: string;
  /** The token; asked for again when InfluxDB has refused it. */
  readonly token: () => string;
  readonly org: string;
}

/** Why a point was given up: older than its bucket keeps, or not taken for what it is. */
export type DropReason = "retention" | "refused";

/** One series of an answer: what its points share, and the points, one array each, in the order of `columns`. */
export interface Series {
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (string | number | null)[])[];
}

interface Answer {
  readonly results?: readonly { readonly series?: readonly Series[]; readonly error?: string }[];
  readonly error?: string;
}

/**
 * Writing to and reading from one InfluxDB, over the transport of its client: a write is over when the server has
 * answered it (the client's own WriteApi forgets what it flushes by itself). Reads are in InfluxQL, which gives the tags
 * once a series and the fields of a point side by side, and in Flux where whole slots of many series are wanted (flux.ts).
 *
 * Throws InfluxErrors.
 */
export class InfluxClient {
  #connected: InfluxDB | undefined;
  readonly #server: InfluxServer;
  readonly #onDropped: (reason: DropReason, points: number, error: Error) => void;
  readonly #closing = new AbortController();
  #quietUntil = 0;

  constructor(server: InfluxServer, onDropped: (reason: DropReason, points: number, error: Error) => void) {
    this.#server = server;
    this.#onDropped = onDropped;
  }

  /** For the client's API classes. Throws where the token cannot be had. */
  get influx(): InfluxDB {
    if (!this.#connected) {
      const { url, token } = this.#server;
      try {
        this.#connected = new InfluxDB({ url, token: token(), timeout: SETUP_TIMEOUT_MS });
      } catch (cause) {
        throw new InfluxError(`Connecting to the InfluxDB at ${url}`, cause);
      }
    }
    return this.#connected;
  }

  /** What InfluxDB answered instead, or why it did not. A token that it refuses is asked for again the next time. */
  failure(doing: string, cause: unknown): InfluxError {
    if (cause instanceof InfluxError) return cause;
    const error = new InfluxError(doing, cause);
    if (error.isForbidden) this.#connected = undefined;
    return error;
  }

  get org(): string {
    return this.#server.org;
  }

  /** Breaks off what is under way. */
  close(): void {
    this.#closing.abort();
  }

  /** Writes lines, in order, one request after the other. What the server takes for nonsense is counted and passed over. */
  async write(bucket: string, lines: readonly string[]): Promise<void> {
    for (let at = 0; at < lines.length; at += LINES_A_WRITE) {
      await this.#writeSome(bucket, lines.slice(at, at + LINES_A_WRITE));
    }
  }

  async #writeSome(bucket: string, lines: readonly string[]): Promise<void> {
    try {
      await this.#post(bucket, lines.join("\n"));
    } catch (error) {
      const why = error as InfluxError;
      if (!why.isTooLarge && !why.isRefused) throw why;
      const points = why.dropped ?? (lines.length === 1 ? 1 : undefined);
      if (points !== undefined) return this.#onDropped(why.isTooOld ? "retention" : "refused", points, why);
      // Halves find the points that are meant, and bodies that are small enough.
      await this.#writeSome(bucket, lines.slice(0, lines.length >> 1));
      await this.#writeSome(bucket, lines.slice(lines.length >> 1));
    }
  }

  async #post(bucket: string, body: string): Promise<void> {
    const where = new URLSearchParams({ org: this.#server.org, bucket, precision: "ns" });
    const doing = `Writing to ${bucket} of the InfluxDB at ${this.#server.url}`;
    await this.#asked(doing, WRITE_TIMEOUT_MS, (transport, signal) => {
      const headers = { "content-type": "text/plain; charset=utf-8" };
      const options = { method: "POST", headers, gzipThreshold: GZIP_ABOVE_BYTES, signal };
      return transport.request(`/api/v2/write?${where.toString()}`, body, options);
    });
  }

  /**
   * The series of an answer, a chunk at a time; one series may come in several.
   *
   * @param epoch unit of the column "time": milliseconds as numbers, or nanoseconds as text (RFC 3339)
   * @param given aborted when nobody waits for the answer any more: the connection is cut, and with it InfluxDB's work
   */
  async *select(
    bucket: string,
    query: string,
    epoch: "ms" | "text" = "ms",
    given?: AbortSignal,
  ): AsyncGenerator<Series> {
    const form = new URLSearchParams({ db: bucket, q: query, chunked: "true", chunk_size: String(CHUNK_POINTS) });
    if (epoch === "ms") form.set("epoch", "ms");
    const signal = this.#signal(QUERY_TIMEOUT_MS, given);
    const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" };
    try {
      const options = { method: "POST", headers, signal };
      const chunks = this.influx.transport.iterate("/query", form.toString(), options);
      for await (const line of linesOf(chunks)) {
        const { results = [], error } = JSON.parse(line) as Answer;
        const wrong = error ?? results.find((result) => result.error)?.error;
        if (wrong) throw new Error(wrong);
        for (const { series = [] } of results) yield* series;
      }
    } catch (cause) {
      given?.throwIfAborted();
      throw this.failure(this.#reading(bucket), cause);
    }
  }

  /** The rows of an answer in Flux, a piece at a time as they come. `given` is that of `select`. */
  async *flux(bucket: string, query: string, given?: AbortSignal): AsyncGenerator<FluxRow[]> {
    const where = new URLSearchParams({ org: this.#server.org });
    const signal = this.#signal(QUERY_TIMEOUT_MS, given);
    const headers = { "content-type": "application/json; charset=utf-8", accept: "application/csv" };
    const body = JSON.stringify({ query, type: "flux", dialect: { header: true, annotations: [] } });
    try {
      const options = { method: "POST", headers, signal };
      yield* fluxRows(this.influx.transport.iterate(`/api/v2/query?${where.toString()}`, body, options));
    } catch (cause) {
      given?.throwIfAborted();
      throw this.failure(this.#reading(bucket), cause);
    }
  }

  #reading(bucket: string): string {
    return `Reading ${bucket} of the InfluxDB at ${this.#server.url}`;
  }

  async #asked(
    doing: string,
    timeoutMs: number,
    ask: (transport: Transport, signal: AbortSignal) => Promise<unknown>,
  ): Promise<void> {
    const waitMs = this.#quietUntil - performance.now();
    if (waitMs > 0) {
      throw new InfluxError(doing, new Error(`it asked to be left alone for ${Math.ceil(waitMs)} ms more`));
    }
    try {
      await ask(this.influx.transport, this.#signal(timeoutMs));
    } catch (cause) {
      const error = this.failure(doing, cause);
      this.#quietUntil = performance.now() + Math.min(error.retryAfterMs, LONGEST_WAIT_MS);
      throw error;
    }
  }

  #signal(timeoutMs: number, given?: AbortSignal): AbortSignal {
    return AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs), ...(given ? [given] : [])]);
  }
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      parts.push(chunk.subarray(from, end));
      const line = Buffer.concat(parts).toString("utf8");
      parts = [];
      from = end + 1;
      if (line.trim() !== "") yield line;
    }
    parts.push(chunk.subarray(from));
  }
  const rest = Buffer.concat(parts).toString("utf8");
  if (rest.trim() !== "") yield rest;
}

const LINE_FEED = 0x0a;
