import http from "node:http";
import https from "node:https";
import { apiErrorOf } from "./api-error.ts";
import { JsonLines } from "./json-lines.ts";
import { KeptConnections } from "./kept-connections.ts";

/** Where the API server is and how it is asked; client-node's KubeConfig is one. */
export interface Credentials {
  getCurrentCluster(): { readonly server: string } | null;
  /** Adds the token as it is now, the certificates and the proxy. */
  applyToHTTPSOptions(options: https.RequestOptions): Promise<void>;
}

export interface ApiRequest {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** What is sent, and its content type. */
  readonly body?: { readonly type: string; readonly content: object };
  /** From the root of the API: "/api/v1/pods?limit=500". */
  readonly path: string;
  readonly accept: string;
  /** An answer that stops coming for so long, milliseconds, has failed. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

/** An API server that took the request and says nothing is as good as away after this. */
const ANSWER_LIMIT_MS = 20_000;
/** Where there is a connection and nothing on it, the kernel asks after this. */
const KEEP_ALIVE_MS = 30_000;
/** A page of 500 pods is some 5 MB. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

/** Asks the API server. All it throws is an ApiError where the server said no, and a plain one where it said nothing. */
export class ApiServer {
  readonly #credentials: Credentials;
  readonly #connections = new KeptConnections();
  readonly #answerLimitMs: number;

  constructor(credentials: Credentials, answerLimitMs = ANSWER_LIMIT_MS) {
    this.#credentials = credentials;
    this.#answerLimitMs = answerLimitMs;
  }

  /** The whole answer. */
  async ask(request: ApiRequest): Promise<unknown> {
    const answer = await this.#open(request);
    return JSON.parse(await textOf(chunks(answer, request.idleMs), MAX_BODY_BYTES));
  }

  /** The lines of an answer as they come, until the server ends it. */
  async *lines(request: ApiRequest): AsyncGenerator {
    const answer = await this.#open(request);
    const lines = new JsonLines();
    for await (const chunk of chunks(answer, request.idleMs)) yield* lines.push(chunk);
  }

  async #open(asked: ApiRequest): Promise<http.IncomingMessage> {
    const { path, idleMs } = asked;
    const cluster = this.#credentials.getCurrentCluster();
    if (!cluster) throw new Error("The kubeconfig has no current context, or one of a cluster that it does not name");
    const sent = asked.body && Buffer.from(JSON.stringify(asked.body.content));
    const options = optionsOf(asked, sent);
    await this.#credentials.applyToHTTPSOptions(options);
    options.agent = this.#connections.of(options.agent);
    const url = new URL(cluster.server.replace(/\/+$/, "") + path);
    const answer = await this.#answerFrom(url, options, sent);
    const status = answer.statusCode ?? 0;
    if (status === 200 || status === 201) return answer;
    throw apiErrorOf(status, await textOf(chunks(answer, idleMs), MAX_ERROR_BYTES));
  }

  async #answerFrom(url: URL, options: https.RequestOptions, sent?: Buffer): Promise<http.IncomingMessage> {
    const request = (url.protocol === "http:" ? http : https).request(url, options);
    try {
      return await this.#answerTo(request, sent);
    } catch (error) {
      const wasClosed = request.reusedSocket && (error as NodeJS.ErrnoException).code === "ECONNRESET";
      if (!wasClosed || options.signal?.aborted) throw error;
      // The other side had closed a connection that was kept, in the moment in which it was used again.
      return await this.#answerFrom(url, options, sent);
    }
  }

  async #answerTo(request: http.ClientRequest, sent: Buffer | undefined): Promise<http.IncomingMessage> {
    const limitMs = this.#answerLimitMs;
    const timer = setTimeout(
      () => request.destroy(new Error(`The API server did not answer in ${limitMs} ms`)),
      limitMs,
    );
    try {
      return await new Promise((resolve, reject) => {
        request.once("response", resolve);
        // Not once: what breaks later is told to the answer too, and here to nobody.
        request.on("error", reject);
        request.once("socket", (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
        request.end(sent);
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

function optionsOf(
  { method = "GET", accept, body, signal }: ApiRequest,
  sent: Buffer | undefined,
): https.RequestOptions {
  const ofBody = body && sent ? { "Content-Type": body.type, "Content-Length": sent.length } : {};
  return { method, headers: { Accept: accept, "User-Agent": "sidelight", ...ofBody }, signal };
}

async function* chunks(answer: http.IncomingMessage, idleMs: number): AsyncGenerator<Buffer> {
  const timer = setTimeout(() => answer.destroy(new Error(`The API server fell silent for ${idleMs} ms`)), idleMs);
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      timer.refresh();
      yield chunk;
    }
  } finally {
    clearTimeout(timer);
    answer.destroy();
  }
}

async function textOf(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const read: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`The API server's answer is longer than ${maxBytes} bytes`);
    read.push(chunk);
  }
  return Buffer.concat(read).toString("utf8");
}
