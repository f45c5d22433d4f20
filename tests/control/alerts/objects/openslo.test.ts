import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ALERTING_KINDS } from "../../../../control/alerts/objects/defaults.ts";
import { expand } from "../../../../control/alerts/objects/expand.ts";
import { problemLine } from "../../../../control/alerts/objects/problem.ts";
import { readObjects } from "../../../../control/alerts/objects/read-objects.ts";
import type { Reading } from "../../../../control/alerts/objects/read-objects.ts";
import type { BurnRule } from "../../../../control/alerts/rule.ts";

const test = suite("OpenSLO");
const read = (text: string): Reading => readObjects(text, ALERTING_KINDS, { file: "slo.yaml" });

/** As the specification has it, but for the source of the metric. */
const INLINE = `apiVersion: openslo/v1
kind: SLO
metadata:
  name: foo-slo
  displayName: Foo SLO
  labels: { organization: acme, team: [identity, rbac] }
  annotations: { sidelight.dev/owner: identity }
spec:
  description: What foo promises.
  service: foo
  indicator:
    metadata:
      name: foo-error
    spec:
      ratioMetric:
        counter: true
        good:
          metricSource:
            type: Sidelight
            spec: { where: ["workload=shop/foo"], indicator: availability }
        total:
          metricSource: { type: Sidelight }
  timeWindow:
    - duration: 4w
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - displayName: Foo Total Errors
      target: 0.98
`;

function rulesOf(text: string): readonly BurnRule[] {
  const { objects, problems } = read(text);
  assert.equal(problems.map(problemLine), [], text);
  return expand(objects).rules as readonly BurnRule[];
}

const problemsOf = (text: string): string[] => read(text).problems.map(problemLine);

test("an SLO with its SLI in it", () => {
  const { objects } = read(INLINE);
  assert.is(
    objects[0]?.text,
    [
      "apiVersion: sidelight.dev/v1",
      "kind: SLO",
      "metadata:",
      "  name: foo-slo",
      "  owner: identity",
      '  labels: {organization: acme, team: "identity,rbac"}',
      "spec:",
      "  description: What foo promises.",
      "  where: [workload=shop/foo]",
      "  indicator: availability",
      "  objective: 98",
      "  window: 28d",
      "",
    ].join("\n"),
  );
  const [rule] = rulesOf(INLINE);
  assert.equal([rule?.objective, rule?.windowMs, rule?.owner], [0.98, 28 * 86_400_000, "identity"]);
  assert.is(objects[0]?.place.line, 1);
});

test("what it refers to in the same text: SLI, policies and conditions, in any order", () => {
  const text = [
    `apiVersion: openslo/v1
kind: SLO
metadata: { name: fast }
spec:
  indicatorRef: latency
  objectives:
    - { op: lte, value: 300, targetPercent: 99 }
  alertPolicies:
    - alertPolicyRef: page
    - kind: AlertPolicy
      spec:
        conditions:
          - kind: AlertCondition
            spec:
              severity: ticket
              condition: { kind: burnrate, op: gt, threshold: 1, lookbackWindow: 3d, alertAfter: 5m }
`,
    `apiVersion: openslo/v1
kind: SLI
metadata: { name: latency }
spec:
  thresholdMetric:
    metricSource: { type: Sidelight, spec: { indicator: latency, unit: ms, where: [workload=shop/foo], groupBy: [route] } }
`,
    `apiVersion: openslo/v1
kind: AlertPolicy
metadata: { name: page }
spec:
  alertWhenBreaching: true
  conditions: [{ conditionRef: burns }]
  notificationTargets: [{ targetRef: mail }]
`,
    `apiVersion: openslo/v1
kind: AlertCondition
metadata: { name: burns }
spec: { severity: page, condition: { kind: burnrate, op: gte, threshold: 14, lookbackWindow: 1h, alertAfter: 5m } }
`,
    "apiVersion: openslo/v1\nkind: Service\nmetadata: { name: foo }\n",
    "apiVersion: openslo/v1\nkind: AlertNotificationTarget\nmetadata: { name: mail }\nspec: { target: email }\n",
  ].join("---\n");
  const [rule, ...others] = rulesOf(text);
  assert.equal(others, []);
  assert.equal(rule?.indicator, { kind: "latency", overMs: 300 });
  assert.equal(rule?.groupBy, [{ attribute: "route", end: undefined }]);
  assert.is(rule?.forMs, 300_000);
  const minute = 60_000;
  assert.equal(rule?.burns, [
    { severity: "critical", longMs: 60 * minute, shortMs: 5 * minute, burnRate: 14 },
    { severity: "warning", longMs: 4_320 * minute, shortMs: 360 * minute, burnRate: 1 },
  ]);
});

