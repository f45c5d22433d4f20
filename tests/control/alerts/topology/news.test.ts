import { test } from "uvu";
import * as assert from "uvu/assert";
import { SLOT_MS } from "../../../../control/alerts/counting/slots.ts";
import { identity } from "../../world/fixtures.ts";
import type { Asked } from "../fixtures.ts";
import { BEGIN_MS, HOUR_MS, Living, MINUTE_MS, topology } from "./past.ts";
import type { Cluster } from "./past.ts";

const USUAL: readonly Asked[] = [
  { client: "external/clients", server: "shop/front", good: 20 },
  { client: "shop/front", server: "shop/user", good: 10 },
  { client: "shop/orders", server: "shop/payment", good: 5 },
  { client: "shop/front", server: "shop/orders", good: 5 },
];
const NEW: Asked = { client: "shop/front", server: "shop/payment", good: 2 };

/** As usual, and an edge from an instant on. */
function newAt(fromMs: number, edge = NEW, toMs = Infinity): Cluster {
  return (atMs) => (atMs >= fromMs && atMs < toMs ? [...USUAL, edge] : USUAL);
}

test("an edge that nobody saw before is told for an hour, and is as usual then", () => {
  const living = new Living([topology("newEdge")], newAt(4 * MINUTE_MS)).to(90 * MINUTE_MS);
  assert.equal(living.log, [
    `firing shop/front > shop/payment after ${4 + 1 / 6} min`,
    "resolved (recovered) shop/front > shop/payment after 64 min",
  ]);
  assert.is(living.summaries[0], "shop/front calls shop/payment for the first time (2 requests since 00:04 UTC)");
});

test("what history has is not new, however seldom it is", () => {
  const cron: Cluster = (atMs) => ((atMs + 72 * HOUR_MS) % (24 * HOUR_MS) === 5 * HOUR_MS ? [...USUAL, NEW] : USUAL);
  assert.equal(new Living([topology("newEdge")], cron).to(6 * HOUR_MS).log, []);
});

test("nothing is new in the first day of an installation", () => {
  const begun =
    (hours: number): Cluster =>
    (atMs) =>
      atMs < -hours * HOUR_MS ? undefined : newAt(MINUTE_MS)(atMs);
  assert.equal(new Living([topology("newEdge")], begun(0)).to(10 * MINUTE_MS).log, []);
  assert.equal(new Living([topology("newEdge")], begun(23)).to(10 * MINUTE_MS).log, []);
  assert.is(new Living([topology("newEdge")], begun(24)).to(10 * MINUTE_MS).log.length, 1);
});

test("a new workload's first calls are no news, nor are calls to it, until it is there for an hour", () => {
  const deployed: Cluster = (atMs) => {
    if (atMs < MINUTE_MS) return USUAL;
    const first = ["shop/user", "shop/orders"].map((server) => ({ client: "shop/new", server, good: 1 }));
    const called = { client: "shop/front", server: "shop/new", good: 1 };
    return [...USUAL, ...first, called, ...(atMs > 62 * MINUTE_MS ? [{ ...NEW, client: "shop/new" }] : [])];
  };
  assert.equal(new Living([topology("newEdge")], deployed).to(65 * MINUTE_MS).log, [
    `firing shop/new > shop/payment after ${62 + 1 / 3} min`,
  ]);
});

test("a rule that says which server it guards hears of a stranger that is new itself", () => {
  const rule = topology("newEdge", {
    where: [
      { attribute: "workload", end: "server", operator: "=", value: "shop/payment" },
      { attribute: "workload", end: "client", operator: "!=", value: "shop/orders" },
    ],
  });
  const stranger = newAt(MINUTE_MS, { client: "other/stranger", server: "shop/payment", good: 1 });
  assert.equal(new Living([rule], stranger).to(2 * MINUTE_MS).log, [
    `firing other/stranger > shop/payment after ${1 + 1 / 6} min`,
  ]);
  const elsewhere = newAt(MINUTE_MS, { client: "other/stranger", server: "shop/user", good: 1 });
  assert.equal(new Living([rule], elsewhere).to(2 * MINUTE_MS).log, []);
});

