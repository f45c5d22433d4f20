/** An HTTP proxy in front of a real InfluxDB that does to single requests what networks and busy servers do. */
import { createServer, request as send } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** A request as the test sees it. */
export interface Seen {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: Buffer;
}

/**
 * What becomes of a request. `refuse`: the connection breaks before InfluxDB has it. `lose`: InfluxDB does it, the answer is
 * lost. `stall`: nothing ever comes.
 */
export type Fault =
  | "refuse"
  | "lose"
  | "stall"
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: object };

export class InfluxProxy {
  /** Asked for each request; undefined lets it pass. */
  fault: (seen: Seen) => Fault | undefined = () => undefined;
  /** Requests that came, whatever became of them. */
  readonly seen: Seen[] = [];
  readonly #server: Server;
  readonly #target: number;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    server.on("request", (request, response) => void this.#handle(request, response));
  }

  /** Starts one before the InfluxDB at a port of this machine. */
  static async start(target: number): Promise<InfluxProxy> {
    const proxy = new InfluxProxy(createServer(), target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Writes of points that came. */
  get writes(): number {
    return this.seen.filter(({ path }) => path.startsWith("/api/v2/write")).length;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const seen = { method: request.method ?? "", path: request.url ?? "", body: Buffer.concat(parts) };
    this.seen.push(seen);
    const fault = this.fault(seen);
    if (fault === "stall") return;
    if (fault === "refuse") return void request.socket.destroy();
    if (typeof fault === "object") {
      response.writeHead(fault.status, { "content-type": "application/json", ...fault.headers });
      return void response.end(JSON.stringify(fault.body ?? { code: "unavailable", message: "as the test wants it" }));
    }
    this.#forward(request, seen.body, fault === "lose" ? undefined : response);
  }

  /** Without a response, InfluxDB's is thrown away and the connection broken. */
  #forward(request: IncomingMessage, body: Buffer, response: ServerResponse | undefined): void {
    const { method, url: path, headers } = request;
    const options = { host: "127.0.0.1", port: this.#target, method, path, headers };
    const onward = send(options, (answer) => {
      if (response) {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      } else {
        answer.resume().on("end", () => request.socket.destroy());
      }
    });
    onward.on("error", () => request.socket.destroy());
    onward.end(body);
  }
}
