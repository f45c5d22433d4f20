import { Agent } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ExchangeError, exchange } from "../../demo/shop/http-exchange.ts";
import { ScriptedSidecar, answering, partsBehind } from "./scripted-sidecar.ts";

/** A peer that reads one request per connection and then does `react`. */
async function startPeer(react: (socket: Socket, request: string) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (data) => react(socket, data.toString("utf8")));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function fail(port: number, options: { agent?: Agent; timeoutMs?: number } = {}): Promise<ExchangeError> {
  const { agent = new Agent(), timeoutMs = 5_000 } = options;
  try {
    await exchange({ host: "127.0.0.1", port, agent, method: "GET", path: "/", headers: { host: "x" }, timeoutMs });
  } catch (error) {
    if (error instanceof ExchangeError) return error;
    throw error;
  }
  throw new Error("The exchange was expected to fail");
}

test("a refused connection leaves a request unsent", async () => {
  const peer = await startPeer(() => {});
  await peer.stop();
  const error = await fail(peer.port);
  assert.is(error.fate, "unsent");
  assert.not(error.timedOut);
  assert.match(error.message, `GET / at 127.0.0.1:${peer.port}`);
});

test("a request whose peer stays silent was sent", async () => {
  const peer = await startPeer(() => {});
  const error = await fail(peer.port, { timeoutMs: 100 });
  assert.is(error.fate, "sent");
  assert.ok(error.timedOut);
  await peer.stop();
});

test("a request that waits for a free connection until time is up is unsent", async () => {
  let requests = 0;
  const peer = await startPeer(() => (requests += 1));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const first = fail(peer.port, { agent, timeoutMs: 400 });
  const second = await fail(peer.port, { agent, timeoutMs: 100 });
  assert.is(second.fate, "unsent");
  assert.is((await first).fate, "sent");
  assert.is(requests, 1);
  await peer.stop();
});

test("a connection that breaks before the answer leaves it unclear", async () => {
  const peer = await startPeer((socket) => socket.destroy());
  assert.is((await fail(peer.port)).fate, "unclear");
  await peer.stop();
});

test("a kept connection that the peer closes under the second request leaves it unclear", async () => {
  let requests = 0;
  const peer = await startPeer((socket) => {
    requests += 1;
    if (requests === 1) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    else socket.destroy();
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const request = {
    host: "127.0.0.1",
    port: peer.port,
    agent,
    method: "GET",
    path: "/",
    headers: {},
    timeoutMs: 5_000,
  };
  assert.is((await exchange(request)).body.toString(), "ok");
  assert.is((await fail(peer.port, { agent })).fate, "unclear");
  assert.is(requests, 2, "nothing may be tried again");
  await peer.stop();
});

test("an answer that ends early was an answer", async () => {
  const peer = await startPeer((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"));
  assert.is((await fail(peer.port)).fate, "sent");
  await peer.stop();
});

test("an answer that is too long is refused", async () => {
  const peer = await startPeer((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${3 << 20}\r\n\r\n`);
    socket.write(Buffer.alloc(3 << 20, "x"));
  });
  const error = await fail(peer.port);
  assert.is(error.fate, "sent");
  assert.match(String((error.cause as Error).message), "longer than");
  await peer.stop();
});

test("a client counts what its sidecar received, by callee", async () => {
  const sidecar = await ScriptedSidecar.start((request, response) => {
    if (request.path === "/break") response.destroy();
    else if (request.path !== "/hang") return { status: request.path === "/bad" ? 503 : 200, json: {} };
    return undefined;
  });
  const { client, counters } = sidecar.partsFor("orders");
  const calls = [
    client.call("user", { path: "/customers/1" }),
    client.call("user", { path: "/bad" }),
    client.call("carts", { path: "/break" }).catch(() => {}),
    client.call("payment", { method: "POST", path: "/hang", body: { amount: 1 }, timeoutMs: 100 }).catch(() => {}),
  ];
  assert.is(counters.snapshot().inFlight, 4);
  await Promise.all(calls);
  assert.equal(counters.snapshot(), {
    http: [
      { client: "orders", server: "user", sent: 2, unclear: 0 },
      { client: "orders", server: "carts", sent: 0, unclear: 1 },
      { client: "orders", server: "payment", sent: 1, unclear: 0 },
    ],
    tcp: [],
    queries: [],
    inFlight: 0,
  });
  const posted = sidecar.seen.find(({ method }) => method === "POST");
  assert.is(posted?.server, "payment");
  assert.is(posted?.body, '{"amount":1}');
  await sidecar.stop();
});

test("a client whose sidecar is away counts nothing", async () => {
  const sidecar = await ScriptedSidecar.start(answering({}));
  const { client, counters } = partsBehind(sidecar.port, "orders");
  await sidecar.stop();
  const error = await client.call("user", { path: "/" }).catch((caught: unknown) => caught);
  assert.instance(error, ExchangeError);
  assert.equal(counters.snapshot().http, []);
});

test.run();
