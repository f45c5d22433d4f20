import { test } from "uvu";
import * as assert from "uvu/assert";
import { EDGES, ENDPOINTS, factsOfEdge, NODES } from "../../../control/world/attributes.ts";
import type { Subject } from "../../../control/world/attributes.ts";
import { FilterError, Filters } from "../../../control/world/filters.ts";
import type { Filter, Operator } from "../../../control/world/filters.ts";
import { FILTER_LIMITS } from "../../../control/world/options.ts";
import { TooMuchWork } from "../../../control/world/pattern.ts";
import { edge, node } from "../api/fixture-snapshot.ts";
import { randomOf } from "./random.ts";

const nodes = new Map(["shop/front", "shop/cart", "shop/cart-db", "bank/cart"].map((id) => [id, node(id)] as const));
const edges = [
  edge("shop/front", "shop/cart", []),
  edge("shop/cart", "shop/cart-db", [], { protocol: "tcp" }),
  edge("shop/front", "bank/cart", [], { health: "failing" }),
];

function filter(attribute: Filter["attribute"], operator: Operator, value: string, end?: Filter["end"]): Filter {
  return { attribute, operator, value, end };
}

function matching(...filters: Filter[]): number[] {
  const compiled = Filters.of(filters, EDGES);
  return edges.flatMap((each, index) => (compiled.match(factsOfEdge(each, nodes)) ? [index] : []));
}

function refusal(filters: readonly Filter[], subject: Subject = EDGES): FilterError {
  try {
    Filters.of(filters, subject);
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
  throw new Error("They were taken");
}

test("equality is of an end, or of either", () => {
  assert.equal(matching(filter("namespace", "=", "bank")), [2]);
  assert.equal(matching(filter("namespace", "=", "shop", "server")), [0, 1]);
  assert.equal(matching(filter("protocol", "=", "tcp")), [1]);
  assert.equal(matching(filter("health", "=", "failing")), [2]);
});

test("a workload goes by its id and by its name alone", () => {
  assert.equal(matching(filter("workload", "=", "shop/cart")), [0, 1]);
  assert.equal(matching(filter("workload", "=", "cart", "server")), [0, 2]);
});

test("a regular expression is looked for anywhere in a value", () => {
  assert.equal(matching(filter("workload", "~", "^cart-")), [1]);
  assert.equal(matching(filter("workload", "~", "^(shop|bank)/cart$")), [0, 1, 2]);
  assert.equal(matching(filter("workload", "!~", "front")), [1]);
});

test("all conditions must hold", () => {
  assert.equal(matching(filter("namespace", "=", "shop"), filter("protocol", "!=", "tcp")), [0, 2]);
  assert.equal(matching(), [0, 1, 2]);
});

test("a condition and its negation share out the edges, whatever is asked", () => {
  const next = randomOf(7);
  const values = ["shop", "bank", "cart", "shop/cart", "front", "c.*t$", "^$", "x", "o"];
  const ends = [undefined, "client", "server"] as const;
  for (let round = 0; round < 300; round++) {
    const attribute = (["namespace", "workload", "service"] as const)[Math.floor(next() * 3)]!;
    const value = values[Math.floor(next() * values.length)]!;
    const end = ends[Math.floor(next() * 3)];
    const [is, isNot] = next() < 0.5 ? (["=", "!="] as const) : (["~", "!~"] as const);
    const both = [...matching(filter(attribute, is, value, end)), ...matching(filter(attribute, isNot, value, end))];
    assert.equal(both.sort(), [0, 1, 2], `${end}.${attribute} ${is} ${value}`);
  }
});

test("says of each wrong filter which it is, what of it, and what there is", () => {
  const at = (filters: Filter[], subject: Subject = EDGES): unknown[] => {
    const { index, part } = refusal(filters, subject);
    return [index, part];
  };
  const fine = filter("namespace", "=", "shop");
  assert.equal(at([fine, filter("pod", "=", "cart-1")]), [1, "attribute"]);
  assert.match(
    refusal([filter("version", "=", "v2")]).message,
    "list pods, or group the topology by pod, node or version",
  );
  assert.equal(at([filter("route", "=", "/")]), [0, "attribute"]);
  assert.equal(at([filter("protocol", "=", "smtp")]), [0, "value"]);
  assert.match(refusal([filter("health", "=", "ill")]).message, "failing, degraded");
  assert.equal(at([filter("protocol", "=", "tcp", "client")]), [0, "end"]);
  assert.equal(at([filter("namespace", "=", "shop", "client")], NODES), [0, "end"]);
  assert.equal(at([filter("route", "=", "x".repeat(513))], ENDPOINTS), [0, "value"]);
  assert.equal(at(Array.from({ length: 17 }, () => fine)), [undefined, undefined]);
});

test("regular expressions that no linear engine has, or that are too large, are refused", () => {
  const why = (value: string): string => refusal([filter("workload", "~", value)]).message;
  assert.match(why("("), "it is no regular expression: missing closing )");
  assert.match(why("(a)\\1"), "no regular expression");
  assert.match(why("(?=a)"), "no regular expression");
  assert.match(why("((a{100}){100}){100}"), "repeat");
  assert.match(why("(a?){300}a{300}"), "too large");
  assert.match(why("((.{0,30}){0,30})b"), "too large");
  assert.match(why("a".repeat(129)), "128 characters");
});

test("a bomb for engines that go back is as cheap as anything", () => {
  const bomb = Filters.of([filter("workload", "~", "(a*)*(a|a)*b$")], EDGES);
  const victim = new Map([["x", node("x", { name: "a".repeat(500) })]]);
  assert.is(bomb.match(factsOfEdge(edge("x", "x", []), victim)), false);
});

test("more work than a question may make is refused, and a text that is known costs nothing", () => {
  const steps = FILTER_LIMITS.maxPatternSteps;
  const costly = Filters.of([filter("workload", "!~", "(a?){80}a{80}b")], EDGES);
  const ask = (id: string): boolean => {
    const named = new Map([[id, node(id, { name: id })]]);
    return costly.match(factsOfEdge(edge(id, id, []), named));
  };
  for (let round = 0; round < steps / 1_000; round++) ask("a".repeat(500));
  let asked = 0;
  assert.throws(
    () => {
      for (; asked < steps; asked++) ask(`${asked}`.padEnd(500, "a"));
    },
    (error: unknown) => error instanceof TooMuchWork && error.message.includes("shorter"),
  );
  assert.ok(asked > 10 && asked < 200, `${asked} texts`);
});

test.run();