test("annotations say what is counted where the source is another", () => {
  const annotated = INLINE.replace("type: Sidelight", "type: Prometheus")
    .replace('{ where: ["workload=shop/foo"], indicator: availability }', "{ query: sum(up) }")
    .replace(
      "{ sidelight.dev/owner: identity }",
      '{ sidelight.dev/indicator: latency under 250ms, sidelight.dev/where: "workload=shop/foo, method=GET" }',
    );
  const [rule] = rulesOf(annotated);
  assert.equal(rule?.indicator, { kind: "latency", overMs: 250 });
  assert.is(rule?.where.length, 2);
});

test("several objectives are several SLOs", () => {
  const { objects } = read(`${INLINE}    - target: 0.999\n`);
  assert.equal(
    objects.map(({ name }) => name),
    ["foo-slo-1", "foo-slo-2"],
  );
});

test("what does not fit is refused at its line, with what to write", () => {
  const cases: [string, string, RegExp][] = [
    [
      "type: Sidelight\n",
      "type: Prometheus\n",
      /:19:13: spec\.indicator\.spec\.ratioMetric\.good\.metricSource: Sidelight counts itself, and asks no Prometheus; write/,
    ],
    ["isRolling: true", "isRolling: false", /:25:18: spec\.timeWindow\[0\]\.isRolling: must be true/],
    [
      "      isRolling: true",
      "      isRolling: true\n      calendar: { timeZone: UTC }",
      /:26:17: .*calendar: windows are rolling here; leave it out/,
    ],
    ["duration: 4w", "duration: 1M", /:24:17: .*1M has no fixed length; write days/],
    ["Occurrences", "Timeslices", /:26:20: spec\.budgetingMethod: must be Occurrences/],
    ["target: 0.98", "target: 98", /:29:15: spec\.objectives\[0\]\.target: must be below 1, such as 0\.999/],
    ["target: 0.98", "target: 0.98\n      compositeWeight: 2", /:30:24: .*make an SLO of each/],
    ["service: foo", "servce: foo", /:10:3: spec\.servce: there is no "servce" here; did you mean "service"\?/],
    ["workload=shop/foo", "workload:shop/foo", /:20:29: .*where\[0\]: it looks like namespace=shop/],
    ["kind: SLO", "kind: Slo", /:2:7: kind: there is no "Slo" here; did you mean "SLO"\?/],
    ["name: foo-slo", "name: Foo_SLO", /:4:9: metadata\.name: "Foo_SLO" is no name/],
    [
      "  timeWindow:\n    - duration: 4w",
      "  timeWindow:\n    - duration: 1d",
      /:24:17: spec\.timeWindow\[0\]\.duration: must be from 7d to 90d, not 1d/,
    ],
  ];
  for (const [part, other, expected] of cases) {
    assert.ok(INLINE.includes(part), part);
    assert.match(problemsOf(INLINE.replace(part, () => other)).join("\n"), expected, other);
  }
});

test("what is missing that it refers to", () => {
  const text =
    "apiVersion: openslo/v1\nkind: SLO\nmetadata: { name: a }\nspec: { indicatorRef: none, objectives: [{ target: 0.9 }] }\n";
  assert.equal(problemsOf(text), [
    'slo.yaml:4:23: spec.indicatorRef: there is no SLI "none" in this text that can be used',
  ]);
});

test("it stands beside objects of Sidelight, and is told apart from them by its name", () => {
  const own =
    "apiVersion: sidelight.dev/v1\nkind: SLO\nmetadata: {name: foo-slo}\nspec: {indicator: connect, objective: 99}\n";
  const { objects, problems } = read(`${INLINE}---\n${own}`);
  assert.is(objects.length, 1);
  assert.match(problems.map(problemLine).join(), /has this name already/);
});

test("a damaged document is read without a throw", () => {
  for (let at = 0; at < INLINE.length; at += 40) {
    for (const piece of ["[", "1", ": ", "\n- "]) read(`${INLINE.slice(0, at)}${piece}${INLINE.slice(at + 2)}`);
  }
});

test.run();
