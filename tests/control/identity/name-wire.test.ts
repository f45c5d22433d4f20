import { test } from "uvu";
import * as assert from "uvu/assert";
import { Batch, Outcome, Protocol, ReporterKind, Side } from "#proto/ingest.ts";
import { nodeOfTap, tapOn } from "../../../control/identity/identities.ts";
import { ExternalHosts } from "../../../control/identity/external-hosts.ts";
import { parseInventoryFile } from "../../../control/identity/inventory-file.ts";
import { InventoryTable } from "../../../control/identity/inventory-table.ts";
import { nameWindow } from "../../../control/identity/name-window.ts";
import type { ReportedWindow } from "../../../control/identity/observation.ts";
import { batchOf } from "../batches.ts";
import type { CounterWords } from "../batches.ts";
import { helloOf } from "../reporter-client.ts";

/** What the node of the tap is known by on the network of its pods. */
const OWN = "10.0.9.1";
const START = Date.parse("2026-03-01T12:00:00Z");

const inventory = new InventoryTable(
  parseInventoryFile(`
clusterCidrs: [10.0.0.0/8]
workloads:
  - { namespace: shop, name: orders, addresses: [{ address: 10.0.0.1, pod: orders-1, node: n1 }, { address: 10.0.0.2, pod: orders-2, node: n2 }] }
  - { namespace: shop, name: db, role: store, addresses: [{ address: 10.0.0.5, pod: db-0, node: n2 }] }
`),
);

const ask = (client: string, address: string): CounterWords => ({
  ...{ side: Side.SIDE_WIRE, protocol: Protocol.PROTOCOL_POSTGRESQL, peer: { client, address } },
  ...{ method: "", route: "SELECT ?", status: 0, count: 3, buckets: [10, 3] },
});

/** What a tap on a node says, where these nodes have taps. */
function heardOn(
  node: string,
  tapped: readonly string[],
  counters: readonly CounterWords[],
  onHeard: (...heard: readonly string[]) => void = () => undefined,
): ReportedWindow {
  const received = {
    hello: helloOf({ instance: "f".repeat(32), kind: ReporterKind.REPORTER_KIND_TAP, nodeId: node, addresses: [OWN] }),
    ...{ receivedMs: START + 1_050, sentMs: START + 1_050, clockOffsetMs: 0 },
    batch: Batch.encode(batchOf(counters, { startMs: START, durationMs: 1_000 })).finish(),
  };
  const isTapped = (other: string): boolean => tapped.includes(other);
  return nameWindow(received, { inventory, externalHosts: new ExternalHosts(), isTapped, onHeard });
}

const edgesOf = ({ observations }: ReportedWindow): string[] =>
  observations.map(({ side, client, server, protocol, count }) => `${side} ${client}>${server}/${protocol} ${count}`);

test("both ends of what a tap heard are named by their addresses, with their pods", () => {
  const window = heardOn("n2", ["n2"], [ask("10.0.0.1", "10.0.0.5:5432"), ask("10.0.0.2", "10.0.0.5:5432")]);
  assert.equal(edgesOf(window), ["wire shop/orders>shop/db/postgresql 6"], "two pods of one workload are one edge");
  assert.equal(
    window.pods.map(({ client, server, count, buckets }) => [client.pod, server.pod, count, buckets]),
    [
      ["shop/orders-1", "shop/db-0", 3, [10, 3]],
      ["shop/orders-2", "shop/db-0", 3, [10, 3]],
    ],
  );
  assert.is(window.reporter, "tap/n2");
  assert.equal(window.nodes.map(({ id }) => id).sort(), ["shop/db", "shop/orders", "tap/n2"]);
});

test("the version of HTTP tells no edges apart", () => {
  const http = (protocol: Protocol): CounterWords => ({ ...ask("10.0.0.1", "10.0.0.5:80"), protocol });
  const window = heardOn("n2", [], [http(Protocol.PROTOCOL_HTTP), http(Protocol.PROTOCOL_HTTP2)]);
  assert.equal(edgesOf(window), ["wire shop/orders>shop/db/http 6"]);
});

