import { suite } from "uvu";
import * as assert from "uvu/assert";

import { burnWindows } from "../../control/alerts/objects/burn-windows.ts";
import { ALERTING_KINDS } from "../../control/alerts/objects/defaults.ts";
import { expand } from "../../control/alerts/objects/expand.ts";
import { readObjects } from "../../control/alerts/objects/read-objects.ts";
import { attributeText } from "../../control/world/filter-text.ts";
import { firedWords, lanesOf, shortSince, TRIAL_SPANS } from "../../ui/src/model/firings.ts";
import { beginningOf, CONDITION_START, freeName, TEMPLATES } from "../../ui/src/model/rule-templates.ts";
import { CONDITIONS, RuleText } from "../../ui/src/model/rule-text.ts";
import {
  BURN_NAMES,
  USUAL_BURNS,
  scopeWords,
  severitiesOf,
  usualGrouping,
  watchedWords,
} from "../../ui/src/model/rule-words.ts";
import { findRule, findRules, originWords, problemWords, RuleRows, sortRules } from "../../ui/src/model/rules.ts";
import { withValue } from "../../ui/src/model/yaml-text.ts";
import { shopAlerts } from "./fixtures/alerts.ts";
import { object } from "./fixtures/objects.ts";
import { statedRules, triedRule } from "./fixtures/rules.ts";

const test = suite("rules as text and as forms");

const WRITTEN = `# What the bank does to us.
apiVersion: sidelight.dev/v1
kind: Alert
metadata:
  name: cards # known to the pagers by this
  labels: { tier: gold }
spec:
  severity: critical
  # About the condition.
  threshold:
    errors: { above: 5% } # agreed with the bank
    window: 5m

  # About the time.
  for: 2m
`;

