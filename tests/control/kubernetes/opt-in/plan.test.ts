import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Labels } from "../../../../control/kubernetes/opt-in/labels.ts";
import type { NamespaceState, WorkloadState } from "../../../../control/kubernetes/opt-in/namespace-state.ts";
import { optedInBy, readObserve } from "../../../../control/kubernetes/opt-in/observe.ts";
import { planNamespace } from "../../../../control/kubernetes/opt-in/plan.ts";
import type { NamespacePlan, PlannedWorkload } from "../../../../control/kubernetes/opt-in/plan.ts";
import { labelValue, pluginName } from "../../../../control/kubernetes/opt-in/plugin-name.ts";
import { namespaceState, pluginsOn, podState, workloadState } from "./namespaces.ts";

/** Name and selector of each plugin. */
function plugins(workloads: readonly WorkloadState[], observe?: string): [string, Labels | undefined][] {
  return planNamespace(namespaceState(workloads, observe)).plugins.map(({ name, selector }) => [name, selector]);
}

function told(workloads: readonly WorkloadState[], observe?: string): PlannedWorkload {
  const [first] = planNamespace(namespaceState(workloads, observe)).workloads;
  if (!first) throw new Error("Nothing is told of any workload");
  return first;
}

test("a namespace that is on has one plugin for all of it, also while nothing runs there", () => {
  assert.equal(plugins([workloadState("user"), workloadState("cart")], "true"), [["sidelight", undefined]]);
  assert.equal(plugins([], "true"), [["sidelight", undefined]]);
  assert.is(told([workloadState("user")], "true").by, "namespace");
  assert.equal(plugins([workloadState("user")]), []);
  assert.equal(plugins([workloadState("user")], "false"), []);
});

test("an exclusion below a namespace that is on leaves a plugin for each of the others", () => {
  const workloads = [workloadState("user"), workloadState("cart", { observe: "false" }), workloadState("orders")];
  assert.equal(plugins(workloads, "true"), [
    ["sidelight-orders", { app: "orders" }],
    ["sidelight-user", { app: "user" }],
  ]);
  const scaledDown = [workloadState("user"), workloadState("cart", { observe: "false", pods: [] })];
  assert.equal(plugins(scaledDown, "true"), [["sidelight-user", { app: "user" }]], "its next pod is excluded too");
  assert.is(told([workloadState("cart", { observe: "false" })], "true").isExcluded, true);
});

test("what stands nearer counts, and an exclusion wins between pod and workload", () => {
  assert.is(optedInBy({ pod: undefined, workload: "on", namespace: "off" }), "workload");
  assert.is(optedInBy({ pod: "off", workload: "on", namespace: "on" }), undefined);
  assert.is(optedInBy({ pod: "on", workload: "off", namespace: "on" }), undefined);
  assert.is(optedInBy({ pod: "on", workload: undefined, namespace: undefined }), "pod");
  assert.is(optedInBy({ pod: undefined, workload: "wrong", namespace: "on" }), undefined);
  assert.equal(["true", "false", "True", "yes", "", undefined].map(readObserve), [
    ...["on", "off", "wrong", "wrong", "wrong", undefined],
  ]);
});

test("a wrong value is told with what to write, once, and turns nothing on", () => {
  const wrong = workloadState("user", { observe: "yes", pods: [podState({ app: "user" }, { observe: "yes" })] });
  const { problems, by } = told([wrong], "true");
  assert.is(by, undefined);
  assert.is(problems.length, 1);
  assert.match(
    problems[0] ?? "",
    /Deployment user says sidelight\.dev\/observe: "yes"; write "true" or "false", in quotes/,
  );
  const plan = planNamespace(namespaceState([workloadState("user")], "on"));
  assert.match(plan.problem ?? "", /Namespace shop says .* write "true" or "false"/);
  assert.equal(plan.plugins, []);
});

test("a workload is selected by what it selects by, else by its template's labels, and by no hash of a rollout", () => {
  const labels = { app: "user", tier: "api" };
  const pods = [podState({ ...labels, "pod-template-hash": "7c9" })];
  const given = { observe: "true", labels, pods };
  assert.equal(plugins([workloadState("user", { ...given, selector: { app: "user" } })]), [
    ["sidelight-user", { app: "user" }],
  ]);
  assert.equal(plugins([workloadState("user", { ...given, selector: undefined })]), [["sidelight-user", labels]]);
  const batch = workloadState("web", { labels: { app: "user", tier: "web" } });
  assert.equal(
    plugins([workloadState("user", { ...given, selector: { app: "user" } }), batch]),
    [["sidelight-user", labels]],
    "its own selector would select another's pods too",
  );
  const rollout = { kind: "Rollout", selector: undefined, templateLabels: undefined };
  const hashed = [podState({ app: "user", "rollouts-pod-template-hash": "5f" }, { observe: "true" })];
  assert.equal(plugins([workloadState("user", { ...rollout, pods: hashed })]), [["sidelight-user", { app: "user" }]]);
});

