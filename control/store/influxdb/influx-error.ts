import { HttpError } from "@influxdata/influxdb-client";
import { StoreAwayError } from "../errors.ts";

/** What InfluxDB answered instead of doing what it was asked, or that it did not answer. */
export class InfluxError extends StoreAwayError {
  override readonly name = "InfluxError";
  /** The HTTP status, 0 where there was no answer. */
  readonly status: number;
  /** Milliseconds that the server asks to be left alone. */
  readonly retryAfterMs: number;

  constructor(doing: string, cause: unknown) {
    const { status, words, retryAfterMs } = read(cause);
    super(`${doing}: ${words}${mendOf(status, words)}`, { cause });
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }

  /** The body has more bytes than the server takes. */
  get isTooLarge(): boolean {
    return this.status === 413;
  }

  /** The server cannot make sense of (some of) the points. The same again would be refused again. */
  get isRefused(): boolean {
    return this.status === 400 || this.status === 422;
  }

  /** Of a refused write, how many points were left out while the others were taken; undefined where none was taken. */
  get dropped(): number | undefined {
    const [, dropped] = /partial write: .*dropped=(\d+)/s.exec(this.message) ?? [];
    return dropped === undefined ? undefined : Number(dropped);
  }

  /** The points are older than the bucket keeps them. */
  get isTooOld(): boolean {
    return this.message.includes("retention policy");
  }

  /** A bucket, or the organisation, is not there. */
  get isMissing(): boolean {
    return this.status === 404;
  }

  get isForbidden(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

function read(cause: unknown): { status: number; words: string; retryAfterMs: number } {
  if (cause instanceof HttpError) {
    const words = messageOf(cause.body) ?? cause.message;
    // Seconds; the client reads them as milliseconds.
    const retryAfterMs = Number(cause.headers?.["retry-after"] ?? 0) * 1_000 || 0;
    return { status: cause.statusCode, words: `${cause.statusCode} ${words}`, retryAfterMs };
  }
  const { code, message } = cause as NodeJS.ErrnoException;
  return { status: 0, words: message || code || String(cause), retryAfterMs: 0 };
}

function messageOf(body: string | undefined): string | undefined {
  try {
    const { message } = JSON.parse(body ?? "") as { message?: unknown };
    return typeof message === "string" ? message : undefined;
  } catch {
    return body;
  }
}

function mendOf(status: number, words: string): string {
  // InfluxDB answers 401 to both a token that it does not know and one that may not do this; then it names the right.
  if (status === 401 && !words.includes("is unauthorized"))
    return ". The token is not valid (any more): set SIDELIGHT_INFLUX_TOKEN to one that is";
  if (status === 401 || status === 403) {
    return ". Give the token the right to read and write the buckets of the organisation, and to make them";
  }
  return "";
}
