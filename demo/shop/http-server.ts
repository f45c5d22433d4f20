/** One service's own HTTP server on its own address. */
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import type { Server } from "node:http";
import type { Env } from "hono";
import type { Address } from "./address.ts";

/** How long a server that closes waits for what is under way before it cuts it off. */
const DRAIN_MS = 3_000;

export class ServiceServer {
  readonly #fetch: (request: Request) => Response | Promise<Response>;
  readonly #address: Address;
  #server: Server | undefined;
  #change: Promise<void> = Promise.resolve();

  constructor(app: Hono<Env & object>, address: Address) {
    this.#fetch = (request) => app.fetch(request);
    this.#address = address;
  }

  get isOpen(): boolean {
    return this.#server?.listening ?? false;
  }

  /** The port in use; 0 while closed. */
  get port(): number {
    const address = this.#server?.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  /** Accepts connections. @throws Error when the address is taken. */
  open(): Promise<void> {
    return this.#next(() => this.#listen());
  }

  /** Answers what is under way, then refuses connections. */
  close(): Promise<void> {
    return this.#next(() => this.#shut());
  }

  /** Runs the changes one after the other, so that a fault switched on and off quickly ends in the last state. */
  #next(change: () => Promise<void>): Promise<void> {
    const done = this.#change.then(change);
    this.#change = done.catch(() => {});
    return done;
  }

  async #listen(): Promise<void> {
    if (this.#server) return;
    const server = createAdaptorServer({ fetch: this.#fetch }) as Server;
    // The sidecar decides when an idle connection ends. A server that closes one first races with a request on it.
    server.keepAliveTimeout = 0;
    const { host, port } = this.#address;
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause) => reject(new Error(`Listening on ${host}:${port}`, { cause })));
      server.listen(port, host, resolve);
    });
    this.#server = server;
  }

  async #shut(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    // A connection that is busy now becomes idle later, hence the repetition.
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    const deadline = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    clearInterval(idle);
    clearTimeout(deadline);
  }
}