test("of what is asked over HTTP it is told who is at which address, so that the tap can be taught", () => {
  const heard: string[] = [];
  const http = (client: string, address: string): CounterWords => ({
    ...ask(client, address),
    protocol: Protocol.PROTOCOL_HTTP,
  });
  const counters = [http("10.0.0.2", "10.0.0.5:80"), http("10.0.0.1", "10.0.9.9:80"), ask("10.0.0.2", "10.0.0.1:5432")];
  heardOn("n2", ["n2"], counters, (...words) => heard.push(words.join(" ")));
  assert.equal(heard, ["tap/n2 10.0.0.5:80 shop/db", "tap/n2 10.0.9.9:80 unresolved/unknown-address"]);
});

test("who is outside, and who is not known, is told as of a sidecar's peers", () => {
  const window = heardOn("n2", [], [ask("203.0.113.7", "10.0.0.5:5432"), ask("10.0.0.1", "10.0.9.9:80")]);
  const failed = { ...ask("10.0.0.1", "198.51.100.1:443"), outcome: Outcome.OUTCOME_NOT_REACHED };
  assert.equal(edgesOf(window), [
    "wire external/clients>shop/db/postgresql 3",
    "wire shop/orders>unresolved/unknown-address/postgresql 3",
  ]);
  assert.equal(edgesOf(heardOn("n1", [], [failed])), ["wire shop/orders>external/198.51.100.1/postgresql 3"]);
});

test("addresses of the tap's own node are the node's, unless somebody is known to hold them", () => {
  const window = heardOn("n2", [], [ask(OWN, "10.0.0.5:5432"), ask("10.0.0.1", `${OWN}:10250`)]);
  assert.equal(edgesOf(window), [
    "wire unresolved/node-address>shop/db/postgresql 3",
    "wire shop/orders>unresolved/node-address/postgresql 3",
  ]);
});

test("what passes two taps is told by that of the server's node, or by the other where there is none", () => {
  const across = [ask("10.0.0.1", "10.0.0.5:5432")];
  const told = (node: string, tapped: readonly string[]): number => heardOn(node, tapped, across).observations.length;
  assert.equal([told("n1", ["n1", "n2"]), told("n2", ["n1", "n2"])], [0, 1]);
  assert.is(told("n1", ["n1"]), 1, "the server's node has no tap");
  assert.equal([told("n3", ["n1", "n3"]), told("n3", ["n3"])], [0, 1], "one that stands in between");
  const outside = heardOn("n1", ["n1", "n2"], [ask("203.0.113.7", "198.51.100.1:443")]);
  assert.is(outside.observations.length, 1, "nobody's node is known");
});

test("what a tap saw of connections comes along, of two pods together; of what sidecars say nothing does", () => {
  const tcp = (client: string): CounterWords => ({
    ...ask(client, "10.0.0.5:5432"),
    ...{ protocol: Protocol.PROTOCOL_TCP, route: "", buckets: [], outcome: Outcome.OUTCOME_SUCCESS },
    ...{ resets: 1, retransmissions: 2, handshakeBuckets: [7, 1, 2, 3] },
  });
  const [observation] = heardOn("n2", [], [tcp("10.0.0.1"), tcp("10.0.0.2")]).observations;
  assert.equal(observation?.wire, { refused: 0, resets: 2, retransmissions: 4, handshakes: [7, 2, 9, 6] });
  const [query] = heardOn("n2", [], [ask("10.0.0.1", "10.0.0.5:5432")]).observations;
  assert.is(query?.wire, undefined);
});

test("a tap's node is known by what the history holds of it", () => {
  assert.is(nodeOfTap(tapOn("node-1")), "node-1");
  assert.is(nodeOfTap({ ...tapOn("node-1"), id: "shop/tap" }), undefined, "a workload called tap");
});

test.run();