test("an edge that the server's sidecar tells to be another's is taken back", () => {
  const { engine, bench } = new Living([topology("newEdge")], () => USUAL);
  const told = (side: "source" | "destination", client: string): void =>
    engine.add({
      ...{
        reporter: side === "source" ? "shop/front" : "shop/payment",
        instance: side,
        startMs: BEGIN_MS,
        durationMs: 1_000,
      },
      nodes: [],
      observations: [
        {
          ...{ side, client, server: "shop/payment", protocol: "http", method: "GET", route: "/", outcome: "success" },
          ...{ status: 200, count: 3, buckets: [], requestBytes: 0, responseBytes: 0, active: 0 },
        },
      ],
      ...{ pods: [], losses: [], exemplars: [] },
    });
  told("source", "shop/front");
  bench.tick();
  assert.is(engine.alerts().length, 1);
  told("destination", "shop/orders");
  engine.add({
    ...{ reporter: "shop/user", instance: "u", startMs: BEGIN_MS + SLOT_MS, durationMs: 1_000, nodes: [] },
    ...{ observations: [], pods: [], losses: [], exemplars: [] },
  });
  bench.tick();
  assert.equal(engine.alerts(), []);
});

test("a host outside that nobody called before is told, and who calls it later is not", () => {
  const hostOf = (client: string, host = "external/api.bank.example"): Asked => ({ client, server: host, good: 1 });
  const cluster: Cluster = (atMs) => [
    ...USUAL,
    hostOf("shop/payment", "external/known.example"),
    ...(atMs >= MINUTE_MS ? [hostOf("shop/payment"), hostOf("shop/user", "external/known.example")] : []),
    ...(atMs >= 62 * MINUTE_MS ? [hostOf("shop/user")] : []),
    ...(atMs >= 63 * MINUTE_MS ? [hostOf("shop/user", "external/~other")] : []),
  ];
  const living = new Living([topology("newExternal")], cluster);
  living.engine.name([
    ...["clients", "api.bank.example", "known.example", "~other"].map((host) =>
      identity(`external/${host}`, "external"),
    ),
  ]);
  assert.equal(living.to(70 * MINUTE_MS).log, [
    `firing shop/payment > external/api.bank.example after ${1 + 1 / 6} min`,
    "resolved (recovered) shop/payment > external/api.bank.example after 61 min",
  ]);
  const summary =
    "shop/payment calls api.bank.example, a host outside that nobody called before (1 request since 00:01 UTC)";
  assert.is(living.summaries[0], summary);
});

test("a restart of control goes on where it was: no second alert, and none of what it knew", () => {
  const cluster = newAt(-20 * MINUTE_MS);
  const before = new Living([topology("newEdge")], cluster, { toMs: -30 * MINUTE_MS }).to(0);
  assert.is(before.log.length, 1);
  const after = new Living([topology("newEdge")], cluster, { state: before.engine.state() }).to(60 * MINUTE_MS);
  assert.equal(after.log, ["resolved (recovered) shop/front > shop/payment after 40 min"]);
  const later = new Living([topology("newEdge")], cluster, { toMs: 41 * MINUTE_MS }).to(60 * MINUTE_MS);
  assert.equal(later.log, []);
});

test("after a time of which nothing is known, what was known before is known", () => {
  const gap: Cluster = (atMs) => (atMs > -3 * HOUR_MS && atMs < HOUR_MS ? undefined : newAt(2 * HOUR_MS)(atMs));
  const living = new Living([topology("newEdge")], gap).to(2 * HOUR_MS + MINUTE_MS);
  assert.equal(living.log, [`firing shop/front > shop/payment after ${120 + 1 / 6} min`]);
});

test.run();
