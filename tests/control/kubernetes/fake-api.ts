/** An API server with nothing in it, that can be away: lists are empty, watches have a bookmark and then nothing. */
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const BOOKMARK = `${JSON.stringify({ type: "BOOKMARK", object: { metadata: { uid: "", resourceVersion: "1" } } })}\n`;

export class FakeApi {
  /** "http://127.0.0.1:4711" */
  url = "";
  /** Resources that it refuses to list, "pods". */
  refused: ReadonlySet<string> = new Set();
  /** Connections that were opened to it. */
  connections = 0;
  #isAway = false;
  readonly #server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
    if (this.#isAway) request.socket.destroy();
    else if (pathname === "/version") response.end(JSON.stringify({ gitVersion: "v1.33.4" }));
    else if (this.refused.has(pathname.split("/").at(-1) ?? "")) refuse(response);
    else if (searchParams.has("watch")) response.write(BOOKMARK);
    else response.end(JSON.stringify({ metadata: { resourceVersion: "1" }, items: [] }));
  });

  static async start(): Promise<FakeApi> {
    const api = new FakeApi();
    api.#server.on("connection", () => (api.connections += 1));
    await new Promise<void>((resolve) => api.#server.listen(0, "127.0.0.1", resolve));
    api.url = `http://127.0.0.1:${(api.#server.address() as AddressInfo).port}`;
    return api;
  }

  goAway(): void {
    this.#isAway = true;
    this.closeConnections();
  }

  closeConnections(): void {
    this.#server.closeAllConnections();
  }

  comeBack(): void {
    this.#isAway = false;
  }

  /** A kubeconfig for it. */
  get kubeconfig(): string {
    return JSON.stringify({
      ...{ apiVersion: "v1", kind: "Config", "current-context": "fake", users: [{ name: "fake", user: {} }] },
      clusters: [{ name: "fake", cluster: { server: this.url, "insecure-skip-tls-verify": true } }],
      contexts: [{ name: "fake", context: { cluster: "fake", user: "fake" } }],
    });
  }

  async close(): Promise<void> {
    this.goAway();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function refuse(response: ServerResponse): void {
  response.statusCode = 403;
  response.end(JSON.stringify({ kind: "Status", code: 403, reason: "Forbidden", message: "no" }));
}
