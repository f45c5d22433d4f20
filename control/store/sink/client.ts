import { promisify } from "node:util";
import { gzip } from "node:zlib";

const compress = promisify(gzip);

/** Lines of one request, and milliseconds until it is given up. */
const LINES_A_WRITE = 5_000;
const TIMEOUT_MS = 20_000;
/** The longest wait that a server's Retry-After is given, milliseconds. */
const LONGEST_WAIT_MS = 300_000;
/** How often one slot may be halved to find the points that a server refuses; past it the whole part is given up. */
const MAX_HALVINGS = 64;

/** Where points go, in InfluxDB's line protocol. */
export interface SinkServer {
  /** What `/api/v2/write` is below. */
  readonly url: string;
  /** Read at each request, since a secret that is mounted may be renewed; undefined where none is needed. */
  readonly token: () => string | undefined;
  readonly org: string;
  readonly bucket: string;
}

/** The sink did not take what it was given; it is to be given it again. */
export class SinkError extends Error {
  override readonly name = "SinkError";
  /** 0 where there was no answer. */
  readonly status: number;
  readonly retryAfterMs: number;

  constructor(
    message: string,
    { status, retryAfterMs = 0 }: { status: number; retryAfterMs?: number },
    cause?: unknown,
  ) {
    super(message, { cause });
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

export class SinkClient {
  readonly #server: SinkServer;
  readonly #onRefused: (points: number, error: Error) => void;
  readonly #closing = new AbortController();
  #halvings = 0;

  /** @param onRefused told of points that the server takes for nonsense; they are given up */
  constructor(server: SinkServer, onRefused: (points: number, error: Error) => void) {
    this.#server = server;
    this.#onRefused = onRefused;
  }

  /** Breaks off what is under way. */
  close(): void {
    this.#closing.abort();
  }

  /** Writes lines, one request after the other. Throws a SinkError when any of them is to be tried again. */
  async write(lines: readonly string[]): Promise<void> {
    this.#halvings = 0;
    for (let at = 0; at < lines.length; at += LINES_A_WRITE) await this.#some(lines.slice(at, at + LINES_A_WRITE));
  }

  async #some(lines: readonly string[]): Promise<void> {
    try {
      await this.#post(lines.join("\n"));
    } catch (error) {
      const { status } = error as SinkError;
      if (status !== 400 && status !== 413 && status !== 422) throw error;
      if (lines.length === 1 || this.#halvings >= MAX_HALVINGS)
        return this.#onRefused(lines.length, error as SinkError);
      this.#halvings++;
      await this.#some(lines.slice(0, lines.length >> 1));
      await this.#some(lines.slice(lines.length >> 1));
    }
  }

  async #post(text: string): Promise<void> {
    const { url, org, bucket } = this.#server;
    const where = new URLSearchParams({ org, bucket, precision: "ms" });
    const doing = `Writing to the sink at ${url}`;
    const response = await this.#send(`${url.replace(/\/$/, "")}/api/v2/write?${where.toString()}`, text).catch(
      (cause: unknown) => {
        const { message, cause: deeper } = cause as Error;
        const why = deeper instanceof Error ? deeper.message : message;
        throw new SinkError(`${doing}: no answer (${why})`, { status: 0 }, cause);
      },
    );
    const words = (await response.text().catch(() => "")).slice(0, 300);
    if (response.ok) return;
    const waitMs = Number(response.headers.get("retry-after") ?? 0) * 1_000 || 0;
    const isToken = response.status === 401 || response.status === 403;
    const mend = isToken ? ". Set SIDELIGHT_SINK_TOKEN to a token that may write" : "";
    throw new SinkError(`${doing}: ${response.status} ${words}${mend}`, {
      status: response.status,
      retryAfterMs: Math.min(waitMs, LONGEST_WAIT_MS),
    });
  }

  async #send(address: string, text: string): Promise<Response> {
    const token = this.#server.token();
    return await fetch(address, {
      method: "POST",
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "content-encoding": "gzip",
        ...(token && { authorization: `Token ${token}` }),
      },
      body: await compress(text),
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  }
}