/** Lines that are there before and not after, and the other way around. */
function changed(before: string, after: string): string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line.trim()}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line.trim()}`),
  ];
}

const problemsOf = (text: string): string[] =>
  readObjects(text, ALERTING_KINDS).problems.map(({ field, message }) => `${field}: ${message}`);

test("a field that is changed changes its own place and nothing else", () => {
  const rule = new RuleText(WRITTEN);
  const set = (path: string, value: Parameters<RuleText["with"]>[1]) => changed(WRITTEN, rule.with(path, value));
  assert.equal(set("spec.for", "5m"), ["- for: 2m", "+ for: 5m"]);
  assert.equal(set("spec.threshold.errors.clear", "4%"), [
    "- errors: { above: 5% } # agreed with the bank",
    "+ errors: { above: 5%, clear: 4% } # agreed with the bank",
  ]);
  assert.equal(set("spec.threshold.window", ""), ["- window: 5m"]);
  assert.equal(set("metadata.owner", "accounts"), ["+ owner: accounts"]);
  assert.equal(set("spec.where", ["workload=shop/user", "route~^/a, b"]), [
    '+ where: [workload=shop/user, "route~^/a, b"]',
  ]);
  assert.equal(set("disabled", true), ["+ disabled: true"]);
  assert.equal(set("spec.description", "Call\nthe bank"), ["+ description: |-", "+ Call", "+ the bank"]);
  assert.equal(rule.with("spec.groupBy", ""), WRITTEN, "what is not there is not taken out");
});

test("what is written into the form is what it shows, whatever it is", () => {
  const texts = ["x: #y", "123", "true", "- a", "'", '"', "a\nb: c\n\n d", "~", "{", "ä ", "*a", "null"];
  for (const text of texts) {
    for (const path of ["spec.description", "metadata.owner", "spec.threshold.errors.above", "spec.for"]) {
      const next = new RuleText(new RuleText(WRITTEN).with(path, text));
      assert.is(next.unshown, "", `${path}: ${text}`);
      assert.is(next.at(path), text, `${path}: ${text}`);
      assert.is(next.at("spec.severity"), "critical", `${path}: ${text}`);
      assert.match(next.text, "# About the time.");
      // And back: what was there is there again.
      const before = new RuleText(WRITTEN).at(path);
      assert.equal(new RuleText(next.with(path, before)).data("spec"), new RuleText(WRITTEN).data("spec"));
    }
  }
  const listed = new RuleText(new RuleText(WRITTEN).with("spec.where", texts));
  assert.equal(listed.list("spec.where"), texts);
});

test("numbers are written as they are typed, key by key", () => {
  let rule = new RuleText(
    "apiVersion: sidelight.dev/v1\nkind: SLO\nmetadata: { name: a }\nspec:\n  indicator: connect\n",
  );
  for (const typed of ["9", "99", "99.", "99.9", "99.90"]) {
    rule = new RuleText(rule.with("spec.objective", typed));
    assert.is(rule.at("spec.objective"), typed);
  }
  assert.equal(problemsOf(rule.text), []);
});

test("flow maps, empty ones and texts in one line are changed, too", () => {
  const text = "{kind: Alert, spec: {a: 1, b: 2}}";
  assert.is(withValue(text, ["spec", "a"], undefined), "{kind: Alert, spec: {b: 2}}");
  assert.is(withValue(text, ["spec", "b"], undefined), "{kind: Alert, spec: {a: 1}}");
  assert.is(withValue("kind: Alert\nspec: {}", ["spec", "for"], "2m"), "kind: Alert\nspec: { for: 2m }");
  assert.is(withValue("kind: Alert\nspec:\n", ["spec", "for"], "2m"), "kind: Alert\nspec:\n  for: 2m\n");
  assert.is(withValue("spec: [", ["spec", "for"], "2m"), "spec: [", "what cannot be read stays");
  const block = "spec:\n  description: |\n    one\n    two\n\n  for: 2m\n";
  assert.is(withValue(block, ["spec", "description"], "one"), "spec:\n  description: one\n\n  for: 2m\n");
});

test("what the form has no field for is kept, and named", () => {
  const text = WRITTEN.replace("    window: 5m", "    window: 5m\n    because: x").replace(
    "  for:",
    "  where: a\n  for:",
  );
  assert.equal(new RuleText(text).kept, ["metadata.labels", "spec.threshold.because", "spec.where"]);
  assert.match(new RuleText(text).with("spec.for", "1m"), "because: x");
  const why = (given: string): string => new RuleText(given).unshown;
  assert.match(why("a: ["), "no YAML");
  assert.match(why("kind: SLO\n---\nkind: SLO\n"), "several objects");
  assert.match(why("kind: Mute"), "SLO and Alert");
  assert.match(why("apiVersion: openslo/v1\nkind: SLO"), "OpenSLO");
  assert.is(why("a: *nobody"), "This is no object");
});

test("another condition takes the place of the one that there is, and each that begins is a rule", () => {
  for (const from of CONDITIONS) {
    const begun = new RuleText(new RuleText(WRITTEN).withCondition(from, CONDITION_START[from]));
    assert.is(begun.condition, from);
    assert.equal(problemsOf(begun.text), [], begun.text);
    for (const to of CONDITIONS) {
      const turned = new RuleText(begun.withCondition(to, CONDITION_START[to]));
      assert.is(turned.condition, to, `${from} to ${to}`);
      assert.equal(problemsOf(turned.text), [], turned.text);
    }
  }
  const latency = new RuleText(WRITTEN).withCondition("latency", CONDITION_START.latency);
  assert.match(latency, "window: 5m", "the window is of both");
});

test("each template is a rule that control takes, about where it was begun", () => {
  const begun = { copy: "", workload: "shop/user", method: "GET", route: "/cards/{id}" };
  const taken = [object({ kind: "Alert", name: "user-errors", yaml: "" })];
  for (const { id } of TEMPLATES) {
    const text = beginningOf({ template: id, ...begun }, taken)!;
    assert.equal(problemsOf(text), [], text);
    const rule = new RuleText(text);
    const endpoint = id === "no-data" ? [] : ["method=GET", "route=/cards/{id}"];
    assert.equal(rule.list("spec.where"), ["workload=shop/user", ...endpoint]);
    assert.equal(rule.kept, []);
    assert.ok(watchedWords(rule), id);
  }
  assert.match(beginningOf({ template: "errors", ...begun }, taken)!, "name: user-errors-2");
  assert.is(beginningOf({ ...begun, template: "no such" }, taken), undefined);
  const copy = beginningOf({ ...begun, template: "", copy: "endpoint-slow" }, statedRules())!;
  assert.equal([new RuleText(copy).name, new RuleText(copy).isDisabled], ["endpoint-slow-2", false]);
  assert.is(freeName("Shop / Übung", new Set()), "shop-bung");
});

test("rules are told in words", () => {
  const words = (text: string): string => watchedWords(new RuleText(text));
  const spec = (kind: string, lines: string): string => `kind: ${kind}\nspec:\n${lines}`;
  assert.is(words(WRITTEN), "More than 5% of requests fail over 5m");
  assert.is(
    words(spec("SLO", "  indicator: { latency: { under: 1s } }\n  objective: 99\n")),
    "99 % of requests are answered within 1s over 30d",
  );
  assert.is(
    words(spec("Alert", "  threshold: { latency: { percentile: 90, above: 1s } }\n")),
    "p90 is above 1s over 5m",
  );
  assert.is(
    words(spec("Alert", "  threshold: { throughput: { below: 5/m }, window: 1h }\n")),
    "Fewer than 5/m requests over 1h",
  );
  assert.is(words(spec("Alert", "  noData: { after: 5m }\n")), "What reported before says nothing for 5m");
  assert.is(words(spec("Alert", "  topology: somethingNew\n")), "Who calls whom has changed");
  assert.is(words("kind: Alert\ndisabled: true\n"), "");
  const scope = (text: string): string => scopeWords(new RuleText(text));
  assert.is(scope(spec("Alert", "  where: [a=b, c=d]\n  groupBy: []\n")), "a=b and c=d, all as one");
  assert.is(scope(spec("Alert", "  topology: newEdge\n")), "everything, each client.workload, server.workload");
  const severities = (lines: string) => severitiesOf(new RuleText(spec("SLO", `  objective: 99\n${lines}`)));
  assert.equal(severities(""), ["critical", "warning"]);
  assert.equal(severities("  alerts: { slow: off, fast: { severity: warning }, medium: off }\n"), ["warning"]);
  assert.equal(severities("  alerts: off\n"), []);
});

test("the list says of each rule its state, where it comes from and what is open, the worst first", () => {
  const alerts = shopAlerts(0).map((alert) => ({ ...alert, rule: "cards-errors" }));
  const rows = sortRules(new RuleRows().of(statedRules(), alerts), "");
  assert.equal(
    rows.slice(0, 4).map(({ name, state, open }) => [name, state, open]),
    [
      ["payment-silent", "wrong", 0],
      ["strangers", "wrong", 0],
      ["cards-errors", "on", alerts.length],
      ["availability", "on", 0],
    ],
  );
  const from = (name: string) => originWords(rows.find((row) => row.name === name)!.object);
  assert.is(from("checkout-latency"), "rules/checkout.yaml:12");
  assert.is(from("endpoint-slow"), "Made here, in place of a default");
  const none = { kind: "", severity: "", state: "", origin: "", text: "" };
  const names = (filter: Partial<typeof none>) => findRules(rows, { ...none, ...filter }).map(({ name }) => name);
  assert.equal(names({ state: "off" }), ["endpoint-slow"]);
  assert.equal(names({ kind: "SLO", origin: "file" }), ["checkout-latency"]);
  assert.equal(names({ text: "bank accounts" }), [], "comments are not searched");
  assert.equal(names({ text: "cards accounts" }), ["cards-errors"]);
  assert.equal(sortRules(rows, "-open")[0]?.name, "cards-errors");
  assert.equal(problemWords("rules/a.yaml:7:20: spec.for: no\nmore"), {
    place: "rules/a.yaml:7:20",
    why: "spec.for: no",
  });
  assert.equal(problemWords("silence is not judged"), { place: "", why: "silence is not judged" });
});

test("of two rules of one name that which holds is found, and the other where it is asked for", () => {
  const twice = [
    object({ kind: "Alert", name: "a", yaml: "", origin: "api", error: "has this name already" }),
    object({ kind: "Alert", name: "a", yaml: "", origin: "file" }),
    object({ kind: "Mute", name: "m", yaml: "" }),
  ];
  assert.is(findRule(twice, "a")?.origin, "file");
  assert.is(findRule(twice, "a", "api")?.origin, "api");
  assert.is(findRule(twice, "m"), undefined);
});

test("firings are a line for each group, and told with how far the history reaches", () => {
  const span = TRIAL_SPANS[1];
  const order = { from: 0, to: span.ms };
  const result = triedRule(order, { count: 5, groups: 2 });
  const lanes = lanesOf(result);
  assert.equal(
    lanes.map(({ group, bars }) => [group, bars.length]),
    [
      ["user", 3],
      ["orders", 2],
    ],
  );
  for (const { from, to } of lanes.flatMap(({ bars }) => bars)) assert.ok(from >= 0 && from < to && to <= 1);
  assert.is(
    firedWords(result, span),
    "would have fired 5\u00a0times in the last 7 days; people would have been told 4\u00a0times",
  );
  assert.is(firedWords({ total: 0, incidents: 0 }, span), "would not have fired in the last 7 days");
  assert.is(shortSince(result), null);
  assert.is(shortSince({ ...result, sinceMs: 86_400_000 }), 86_400_000);
  assert.is(shortSince({ ...result, sinceMs: null }), undefined);
});

test("an SLO that says nothing of its alerts is shown with those that control makes of it", () => {
  assert.equal(
    BURN_NAMES.map((name) => USUAL_BURNS[name]),
    burnWindows(30 * 86_400_000),
  );
});

test("what a rule tells apart where it does not say is shown as control has it", () => {
  const conditions = [
    ...["newEdge", "edgeVanished", "newExternal", "restartedIntoErrors"].map((event) => `topology: ${event}`),
    ...["baseline: { indicator: latency }", "noData: { after: 5m }", "threshold: { errors: { above: 5% } }"],
  ];
  for (const condition of conditions) {
    const text = `apiVersion: sidelight.dev/v1\nkind: Alert\nmetadata: { name: x }\nspec: { severity: warning, ${condition} }\n`;
    const [rule] = expand(readObjects(text, ALERTING_KINDS).objects).rules;
    assert.equal(usualGrouping(new RuleText(text)), rule!.groupBy.map(attributeText), condition);
  }
});

test.run();
