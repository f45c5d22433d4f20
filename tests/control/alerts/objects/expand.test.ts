import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ALERTING_KINDS, defaultObjects, withDefaults } from "../../../../control/alerts/objects/defaults.ts";
import { AlertEngine } from "../../../../control/alerts/engine.ts";
import { expand } from "../../../../control/alerts/objects/expand.ts";
import type { Expanded } from "../../../../control/alerts/objects/expand.ts";
import { problemLine } from "../../../../control/alerts/objects/problem.ts";
import { readObjects } from "../../../../control/alerts/objects/read-objects.ts";
import type { BurnRule, Rule } from "../../../../control/alerts/rule.ts";

const test = suite("what objects mean to the engine");
const MINUTE = 60_000;

function expandOf(kind: string, spec: string, more = ""): Expanded {
  const text = `apiVersion: sidelight.dev/v1\nkind: ${kind}\nmetadata: { name: one, owner: team-a }\n${more}spec: ${spec}\n`;
  const { objects, problems } = readObjects(text, ALERTING_KINDS);
  assert.equal(problems.map(problemLine), [], text);
  return expand(objects);
}

function ruleOf(kind: string, spec: string): Rule {
  const [rule] = expandOf(kind, spec).rules;
  assert.ok(rule, spec);
  return rule;
}

const burns = (spec: string): readonly (readonly [string, number, number, number])[] =>
  (ruleOf("SLO", `{ indicator: availability, objective: 99.9, ${spec} }`) as BurnRule).burns.map(
    ({ severity, longMs, shortMs, burnRate }) => [severity, longMs / MINUTE, shortMs / MINUTE, burnRate],
  );

test("an SLO of 30 days has the windows and rates of the workbook", () => {
  assert.equal(burns("window: 30d"), [
    ["critical", 60, 5, 14.4],
    ["critical", 360, 30, 6],
    ["warning", 4_320, 360, 1],
  ]);
  assert.equal(burns(""), burns("window: 30d"));
});

test("other windows tell at the same shares of their budget, and of no pace that never uses it up", () => {
  assert.equal(
    burns("window: 90d").map(([, , , rate]) => rate),
    [43.2, 18, 3],
  );
  assert.equal(
    burns("window: 1w").map(([, , , rate]) => rate),
    [3.36, 1.4],
  );
});

test("windows are changed or switched off by their names", () => {
  assert.equal(
    burns("alerts: { fast: { burnRate: 10, severity: warning }, medium: off, slow: { long: 1d, short: 2h } }"),
    [
      ["warning", 60, 5, 10],
      ["warning", 1_440, 120, 3],
    ],
  );
  assert.equal(burns("alerts: off"), []);
  assert.equal(burns("alerts: false"), []);
});

test("an SLO in full", () => {
  const rule = ruleOf(
    "SLO",
    `{ description: d, runbook: "https://r.example/x", where: ["workload=shop/user", "client.namespace!=shop"],
       groupBy: [route], indicator: { latency: { under: 300ms } }, objective: 99.5%, minRequests: 7, for: 1m, keep: 0, alerts: off }`,
  ) as BurnRule;
  assert.equal(rule, {
    ...{ kind: "burn", name: "one", owner: "team-a", description: "d", runbook: "https://r.example/x" },
    where: [
      { attribute: "workload", end: undefined, operator: "=", value: "shop/user" },
      { attribute: "namespace", end: "client", operator: "!=", value: "shop" },
    ],
    groupBy: [{ attribute: "route", end: undefined }],
    ...{ forMs: MINUTE, keepMs: 0, indicator: { kind: "latency", overMs: 300 }, objective: 0.995 },
    ...{ windowMs: 30 * 24 * 60 * MINUTE, minRequests: 7, burns: [] },
  });
});

