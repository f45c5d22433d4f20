import { test } from "uvu";
import * as assert from "uvu/assert";
import { compile } from "../../../../control/alerts/judging/compile.ts";
import type { Compiled } from "../../../../control/alerts/judging/compile.ts";
import type { Rule } from "../../../../control/alerts/rule.ts";
import type { Attribute, End } from "../../../../control/world/attributes.ts";
import type { Filter, Operator } from "../../../../control/world/filters.ts";
import { identity } from "../../world/fixtures.ts";
import { Bench, burn, stepOf, threshold } from "../fixtures.ts";

function compiled(...rules: readonly Rule[]): Compiled {
  return compile(rules, () => 0, []);
}

function filter(attribute: Attribute, operator: Operator, value: string, end: End = undefined): Filter {
  return { attribute, end, operator, value };
}

const bad = { failed: 20 };

test("rules each about one workload share one column with the one about all", () => {
  const each = Array.from({ length: 500 }, (_, at) =>
    threshold({ name: `rule ${at}`, where: [filter("workload", "=", `shop/${at}`)], groupBy: [] }),
  );
  assert.is(compiled(threshold(), burn(), ...each).columns.length, 1);
});

test("a rule about one workload counts it alone, and names it", () => {
  const rule = threshold({ where: [filter("workload", "=", "shop/user")], groupBy: [] });
  const bench = new Bench([rule]).run(3, { server: "shop/user", ...bad }, { server: "shop/cart", ...bad });
  assert.equal(
    bench.changes.map(({ alert }) => alert.labels),
    [{ workload: "shop/user" }],
  );
});

test("conditions on what a group is decide for its groups, all others for what is counted", () => {
  const rules = [
    threshold({ name: "namespace", where: [filter("namespace", "!=", "shop")] }),
    threshold({ name: "pattern", where: [filter("workload", "~", "^shop/(user|cart)$")] }),
    threshold({ name: "route", where: [filter("route", "~", "^/cards")] }),
    threshold({ name: "client", where: [filter("namespace", "=", "ops", "client")] }),
  ];
  const bench = new Bench(rules).run(
    3,
    { client: "ops/cron", server: "shop/user", route: "/cards/1", ...bad },
    { client: "shop/front", server: "pay/bank", route: "/", ...bad },
  );
  const fired = bench.changes.map(({ alert }) => `${alert.rule} ${alert.labels["workload"]}`);
  assert.equal(fired, ["namespace pay/bank", "pattern shop/user", "route shop/user", "client shop/user"]);
});

test("a rule that cannot be judged is refused by name and stops no other", () => {
  const { judges, refused } = compiled(
    threshold({ name: "pattern", where: [filter("route", "~", "(")] }),
    threshold({ name: "health", where: [filter("health", "=", "failing")] }),
    threshold({ name: "pod", groupBy: [{ attribute: "pod", end: undefined }] }),
    threshold({ name: "window", windowMs: 1_234 }),
    burn({ name: "kind", where: [filter("kind", "=", "gateway")] }),
    threshold({ name: "good" }),
  );
  assert.equal(
    refused.map(({ rule }) => rule),
    ["pattern", "health", "pod", "window", "kind"],
  );
  for (const { rule, why } of refused) assert.ok(why.length > 10, `${rule}: ${why}`);
  assert.equal(
    judges.map(({ rule }) => rule.name),
    ["good"],
  );
});

test("latency limits and columns past their number are refused, and those within are judged", () => {
  const slow = (overMs: number): Rule => threshold({ name: `${overMs} ms`, indicator: { kind: "latency", overMs } });
  const limits = compiled(...Array.from({ length: 66 }, (_, at) => slow(2 ** (at / 4))), slow(1));
  assert.equal(limits.refused.length, 2);
  assert.is(limits.judges.length, 65);
  const other = Array.from({ length: 202 }, (_, at) =>
    threshold({ name: `rule ${at}`, where: [filter("route", "~", `^/${at}`)] }),
  );
  const columns = compiled(...other, threshold({ name: "like the first", where: [filter("route", "~", "^/0")] }));
  assert.is(columns.columns.length, 200);
  assert.equal(
    columns.refused.map(({ rule }) => rule),
    ["rule 200", "rule 201"],
  );
});

test("what is learned of a node later decides from then on", () => {
  const bench = new Bench([threshold({ where: [filter("service", "=", "accounts")] })]).run(3, bad);
  assert.equal(bench.log, []);
  bench.engine.name([{ ...identity("shop/user"), service: "accounts" }]);
  bench.run(3, bad);
  assert.is(bench.changes.length, 1);
});

test("latency is judged by what took longer, and never by connections", () => {
  const rule = threshold({ indicator: { kind: "latency", overMs: 1_000 } });
  const bench = new Bench([rule]);
  const { counts, atMs } = stepOf(bench.engine.endMs, [{ good: 50, slow: 50 }]);
  const asTcp = counts.map((each) => ({ ...each, series: { ...each.series, protocol: "tcp" as const } }));
  bench.engine.replay({ atMs, counts: asTcp }, 10_000);
  bench.run(1);
  assert.equal(bench.log, []);
  bench.run(10, { good: 50, slow: 50 });
  assert.is(bench.changes[0]?.alert.summary, "50 % of requests to shop/user took over 1 s over 5 min (limit 5 %)");
});

test.run();
