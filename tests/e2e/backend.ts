/**
 * A server that answers what the request's headers ask for: `x-status` after `x-delay` milliseconds. A process of its
 * own, so that its work does not sit between the load's clock and the sidecar's. Prints its port.
 *
 *     node --import tsx tests/e2e/backend.ts [HOST]
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  const status = Number(request.headers["x-status"] ?? 200);
  const delayMs = Number(request.headers["x-delay"] ?? 0);
  const answer = () => {
    response.writeHead(status, { "content-type": "text/plain" });
    response.end(status === 204 ? undefined : "answer\n");
  };
  request.resume();
  request.on("end", () => {
    if (delayMs > 0) setTimeout(answer, delayMs);
    else answer();
  });
});

server.listen(0, process.argv[2] ?? "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