test("runs of a CronJob keep their plugin, and a Job may be selected by its name", () => {
  const given = { selector: undefined, templateLabels: undefined };
  const run = (job: string) => podState({ app: "report", "job-name": job }, { observe: "true" });
  assert.equal(plugins([workloadState("report", { ...given, kind: "CronJob", pods: [run("report-1")] })]), [
    ["sidelight-report", { app: "report" }],
  ]);
  const job = podState({ "job-name": "import", "controller-uid": "1" }, { observe: "true" });
  assert.equal(plugins([workloadState("import", { ...given, kind: "Job", pods: [job] })]), [
    ["sidelight-import", { "job-name": "import" }],
  ]);
});

test("one pod of a workload is turned on where a label is its alone", () => {
  const name = "statefulset.kubernetes.io/pod-name";
  const pods = ["db-0", "db-1"].map((pod) =>
    podState({ app: "db", [name]: pod }, { name: pod, observe: pod === "db-1" ? "true" : undefined }),
  );
  assert.equal(plugins([workloadState("db", { kind: "StatefulSet", pods })]), [
    ["sidelight-db", { app: "db", [name]: "db-1" }],
  ]);
});

test("where labels do not tell included from excluded, the exclusion wins and the label to add is told", () => {
  const pods = [podState({ app: "user" }, { observe: "true" }), podState({ app: "user" }, { name: "b" })];
  assert.equal(plugins([workloadState("user", { pods })]), []);
  const { plugin, problems } = told([workloadState("user", { pods })]);
  assert.is(plugin, undefined);
  assert.match(problems.join(), /Some pods of Deployment user .* no labels tell them apart: none is.*add a label/);
  const twins = [workloadState("user", { observe: "true" }), workloadState("twin", { labels: { app: "user" } })];
  assert.equal(plugins(twins), []);
  assert.match(
    told(twins).problems.join(),
    /Deployment user .* labels are also those of pods that are not.*Add a label/,
  );
});

test("twins that are both on share a plugin, so that nothing is counted twice", () => {
  const twins = ["user", "twin"].map((name) => workloadState(name, { observe: "true", labels: { app: "user" } }));
  const plan = planNamespace(namespaceState(twins));
  assert.equal(
    plan.plugins.map(({ selector }) => selector),
    [{ app: "user" }],
  );
  assert.equal(
    plan.workloads.map(({ plugin }) => plugin),
    ["sidelight-twin", "sidelight-twin"],
  );
});

test("where TCP is wanted each selection has a plugin for it beside that for HTTP, which is the one that is told", () => {
  const workloads = [workloadState("user"), workloadState("cart", { observe: "false" })];
  const planned = (of: readonly WorkloadState[]): unknown =>
    planNamespace(namespaceState(of, "true"), { withTcp: true }).plugins.map(({ name, kind, selector }) => {
      return [name, kind, selector];
    });
  assert.equal(planned(workloads), [
    ["sidelight-user", "http", { app: "user" }],
    ["sidelight.tcp-user", "tcp", { app: "user" }],
  ]);
  assert.equal(planned(workloads.slice(0, 1)), [
    ["sidelight", "http", undefined],
    ["sidelight.tcp", "tcp", undefined],
  ]);
  const plan = planNamespace(namespaceState(workloads, "true"), { withTcp: true });
  assert.is(plan.workloads.find(({ name }) => name === "user")?.plugin, "sidelight-user");
  const off = planNamespace(namespaceState(workloads), { withTcp: true });
  assert.equal(off.plugins, []);
});

