/** Stands where a service's sidecar would: takes every request, keeps it, and answers as the test says. */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { Counters } from "../../demo/shop/counters.ts";
import { FaultSwitches } from "../../demo/shop/fault-switches.ts";
import { ServiceClient } from "../../demo/shop/http-client.ts";
import type { ServiceName } from "../../demo/shop/names.ts";

export interface SeenRequest {
  readonly server: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface ScriptedAnswer {
  readonly status?: number;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

/** Returns the answer, or takes the response into its own hands and returns nothing. */
export type Script = (request: SeenRequest, response: ServerResponse) => ScriptedAnswer | undefined;

export class ScriptedSidecar {
  readonly seen: SeenRequest[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(script: Script): Promise<ScriptedSidecar> {
    const server = createServer((incoming, response) => {
      void take(incoming).then((request) => {
        sidecar.seen.push(request);
        const answer = script(request, response);
        if (!answer) return;
        response.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers });
        response.end(answer.json === undefined ? undefined : JSON.stringify(answer.json));
      });
    });
    const sidecar = new ScriptedSidecar(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return sidecar;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** "METHOD server path" of every request, in the order of arrival. */
  get lines(): string[] {
    return this.seen.map(({ method, server, path }) => `${method} ${server} ${path}`);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** What a service needs to work behind this sidecar. */
  partsFor(client: ServiceName) {
    return partsBehind(this.port, client);
  }
}

/** What a service needs to work behind a sidecar at `port`. */
export function partsBehind(port: number, client: ServiceName) {
  const counters = new Counters();
  return {
    client: new ServiceClient({ client, outbound: { host: "127.0.0.1", port }, counters }),
    counters,
    faults: new FaultSwitches(),
    log: pino({ level: "silent" }),
  };
}

/** A sidecar that answers each "METHOD server path" from a table, and 404 to anything else. */
export function answering(table: Readonly<Record<string, ScriptedAnswer>>): Script {
  return ({ method, server, path }) =>
    table[`${method} ${server} ${path}`] ?? { status: 404, json: { error: "unscripted" } };
}

async function take(incoming: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return {
    server: incoming.headers.host ?? "",
    method: incoming.method ?? "",
    path: incoming.url ?? "",
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}
