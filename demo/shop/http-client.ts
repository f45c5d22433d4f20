/**
 * How a service calls another: over HTTP, through its own sidecar, which finds the callee by the Host header. In a cluster what is sent to
 * the callee itself comes to the sidecar.
 */
import { Agent } from "node:http";
import type { z } from "zod";
import type { Address } from "./address.ts";
import type { Counters } from "./counters.ts";
import { ExchangeError, exchange } from "./http-exchange.ts";
import type { Answer } from "./http-exchange.ts";
import type { ServiceName } from "./names.ts";

/** Longer than the 15 s after which Envoy gives up by default, so that its answer is seen. */
const DEFAULT_TIMEOUT_MS = 20_000;
/** Where every service listens in a cluster. */
export const SERVICE_PORT = 80;
/** Connections to the own sidecar; calls beyond wait for one. */
const MAX_SOCKETS = 256;

export interface Call {
  readonly method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE" | (string & {});
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is bytes. */
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

export interface ServiceClientOptions {
  readonly client: ServiceName;
  /** The HTTP listener of the own sidecar; without one the callee's own name is asked. */
  readonly outbound: Address | undefined;
  readonly counters: Counters;
}

export class ServiceClient {
  readonly #options: ServiceClientOptions;
  // Idle connections are kept (up to 256): the sidecar leaves them open for an hour, so that none is closed under a
  // request that is being written.
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });

  constructor(options: ServiceClientOptions) {
    this.#options = options;
  }

  /**
   * Sends one request to `server`, whatever comes of it, and counts it.
   * @throws ExchangeError when there is no complete answer.
   */
  call(server: ServiceName, call: Call): Promise<Answer> {
    return this.#options.counters.during(this.#send(server, call));
  }

  async #send(server: ServiceName, call: Call): Promise<Answer> {
    const { client, outbound, counters } = this.#options;
    const isJson = call.body !== undefined && !Buffer.isBuffer(call.body);
    const headers: Record<string, string> = { ...call.headers, host: server };
    if (isJson) headers["content-type"] = "application/json";
    try {
      const answer = await exchange({
        ...(outbound ?? { host: server, port: SERVICE_PORT }),
        agent: this.#agent,
        method: call.method ?? "GET",
        path: call.path,
        headers,
        body: isJson ? JSON.stringify(call.body) : call.body,
        timeoutMs: call.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      });
      counters.request(client, server, "sent");
      return answer;
    } catch (error) {
      if (error instanceof ExchangeError && error.fate !== "unsent") counters.request(client, server, error.fate);
      throw error;
    }
  }

  /** Closes all connections. */
  close(): void {
    this.#agent.destroy();
  }
}

/** @throws Error when the body is not JSON of the form that `schema` describes. */
export function readJson<T>(answer: Answer, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(answer.body.toString("utf8")));
  } catch (cause) {
    throw new Error(`Reading the body of an answer with status ${answer.status}`, { cause });
  }
}