test("in the mesh's root namespace nothing is turned on, and it is told why", () => {
  const plan = planNamespace(
    { ...namespaceState([workloadState("gateway", { observe: "true" })]), name: "mesh" },
    { isRoot: true, withTcp: true },
  );
  assert.equal(plan.plugins, []);
  assert.match(plan.workloads[0]?.problems.join() ?? "", /mesh is the mesh's root namespace/);
  assert.match(planNamespace(namespaceState([], "true"), { isRoot: true }).problem ?? "", /root namespace/);
});

test("pods without a sidecar are counted as such", () => {
  const pods = [podState({ app: "user" }), podState({ app: "user" }, { hasSidecar: false })];
  const { included, sidecars, pods: all } = told([workloadState("user", { pods })], "true");
  assert.equal([all, included, sidecars], [2, 2, 1]);
});

test("names stay within what the API takes, and apart", () => {
  const long = "x".repeat(253);
  const workloads = [long, `${long.slice(0, 252)}y`, "Big:name", "big-name", "a..b", "-", "tcp", "tcp-user", "user"];
  const names = [undefined, ...workloads].flatMap((name) => [pluginName(name), pluginName(name, "tcp")]);
  assert.is(new Set(names).size, names.length);
  for (const name of names) {
    assert.ok(name.length <= 253, name);
    assert.match(name, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
  }
  assert.is(pluginName("user.v1"), "sidelight-user.v1");
  assert.is(pluginName("user.v1", "tcp"), "sidelight.tcp-user.v1");
  assert.is(labelValue("sidelight.sidelight"), "sidelight.sidelight");
  assert.ok(labelValue("y".repeat(300)).length <= 63);
  assert.match(labelValue("a/b"), /^a-b-[0-9a-f]{10}$/);
});

/** Numbers from 0 up to 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

function anyWorkload(name: string, random: () => number): WorkloadState {
  const pick = <T>(...items: T[]): T => items[Math.floor(random() * items.length)] as T;
  const anyLabels = (): Labels => {
    const all: [string, string][] = ["app", "tier", "track"].map((label) => [label, pick("a", "b")]);
    return Object.fromEntries(all.filter(() => random() < 0.7));
  };
  const labels = anyLabels();
  const pods = Array.from({ length: pick(0, 1, 1, 3) }, (_, index) => {
    const more: Labels = random() < 0.3 ? anyLabels() : {};
    return podState(
      { ...labels, ...more },
      { name: `${name}-${index}`, observe: pick(undefined, undefined, "true", "false") },
    );
  });
  const [first] = Object.entries(labels);
  const selector = pick(labels, first ? Object.fromEntries([first]) : undefined, undefined);
  return {
    ...workloadState(name, { pods, observe: pick(undefined, "true", "true", "false") }),
    selector,
    templateLabels: pick(labels, undefined),
  };
}

interface Planned {
  readonly state: NamespaceState;
  readonly plan: NamespacePlan;
  readonly workload: WorkloadState;
}

/** Looks at each pod of a workload, and counts those that are included. */
function countSelected(
  when: string,
  { state, plan, workload: { name, observe, pods } }: Planned,
  seen: { plugins: number; problems: number },
): void {
  const planned = plan.workloads.find((workload) => workload.name === name);
  for (const { labels, observe: own } of pods) {
    const stated = { pod: readObserve(own), workload: readObserve(observe), namespace: readObserve(state.observe) };
    const isIncluded = optedInBy(stated) !== undefined;
    const expected = isIncluded && planned?.plugin !== undefined ? [planned.plugin] : [];
    assert.equal(pluginsOn(plan, labels), expected, `${when}, ${name} ${JSON.stringify(labels)}`);
    if (!isIncluded) continue;
    assert.is(planned?.problems.length, expected.length === 0 ? 1 : 0, `${when}, ${name}`);
    seen[expected.length > 0 ? "plugins" : "problems"] += 1;
  }
}

test("whatever the labels: who is included has one plugin or a problem, who is not has none", () => {
  const seen = { plugins: 0, problems: 0 };
  for (let seed = 1; seed <= 3_000; seed += 1) {
    const random = numbers(seed);
    const workloads = ["one", "two", "three", "four"].map((name) => anyWorkload(name, random));
    const state = namespaceState(workloads, random() < 0.3 ? "true" : undefined);
    const plan = planNamespace(state);
    for (const workload of workloads) countSelected(`seed ${seed}`, { state, plan, workload }, seen);
    const reversed = planNamespace({ ...state, workloads: [...workloads].reverse() });
    assert.equal(reversed, plan, `seed ${seed}: the order does not matter`);
  }
  assert.ok(seen.plugins > 1_000 && seen.problems > 300, JSON.stringify(seen));
});

test.run();