test("conditions of alerts", () => {
  const cases: [string, Record<string, unknown>][] = [
    [
      "threshold: { errors: { above: 5% } }",
      {
        indicator: { kind: "errors" },
        comparison: "above",
        value: 0.05,
        clearValue: 0.04,
        windowMs: 5 * MINUTE,
        minRequests: 20,
      },
    ],
    [
      "threshold: { latency: { percentile: 99, above: 300ms }, window: 1h, minRequests: 5 }",
      {
        indicator: { kind: "latency", overMs: 300 },
        comparison: "above",
        value: 0.01,
        clearValue: 0.008,
        windowMs: 60 * MINUTE,
        minRequests: 5,
      },
    ],
    ["threshold: { latency: { percentile: 90, above: 1s, clear: 5% } }", { value: 0.1, clearValue: 0.05 }],
    [
      "threshold: { throughput: { below: 10/s } }",
      { indicator: { kind: "throughput" }, comparison: "below", value: 10, clearValue: 12.5, minRequests: 0 },
    ],
    ["threshold: { throughput: { above: 600/m, clear: 5/s } }", { comparison: "above", value: 10, clearValue: 5 }],
    [
      "threshold: { connectFailures: { above: 10%, clear: 0% } }",
      { indicator: { kind: "connectFailures" }, value: 0.1, clearValue: 0 },
    ],
    ["threshold: { loss: { above: 0.1% } }", { indicator: { kind: "loss" }, value: 0.001 }],
    [
      "baseline: { indicator: latency }",
      {
        ...{ kind: "baseline", indicator: "latency", factor: 3, windowMs: 10 * MINUTE, minRequests: 20 },
        groupBy: ["workload", "method", "route"].map((attribute) => ({ attribute, end: undefined })),
      },
    ],
    [
      "topology: newEdge",
      {
        ...{ kind: "topology", event: "newEdge" },
        groupBy: [
          { attribute: "workload", end: "client" },
          { attribute: "workload", end: "server" },
        ],
      },
    ],
    [
      "noData: { after: 10m }, for: 30s, keep: 5m",
      { kind: "noData", afterMs: 10 * MINUTE, forMs: 30_000, keepMs: 5 * MINUTE },
    ],
  ];
  for (const [spec, expected] of cases) {
    const rule = ruleOf("Alert", `{ severity: warning, ${spec} }`) as unknown as Record<string, unknown>;
    assert.equal(Object.fromEntries(Object.keys(expected).map((key) => [key, rule[key]])), expected, spec);
    assert.is(rule["severity"], "warning");
  }
});

test("mutes", () => {
  const { mutes } = expandOf(
    "Mute",
    '{ matchers: ["rule=~slo-.*", workload!=shop/user], from: 2026-03-01T10:00:00Z, to: "2026-03-01T12:00:00+01:00", author: me, reason: works }',
  );
  const fromMs = Date.parse("2026-03-01T10:00:00Z");
  assert.equal(mutes, [
    {
      ...{ name: "one", fromMs, toMs: fromMs + 60 * MINUTE, author: "me", reason: "works" },
      matchers: [
        { label: "rule", operator: "=~", value: "slo-.*" },
        { label: "workload", operator: "!=", value: "shop/user" },
      ],
    },
  ]);
});

test("the defaults can be read, and each is a rule of its own", () => {
  const objects = defaultObjects();
  const { rules } = expand(objects);
  assert.equal(
    rules.map(({ name }) => name),
    objects.map(({ name }) => name),
  );
  assert.equal(new AlertEngine({ rules }).refused, [], "and all of them are judged");
});

test("an object of the same name takes a default's place, and can switch it off", () => {
  const text = [
    "kind: SLO\nmetadata: { name: availability }\nspec: { indicator: availability, objective: 99 }",
    "kind: SLO\nmetadata: { name: latency }\ndisabled: true",
  ];
  const { objects } = readObjects(
    text.map((each) => `apiVersion: sidelight.dev/v1\n${each}\n`).join("---\n"),
    ALERTING_KINDS,
  );
  const { rules } = expand(withDefaults(objects, defaultObjects(), ALERTING_KINDS));
  const named = (name: string): Rule[] => rules.filter((rule) => rule.name === name);
  assert.is((named("availability")[0] as BurnRule).objective, 0.99);
  assert.is(named("availability").length, 1);
  assert.equal(named("latency"), []);
  assert.is(named("endpoint-errors").length, 1);
});

test.run();
