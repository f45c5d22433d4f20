import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ALERTING_KINDS, defaultObjects } from "../../../../control/alerts/objects/defaults.ts";
import { formatObject } from "../../../../control/alerts/objects/format.ts";
import type { ConfigObject, WrittenObject } from "../../../../control/alerts/objects/object.ts";
import { problemText } from "../../../../control/alerts/objects/problem.ts";
import { readObjects } from "../../../../control/alerts/objects/read-objects.ts";
import { randomOf, shuffled } from "../../world/random.ts";

const test = suite("objects back to YAML");

function reread(text: string): ConfigObject {
  const { objects, problems } = readObjects(text, ALERTING_KINDS);
  assert.equal(problems.map(problemText), [], text);
  assert.is(objects.length, 1);
  return objects[0]!;
}

const format = (object: WrittenObject): string => formatObject(object, ALERTING_KINDS);

/** Objects of every shape that there is, with texts that mean something in YAML. */
function objectOf(random: () => number): WrittenObject {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const maybe = (fields: Record<string, () => unknown>): Record<string, unknown> =>
    Object.fromEntries(
      shuffled(Object.entries(fields), random)
        .filter(() => random() < 0.5)
        .map(([name, make]) => [name, make()]),
    );
  const text = (): string =>
    pick([
      "plain",
      "a: b",
      "# no",
      "null",
      "1e3",
      "- x",
      "two\nlines\n",
      " led",
      "é\u2028",
      "*a",
      "'\"",
      "<<",
      "2026-03-01",
      "off",
      "a".repeat(200),
    ]);
  const duration = (): string => pick(["30s", "2m", "1h", "1.5s"]);
  const share = (): string => pick(["5%", "0.1%", "12.5%"]);
  const list = (items: readonly string[]): string[] => shuffled(items, random).slice(0, Math.floor(random() * 4));
  const head = {
    description: text,
    runbook: () => "https://wiki.example/x?y=1#z",
    where: () => list(["workload=shop/user", "route~^/a,b: [c]", "method!=GET", "client.namespace!~{x}", "route=#"]),
    groupBy: () => list(["workload", "route", "method", "client.workload"]),
    for: duration,
    keep: duration,
  };
  const metadata = {
    ...maybe({ owner: text, labels: () => ({ a: text(), "b/c": text() }), annotations: () => ({ x: text() }) }),
    name: `n${Math.floor(random() * 1_000)}`,
  };
  const of = (kind: string, spec: Record<string, unknown>): WrittenObject => ({
    ...maybe({ disabled: () => random() < 0.5 }),
    spec,
    metadata,
    kind,
    apiVersion: "sidelight.dev/v1",
  });
  const burn = (): unknown =>
    pick<unknown>(["off", {}, { severity: "warning", burnRate: 3 }, { long: "20h", short: "10m" }]);
  const slo = (): WrittenObject =>
    of("SLO", {
      ...maybe({ window: () => pick(["28d", "4w"]), minRequests: () => 3, ...head }),
      ...maybe({ alerts: () => pick<unknown>(["off", maybe({ fast: burn, medium: burn, slow: burn })]) }),
      indicator: pick<unknown>(["availability", "connect", { latency: { under: duration() } }]),
      objective: pick<unknown>([99.9, "99.95%", 95]),
    });
  const condition = (): Record<string, unknown> =>
    pick<Record<string, unknown>>([
      { threshold: { errors: { above: share() }, ...maybe({ window: () => "10m", minRequests: () => 0 }) } },
      { threshold: { latency: { percentile: pick([50, 99.9]), above: duration(), ...maybe({ clear: share }) } } },
      { threshold: { throughput: pick([{ below: "10/s" }, { above: "5/m", clear: "1/h" }]) } },
      { baseline: { indicator: pick(["errors", "latency"]), ...maybe({ factor: () => 2.5, window: () => "1h" }) } },
      { topology: pick(["newEdge", "edgeVanished", "newExternal"]), groupBy: ["client.workload", "server.workload"] },
      { topology: "restartedIntoErrors", groupBy: ["workload", "route"] },
      { noData: { after: pick(["5m", "1h"]) }, where: ["kind=workload"], groupBy: ["service"] },
    ]);
  const alert = (): WrittenObject =>
    of("Alert", { ...maybe(head), ...condition(), severity: pick(["warning", "critical"]) });
  const mute = (): WrittenObject =>
    of("Mute", {
      matchers: ["rule=~.*", ...list(["workload!=a/b", "route=~/x, y", "owner!~#"])],
      from: "2026-03-01T10:00:00Z",
      ...{ to: "2026-03-01T12:00:00+01:00", author: text(), reason: text() },
    });
  return pick([slo, slo, alert, alert, mute])();
}

test("what is read of an object's text is the object", () => {
  for (let seed = 1; seed <= 400; seed += 1) {
    const object = objectOf(randomOf(seed));
    const text = format(object);
    const { written } = reread(text);
    assert.equal(written, object, text);
    assert.is(format(written), text, `seed ${seed}`);
  }
});

test("the order in which fields were given makes no difference", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = randomOf(seed);
    const object = objectOf(random);
    const mixed = (fields: object): object => Object.fromEntries(shuffled(Object.entries(fields), random));
    const spec = mixed(object["spec"] as object);
    assert.is(format(mixed({ ...object, spec, metadata: mixed(object.metadata) }) as WrittenObject), format(object));
  }
});

test("the defaults mean the same when they are written anew", () => {
  for (const { written, spec } of defaultObjects()) assert.equal(reread(format(written)).spec, spec);
});

test("it is pleasant to read", () => {
  const spec = {
    objective: 99.9,
    indicator: { latency: { under: "300ms" } },
    where: ["workload=shop/user"],
    description: "Fast.",
  };
  assert.is(
    format({ kind: "SLO", spec, metadata: { owner: "accounts", name: "fast" } }),
    [
      "apiVersion: sidelight.dev/v1",
      "kind: SLO",
      "metadata:",
      "  name: fast",
      "  owner: accounts",
      "spec:",
      "  description: Fast.",
      "  where: [workload=shop/user]",
      "  indicator: {latency: {under: 300ms}}",
      "  objective: 99.9",
      "",
    ].join("\n"),
  );
});

test.run();
