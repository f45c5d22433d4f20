import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Mute } from "../../../../control/alerts/rule.ts";
import type { Telling } from "../../../../control/alerts/incidents/incidents.ts";
import { SLOT_MS } from "../../../../control/alerts/counting/slots.ts";
import { BEGIN_MS, Bench, MINUTE_MS, stepOf, threshold } from "../fixtures.ts";

const RULE = threshold({ windowMs: MINUTE_MS, severity: "warning" });
const good = { good: 100 };
const bad = { good: 80, failed: 20 };

test("an incident is told once when it fires and once when it is over", () => {
  const bench = new Bench([RULE, threshold({ name: "more", severity: "warning" })])
    .run(6, good)
    .run(30, bad)
    .run(60, good);
  assert.equal(bench.told, ["shop/user warning", "shop/user resolved"]);
  assert.is(bench.engine.incidents().length, 0, "it is forgotten");
});

test("it is told again when it gets worse, and not when it gets better", () => {
  const worse = threshold({ name: "worse", windowMs: MINUTE_MS, value: 0.5, clearValue: 0.5, severity: "critical" });
  const bench = new Bench([RULE, worse]).run(20, bad).run(20, { good: 10, failed: 90 }).run(20, bad);
  bench.run(20, { good: 10, failed: 90 }).run(20, good);
  assert.equal(bench.told, ["shop/user warning", "shop/user critical", "shop/user resolved"]);
});

test("what is over before anybody was told is told to nobody", () => {
  const bench = new Bench([RULE]).run(6, good).run(1, { good: 400, failed: 100 }).run(20, { good: 5_000 });
  assert.equal(bench.log, ["firing at 70 s", "resolved (recovered) at 80 s"]);
  assert.equal(bench.told, []);
});

/** What is told while mutes are in force. */
function toldWith(bench: Bench, mutes: readonly Mute[], slots: number, asked: Parameters<typeof stepOf>[1]): Telling[] {
  return Array.from({ length: slots }, () => {
    bench.engine.replay(stepOf(bench.engine.endMs, asked), SLOT_MS);
    return bench.engine.tick(mutes).tellings;
  }).flat();
}

test("what is muted is told when the mute ends, if it still goes on", () => {
  const mute: Mute = {
    name: "maintenance",
    matchers: [{ label: "namespace", operator: "=", value: "shop" }],
    fromMs: BEGIN_MS,
    toMs: BEGIN_MS + 10 * MINUTE_MS,
    author: "",
    reason: "",
  };
  const bench = new Bench([RULE]);
  assert.is(toldWith(bench, [mute], 50, [bad]).length, 0);
  assert.is(bench.engine.incidents()[0]?.incident.mutedBy, "maintenance");
  const [telling] = toldWith(bench, [mute], 20, [bad]);
  assert.is(telling?.incident.state, "firing");
  assert.is(telling?.incident.mutedBy, "");
  const other = new Bench([RULE]);
  assert.is(toldWith(other, [mute], 30, [bad]).length + toldWith(other, [mute], 100, [good]).length, 0);
});

test("an incident of which only muted alerts go on is muted, whatever else it had", () => {
  const named = (name: string, label: string): Mute => ({
    name,
    matchers: [{ label: "rule", operator: "=", value: label }],
    fromMs: BEGIN_MS,
    toMs: BEGIN_MS + 60 * MINUTE_MS,
    author: "",
    reason: "",
  });
  const about = (name: string, route: string) =>
    threshold({
      name,
      windowMs: MINUTE_MS,
      severity: "warning",
      where: [{ attribute: "route", end: undefined, operator: "=", value: route }],
    });
  const bench = new Bench([about("quick", "/quick"), about("long", "/long")]);
  const mutes = [named("muted", "long")];
  const long = { route: "/long", ...bad };
  const told = [
    ...toldWith(bench, mutes, 1, [long, { route: "/quick", ...bad }]),
    ...toldWith(bench, mutes, 30, [long, { route: "/quick", good: 5_000 }]),
  ];
  assert.is(told.length, 0);
  assert.is(bench.engine.incidents()[0]?.incident.mutedBy, "muted");
});

/** Front asks orders, orders asks user, and user fails. */
const chain = [
  { client: "external/web", server: "shop/front", route: "/", good: 70, failed: 30 },
  { client: "shop/front", server: "shop/orders", route: "/orders", good: 70, failed: 30 },
  { client: "shop/orders", server: "shop/user", route: "/cards", good: 70, failed: 30 },
  { client: "shop/orders", server: "shop/user", route: "/addresses", good: 100 },
];

test("a chain that fails is one incident, which names the deepest server and its endpoint", () => {
  const bench = new Bench([RULE]).run(10, ...chain);
  const incidents = bench.engine.incidents();
  assert.is(incidents.length, 1);
  const { incident } = incidents[0]!;
  assert.equal(incident.origin, { server: "shop/user", method: "GET", route: "/cards" });
  assert.equal(incident.affected, ["external/web", "shop/front", "shop/orders"]);
  assert.equal(incident.alerts.map(({ labels }) => labels["workload"])[0], "shop/user");
  assert.equal(bench.told, ["shop/user warning"]);
});

test("two servers that fail by themselves are two incidents", () => {
  const bench = new Bench([RULE]).run(10, bad, { client: "shop/front", server: "pay/bank", ...bad });
  assert.equal(bench.told.sort(), ["pay/bank warning", "shop/user warning"]);
});

test("a group that fires again and again is in an incident once", () => {
  const bench = new Bench([threshold({ name: "long", windowMs: 10 * MINUTE_MS, severity: "warning" }), RULE]);
  bench.run(60, good);
  for (let time = 0; time < 5; time++) bench.run(6, { good: 50, failed: 50 }).run(12, good);
  const [open] = bench.engine.incidents();
  assert.is(open?.incident.alerts.length, 2);
});

test.run();
