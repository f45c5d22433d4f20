/**
 * One HTTP request and its answer, with the one thing that ready-made clients do not tell: whether the peer received
 * the request. There are no retries, so a call is at most one request on the wire.
 */
import { request as openRequest } from "node:http";
import type { Agent, IncomingHttpHeaders, IncomingMessage } from "node:http";

/** Longest answer body that is kept in memory, in bytes. */
const MAX_BODY_BYTES = 1 << 20;

export interface ExchangeRequest {
  readonly host: string;
  readonly port: number;
  readonly agent: Agent;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  /** From the call to the end of the answer. */
  readonly timeoutMs: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * What became of a request that has no complete answer.
 *
 * - `unsent`: it never left; no connection, or none was free in time.
 * - `sent`: it was received: the answer had begun, or the connection stood until this side gave up.
 * - `unclear`: it was written, and the peer broke the connection before it answered a byte.
 */
export type Fate = "unsent" | "sent" | "unclear";

export class ExchangeError extends Error {
  readonly fate: Fate;
  readonly timedOut: boolean;

  constructor(message: string, options: { fate: Fate; timedOut: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "ExchangeError";
    this.fate = options.fate;
    this.timedOut = options.timedOut;
  }
}

/** @throws ExchangeError when there is no complete answer. A status of 500 is an answer. */
export function exchange(request: ExchangeRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { host, port, agent, method, path, body } = request;
    const headers: Record<string, string | number> = { ...request.headers };
    if (body !== undefined) headers["content-length"] = Buffer.byteLength(body);
    const outgoing = openRequest({ host, port, agent, method, path, headers, setHost: false });

    let written = false;
    let answered = false;
    let settled = false;
    const settle = (finish: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      finish();
    };
    const fail = (why: string, options: { fate: Fate; timedOut: boolean; cause?: unknown }): void => {
      settle(() => reject(new ExchangeError(`${method} ${path} at ${host}:${port}: ${why}`, options)));
      outgoing.destroy();
    };

    const timer = setTimeout(
      () => fail(`no answer in ${request.timeoutMs} ms`, { fate: written ? "sent" : "unsent", timedOut: true }),
      request.timeoutMs,
    );
    // "finish" comes when the kernel has taken the last byte, not when it was handed to the socket.
    outgoing.once("finish", () => (written = true));
    outgoing.on("error", (cause) => {
      const fate = answered ? "sent" : written ? "unclear" : "unsent";
      fail("the connection failed", { fate, timedOut: false, cause });
    });
    outgoing.once("response", (incoming) => {
      answered = true;
      readBody(incoming).then(
        (bytes) => settle(() => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: bytes })),
        (cause: unknown) => fail("the answer ended early", { fate: "sent", timedOut: false, cause }),
      );
    });
    outgoing.end(body);
  });
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`The body is longer than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes);
}
