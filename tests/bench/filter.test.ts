/** The benchmark compares like with like: all receivers end up with the same figures for the same requests. */
import type { AddressInfo, Server } from "node:net";

import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Figures } from "../../bench/filter/aggregate.ts";
import { benchBootstrap } from "../../bench/filter/bootstrap.ts";
import type { Parts } from "../../bench/filter/bootstrap.ts";
import { Http1Client, http1Responder } from "../../bench/filter/http1.ts";
import { Http2Client, http2Responder } from "../../bench/filter/http2.ts";
import { load } from "../../bench/filter/load.ts";
import { routeOf } from "../../bench/filter/log-aggregator.ts";
import { Receiver } from "../../bench/filter/receiver.ts";
import { requests, rpcs } from "../../bench/filter/requests.ts";
import type { Side } from "../../bench/filter/requests.ts";
import { RECEIVERS, receiverOf } from "../../bench/filter/variants.ts";
import type { ReceiverName, Variant } from "../../bench/filter/variants.ts";
import { startEnvoy } from "../envoy.ts";

/** A multiple of 100, after which the responder's answers begin anew. */
const REQUESTS = 1000;

interface Traffic {
  readonly protocol: Parts["protocol"];
  readonly side: Side;
}

const VARIANTS: readonly Variant[] = [
  "Sidelight filter",
  "Sidelight access logger",
  "gRPC access log",
  "gRPC access log, generated decoder",
];

/** Sends the same requests past all that report; what each receiver has. */
async function figuresOfAll({ protocol, side }: Traffic): Promise<Record<ReceiverName, Figures>> {
  const responder = protocol === "http1" ? http1Responder(300) : http2Responder(300, protocol);
  const started = await Promise.all(RECEIVERS.map((name) => Receiver.start(name)));
  const ports = Object.fromEntries(started.map(({ name, port }) => [name, port]));
  const parts = { protocol, side, variants: VARIANTS, emptyFilter: "", app: await listen(responder), receivers: ports };
  const envoy = await startEnvoy(benchBootstrap(parts));
  try {
    for (const variant of VARIANTS) {
      const client = await connect({ protocol, side }, envoy.port(variant));
      await load([client], { requests: REQUESTS });
      client.close();
      started.find(({ name }) => name === receiverOf(variant))?.expect(REQUESTS);
    }
    await Promise.all(started.map((receiver) => receiver.arrived()));
    const figures = started.map(async (receiver) => [receiver.name, await receiver.figures()] as const);
    return Object.fromEntries(await Promise.all(figures)) as Record<ReceiverName, Figures>;
  } finally {
    await envoy.stop();
    for (const receiver of started) await receiver.stop();
    responder.close();
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** One request at a time, so that each meets the same answer every time. */
async function connect({ protocol, side }: Traffic, port: number): Promise<Http1Client | Http2Client> {
  if (protocol === "http1") return await Http1Client.connect(port, "127.0.0.1", requests("small", side));
  const list = protocol === "grpc" ? rpcs(side) : requests("small", side);
  return await Http2Client.connect(port, "127.0.0.1", list, 1);
}

/** Requests by key, with the ports of the machine taken out. */
function counts(figures: Figures, times = 1): Record<string, number> {
  return Object.fromEntries(
    Object.entries(figures)
      .map(([key, { count }]) => [key.replace(/^127\.0\.0\.1:\d+/, "host"), count / times] as const)
      .sort(),
  );
}

/** All keys that end so, together. */
function total(figures: Figures, end: string): number {
  return Object.entries(counts(figures)).reduce((sum, [key, count]) => sum + (key.endsWith(end) ? count : 0), 0);
}

for (const traffic of [
  { protocol: "http1", side: "inbound" },
  { protocol: "http2", side: "outbound" },
  { protocol: "grpc", side: "inbound" },
] as const) {
  test(`${traffic.protocol}, ${traffic.side}: the same figures at all receivers`, async () => {
    const { sidelight, "access-log": accessLog, "access-log-generated": generated } = await figuresOfAll(traffic);
    assert.equal(counts(sidelight, 2), counts(accessLog));
    assert.equal(counts(generated), counts(accessLog));
    const isRpc = traffic.protocol === "grpc";
    assert.is(total(accessLog, isRpc ? " 3 13" : " 3 500"), REQUESTS / 100);
    assert.is(total(accessLog, isRpc ? " 2 5" : " 2 404"), REQUESTS / 100);
    for (const { count, buckets } of [sidelight, accessLog, generated].flatMap((figures) => Object.values(figures))) {
      const timed = buckets.reduce((sum, value, at) => (at % 2 === 1 ? sum + value : sum), 0);
      assert.is(timed, count, "every request has its latency");
    }
  });
}

test("the access log's receiver makes templates of paths as the filter does", () => {
  assert.is(routeOf("/"), "/");
  assert.is(routeOf("/catalogue?tags=1"), "/catalogue");
  assert.is(routeOf("/orders/10042/items/7"), "/orders/{id}/items/{id}");
  assert.is(routeOf("/catalogue/03fef6ac-1896-4ce8-bd69-b798f85c6e0b"), "/catalogue/{id}");
  assert.is(routeOf("/v1/oauth2"), "/v1/oauth2");
});

test.run();
