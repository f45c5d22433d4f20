import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";

export interface ListenAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface HttpListener {
  /** "host:port" as it is listened on. */
  readonly address: string;
  /** Stops listening and cuts what is open: event streams would never end by themselves. */
  close(): Promise<void>;
}

/** A browser holds up to six; 500 event streams and the short requests of their pages fit in. */
const maxConnections = 2000;

/**
 * Serves the app over HTTP/1.1, with limits on how slowly and how much a client may send.
 * @throws Error when the address cannot be listened on.
 */
export async function listenHttp(app: Hono, { host, port }: ListenAddress): Promise<HttpListener> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    createServer,
    serverOptions: { headersTimeout: 10_000, requestTimeout: 15_000, keepAliveTimeout: 30_000, maxHeaderSize: 16_384 },
  }) as ReturnType<typeof createServer>;
  server.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(new Error(`Listening for HTTP on ${host}:${port}`, { cause })));
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    address: `${host.includes(":") ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
