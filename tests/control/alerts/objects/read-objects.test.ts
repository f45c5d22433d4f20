import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ALERTING_KINDS } from "../../../../control/alerts/objects/defaults.ts";
import { problemLine, problemText } from "../../../../control/alerts/objects/problem.ts";
import { readObjects } from "../../../../control/alerts/objects/read-objects.ts";
import type { Reading } from "../../../../control/alerts/objects/read-objects.ts";

const test = suite("objects as YAML");
const read = (text: string): Reading => readObjects(text, ALERTING_KINDS, { file: "rules.yaml" });
const problems = (text: string): string[] => read(text).problems.map(problemLine);

/** An object with these lines as its spec. */
function object(kind: string, ...spec: readonly string[]): string {
  const head = ["apiVersion: sidelight.dev/v1", `kind: ${kind}`, "metadata: { name: one }", "spec:"];
  return [...head, ...spec.map((line) => `  ${line}`), ""].join("\n");
}

/** What is said of the only thing wrong with it. */
function only(text: string): string {
  const [first, ...others] = problems(text);
  assert.equal(others, [], text);
  return first ?? "";
}

test("several in a text, each with where it begins", () => {
  const { objects, problems } = read(
    [
      "# what the shop promises",
      object("SLO", "indicator: availability", "objective: 99.9"),
      "--- # muted at night",
      object(
        "Mute",
        "matchers: [rule=~.*]",
        "from: 2026-03-01T00:00:00Z",
        "to: 2026-03-02T00:00:00Z",
        "author: me",
        "reason: x",
      ),
      "...",
      "---",
      "# nothing but a comment",
    ].join("\n"),
  );
  assert.equal(problems, []);
  assert.equal(
    objects.map(({ kind, name, place }) => [kind, name, place.file, place.line]),
    [
      ["SLO", "one", "rules.yaml", 2],
      ["Mute", "one", "rules.yaml", 10],
    ],
  );
  assert.match(objects[1]?.text ?? "", /# muted at night/);
});

test("what is wrong is shown where it stands", () => {
  const [problem] = read(object("SLO", "indicator: availability", "objective: 0.999")).problems;
  assert.ok(problem);
  assert.is(
    problemText(problem),
    [
      "rules.yaml:6:14: spec.objective: 0.999 percent is hardly meant; objectives are percent, so write 99.9",
      "     6 |   objective: 0.999",
      "       |              ^^^^^",
    ].join("\n"),
  );
});

test("a long line is cut around what is wrong, and nothing that steers a terminal is shown", () => {
  const [problem] = read(object("SLO", `objective: 99.9 # \u001b[31m`, `where: [${"a=b, ".repeat(40)}wrong]`)).problems;
  assert.ok(problem);
  const [line, mark] = problem.frame;
  assert.ok(line.length <= 100 && mark.length <= 100);
  for (const { frame } of read(object("SLO", "obj\u001b[31mective: 99.9")).problems) {
    assert.not.match(frame.join(""), "\u001b");
  }
});

test("unknown names come with the one that was meant", () => {
  const slo = ["indicator: availability", "objective: 99.9"];
  const cases: [string, RegExp][] = [
    [
      object("SLO", ...slo, "groupby: [workload]"),
      /:7:3: spec\.groupby: there is no "groupby" here; did you mean "groupBy"\?$/,
    ],
    [object("SLO", ...slo, "grouping: 1"), /there is no "grouping" here; there are description, runbook, .* and keep$/],
    [object("slo", ...slo), /:2:7: kind: there is no kind "slo"; did you mean SLO\?$/],
    [
      object("SLO", ...slo, "where: [wrkload=shop/user]"),
      /:7:11: spec\.where\[0\]: there is no attribute "wrkload"; did you mean "workload"\?$/,
    ],
    [object("SLO", ...slo, "groupBy: [server.rout]"), /there is no attribute "rout"; did you mean "route"\?$/],
    [object("SLO", ...slo, "groupBy: [pod]"), /pod is known of pods only/],
    [
      object("Alert", "severity: warning", "topology: edgeVanished", "groupBy: [workload]"),
      /spec\.groupBy: must have client\.workload and server\.workload/,
    ],
    [
      object("Alert", "severity: warning", "topology: newExternal", "groupBy: [client.workload]"),
      /spec\.groupBy: must have server\.workload/,
    ],
    [
      object("Alert", "severity: warning", "topology: restartedIntoErrors", "groupBy: [namespace]"),
      /spec\.groupBy: must have workload/,
    ],
    [
      object("Alert", "severity: warning", "noData: { after: 5m }", "where: [method=GET]"),
      /spec\.groupBy: must be of workload, .* as `where` must/,
    ],
    [object("SLO", ...slo, "where: [route=~^/x]"), /a regular expression is written route~\^\/x$/],
    [object("SLO", ...slo, 'where: ["route~("]'), /spec\.where\[0\]: it is no regular expression/],
    [
      object("SLO", "indicator: avalability", "objective: 99.9"),
      /spec\.indicator: is "avalability"; did you mean "availability"\?$/,
    ],
    [
      object("Alert", "severity: crit", "topology: newEdge"),
      /spec\.severity: is "crit"; it must be warning or critical$/,
    ],
  ];
  for (const [text, expected] of cases) assert.match(only(text), expected);
});

test("quantities say their unit, and the right one", () => {
  const errors = (above: string): string =>
    object("Alert", "severity: warning", `threshold: { errors: { above: ${above} } }`);
  const slo = (objective: string, more = ""): string =>
    object("SLO", "indicator: availability", `objective: ${objective}`, more);
  const cases: [string, RegExp][] = [
    [errors("5"), /:6:33: spec\.threshold\.errors\.above: 5 of what\? Write 5%$/],
    [errors("0.05"), /0\.05 of what\? Write 0\.05%, or 5%$/],
    [errors("5ms"), /"5ms" is no share; write it like 5% or 0\.1%$/],
    [errors("101%"), /101% is more than all$/],
    [slo("0.999"), /so write 99\.9$/],
    [slo("1"), /1 percent is hardly meant/],
    [slo("100"), /100 leaves no budget/],
    [slo("9.99"), /must be percent, from 50 to below 100/],
    [slo("good"), /"good" is no objective/],
    [slo("99.9", "window: 30"), /30 of what\? Write the unit: 30ms, 30s, 30m, 30h or 30d$/],
    [slo("99.9", "window: 1d"), /must be from 7d to 90d, not 1d$/],
    [slo("99.9", "window: 1M"), /"M" is no unit of time; there are ms, s, m, h, d and w$/],
    [
      slo("99.9", "alerts: { fast: { long: 3m } }"),
      /must have a short window shorter than its long one; they are 5m and 3m$/,
    ],
    [
      object("Alert", "severity: warning", "threshold: { errors: { above: 5% }, window: 7m }"),
      /one of 1m, 5m, 10m, 30m, 1h, not 7m$/,
    ],
    [
      object("Alert", "severity: warning", "threshold: { throughput: { below: 10 } }"),
      /10 in what time\? Write 10\/s, 10\/m or 10\/h$/,
    ],
    [
      object("Alert", "severity: warning", "threshold: { throughput: { below: 10/s, above: 5/s } }"),
      /either `above` or `below`$/,
    ],
    [
      object("Alert", "severity: warning", "threshold: { errors: { above: 5%, clear: 6% } }"),
      /clear: must be below `above`/,
    ],
    [
      object("Alert", "severity: warning", "threshold: { latency: { percentile: 0.99, above: 1s } }"),
      /percentile: must be percent/,
    ],
  ];
  for (const [text, expected] of cases) assert.match(only(text), expected, text);
});

test("one condition an alert, and one indicator a threshold", () => {
  assert.match(
    only(object("Alert", "severity: warning")),
    /spec: must have one of threshold, baseline, topology and noData$/,
  );
  const both = object("Alert", "severity: warning", "topology: newEdge", "noData: { after: 5m }");
  assert.match(
    only(both),
    /:7:11: spec\.noData: has topology and noData, and can have one of them; make an alert of each$/,
  );
  assert.match(
    only(object("Alert", "severity: warning", "threshold: { window: 5m }")),
    /must have one of errors, latency/,
  );
});

test("mutes match by something, within a time that has a zone, and say who and why", () => {
  const times = ["from: 2026-03-01T10:00:00Z", "to: 2026-03-01T12:00:00Z", "author: me", "reason: works"];
  const of = (matchers: string): string => object("Mute", `matchers: ${matchers}`, ...times);
  assert.equal(problems(of("[workload=shop/user, rule=~slo-.*, severity!=critical, client.workload!~a]")), []);
  assert.match(only(of("[]")), /would mute everything/);
  assert.match(only(of("[workload]")), /"workload" is no condition/);
  assert.match(only(of("[rul=x]")), /there is no "rul" here; did you mean "rule"\?$/);
  assert.match(only(of("['rule=~(']")), /no regular expression/);
  const [, ...others] = times;
  assert.match(
    only(object("Mute", "matchers: [rule=x]", "from: 2026-03-01T10:00", ...others)),
    /where\? Write the zone/,
  );
  assert.match(
    only(object("Mute", "matchers: [rule=x]", "from: 2026-03-02T10:00:00Z", ...others)),
    /spec\.to: must be after `from`$/,
  );
  assert.match(only(object("Mute", "matchers: [rule=x]", ...times.slice(0, 3))), /spec\.reason: must be there$/);
});

test("what is wrong in one leaves the others as they are", () => {
  const good = (name: string): string => object("SLO", "indicator: availability", "objective: 99").replace("one", name);
  const { objects, problems } = read(
    [good("a"), 'kind: "x\nmetadata: [\n', good("b"), "- 1\n", good("c"), "{a: *nobody}\n", good("d")].join("---\n"),
  );
  assert.equal(
    objects.map(({ name }) => name),
    ["a", "b", "c", "d"],
  );
  assert.equal(
    problems.map(({ line }) => line),
    [9, 18, 27],
  );
});

test("a name is for one object of a family; the first has it", () => {
  const slo = object("SLO", "indicator: availability", "objective: 99");
  const alert = object("Alert", "severity: warning", "topology: newEdge");
  const { objects, problems } = read([slo, slo, alert].join("---\n"));
  assert.equal(
    objects.map(({ place }) => place.line),
    [1],
  );
  assert.equal(problems.map(problemLine), [
    "rules.yaml:10:19: metadata.name: another SLO at line 1 has this name already; give it another",
    "rules.yaml:17:19: metadata.name: the SLO at line 1 has this name already; give it another",
  ]);
});

test("what is switched off needs no spec, and one that it has is read all the same", () => {
  const head = "apiVersion: sidelight.dev/v1\nkind: SLO\nmetadata: { name: one }\n";
  assert.is(read(`${head}disabled: true\n`).objects[0]?.isDisabled, true);
  assert.match(only(head), /:1:1: spec: must be there$/);
  assert.match(
    only(`${head}disabled: "yes"\nspec: { indicator: connect, objective: 99 }\n`),
    /disabled: must be true or false$/,
  );
  assert.match(only(`${head}disabled: true\nspec: { indicator: connect, objective: 1 }\n`), /spec\.objective/);
});

test("the name of an object is one that Kubernetes would take", () => {
  for (const name of ["Upper", "a_b", "-a", "a.", "a/b", "''"]) {
    assert.match(
      only(object("Alert", "severity: warning", "topology: newEdge").replace("one", name)),
      /metadata\.name: .* is no name/,
    );
  }
});

test.run();
