import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compare } from "../../demo/conservation.ts";
import type { Senders } from "../../demo/conservation.ts";
import type { Totals } from "../../demo/control-client.ts";
import { freshness } from "../../demo/freshness.ts";
import { StreamTotals } from "../../demo/stream-totals.ts";

function senders(): Senders {
  return {
    shop: {
      http: [{ client: "front-end", server: "user", sent: 10, unclear: 0 }],
      tcp: [{ client: "user", server: "user-db", opened: 2 }],
      queries: [{ client: "user", server: "user-db", protocol: "postgresql", sent: 6, unclear: 0 }],
      inFlight: 0,
    },
    load: { rate: 0, sent: 5, unclear: 0, failed: 0, byStatus: {}, inFlight: 0, timeline: [] },
    namespace: "shop",
    entry: "edge-router",
    shopper: "external/clients",
  };
}

function totals(): Totals {
  return {
    edges: [
      { client: "external/clients", server: "shop/edge-router", protocol: "http", outcomes: { success: 5 } },
      { client: "shop/front-end", server: "shop/user", protocol: "http", outcomes: { success: 7, serverError: 3 } },
      { client: "shop/user", server: "shop/user-db", protocol: "tcp", outcomes: { success: 2 } },
      { client: "shop/user", server: "shop/user-db", protocol: "postgresql", outcomes: { success: 4, clientError: 2 } },
    ],
    losses: [],
  };
}

test("what was sent and counted alike differs by nothing", () => {
  const result = compare(senders(), totals());
  assert.equal([result.sent, result.counted, result.difference], [23, 23, 0]);
  assert.equal(result.edges[0], {
    client: "external/clients",
    server: "shop/edge-router",
    protocol: "http",
    sent: 5,
    counted: 5,
  });
});

test("one too many and one too few are two apart, not none", () => {
  const counted = totals();
  counted.edges[0] = { ...(counted.edges[0] as Totals["edges"][number]), outcomes: { success: 6 } };
  counted.edges[1] = { ...(counted.edges[1] as Totals["edges"][number]), outcomes: { success: 9 } };
  const result = compare(senders(), counted);
  assert.is(result.sent, result.counted);
  assert.is(result.difference, 2);
});

test("an edge that only one side knows counts as apart", () => {
  const counted = totals();
  counted.edges.push({ client: "unresolved/x", server: "shop/user", protocol: "http", outcomes: { success: 4 } });
  assert.is(compare(senders(), counted).difference, 4);
  assert.is(compare(senders(), { edges: [], losses: [] }).difference, 23);
});

test("freshness is from the mark before a request to the first total that includes it", () => {
  const done = [
    [1000, 0],
    [1100, 10],
    [1200, 20],
  ] as const;
  const shown = [
    [1500, 9],
    [2000, 10],
    [3000, 25],
  ] as const;
  // The first ten are a second old when they show (2000 - 1000), the others 1.9 s (3000 - 1100).
  assert.equal(freshness(done, shown), { p50: 1000, p99: 1900 });
});

test("freshness is unknown where the API never caught up or nothing was sent", () => {
  const done = [
    [1000, 0],
    [1100, 10],
  ] as const;
  assert.is(freshness(done, [[2000, 9]]), null);
  assert.is(freshness([], [[2000, 9]]), null);
});

test("the totals are read from the stream, however it is cut into pieces", async () => {
  const edge = (client: string, server: string, total: number) => ({ client, server, total });
  const event = (edges: unknown[]) => `event: snapshot\ndata: ${JSON.stringify({ edges })}\n\n`;
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const text =
      ": heartbeat\n\n" +
      event([edge("a", "shop/edge-router", 3), edge("b", "shop/edge-router", 4), edge("a", "shop/user", 100)]) +
      event([edge("a", "shop/edge-router", 9)]);
    void (async () => {
      for (let at = 0; at < text.length; at += 50) {
        response.write(text.slice(at, at + 50));
        await sleep(1);
      }
    })();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const totalsStream = new StreamTotals("shop/edge-router");
  try {
    await totalsStream.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    for (let tries = 0; totalsStream.points.length < 2 && tries < 250; tries += 1) await sleep(20);
    assert.equal(
      totalsStream.points.map(([, count]) => count),
      [7, 9],
    );
  } finally {
    await totalsStream.close();
    server.closeAllConnections();
    server.close();
  }
});

test.run();
