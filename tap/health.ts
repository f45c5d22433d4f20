/**
 * Whether the tap is well, over HTTP, for a cluster's probes: `/healthz` is answered as long as it runs, `/readyz` with 503 and
 * the reasons while nothing is captured or control cannot be reached.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";

import { SettingsError } from "./settings.ts";

export interface HealthOptions {
  /** "host:port"; port 0 is any that is free. */
  readonly listen: string;
  /** What keeps the tap from its work, a sentence each. */
  readonly troubles: () => readonly string[];
}

/** Listens. Throws where that address cannot be had. */
export async function serveHealth({ listen, troubles }: HealthOptions): Promise<Server> {
  const server = createServer((request, response) => {
    const found = request.url === "/readyz" ? troubles() : [];
    const isKnown = request.url === "/readyz" || request.url === "/healthz";
    const status = isKnown ? (found.length > 0 ? 503 : 200) : 404;
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
    response.end(`${isKnown ? found.join("\n") || "ok" : "There are /healthz and /readyz"}\n`);
  });
  const [, host = "", port = ""] = /^\[?([^\]]*)\]?:(\d+)$/.exec(listen) ?? [];
  server.listen(Number(port), host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const why = (cause as Error).message;
    throw new SettingsError(`Health cannot be told at ${listen} (${why}). Choose another with --health`, { cause });
  }
  // Probes are no reason to go on.
  server.unref();
  return server;
}
