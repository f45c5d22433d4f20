import { test } from "uvu";
import * as assert from "uvu/assert";
import { ApiError } from "../../../../control/kubernetes/api-error.ts";
import { namespacesWith, untouched } from "../../../../control/kubernetes/opt-in/everybody.ts";
import { FirstReports } from "../../../../control/kubernetes/opt-in/first-reports.ts";
import { Holds } from "../../../../control/kubernetes/opt-in/holds.ts";
import { planNamespace } from "../../../../control/kubernetes/opt-in/plan.ts";
import { foreignFields, isAsWished, manifestOf } from "../../../../control/kubernetes/opt-in/plugin.ts";
import type { PluginObject } from "../../../../control/kubernetes/opt-in/plugin.ts";
import { standingOf } from "../../../../control/kubernetes/opt-in/standing.ts";
import type { StandingFacts } from "../../../../control/kubernetes/opt-in/standing.ts";
import { workloadStatus } from "../../../../control/kubernetes/opt-in/status.ts";
import type { Circumstances } from "../../../../control/kubernetes/opt-in/status.ts";
import { troublesOf } from "../../../../control/kubernetes/opt-in/troubles.ts";
import { namespaceState, podState, workloadState } from "./namespaces.ts";

const WRITTEN = Date.parse("2026-03-01T10:00:00Z");
const FILTER = { url: "http://sidelight.sidelight.svc:9480/filter/1.wasm", sha256: "1" };
const installation = { filter: FILTER, ingest: "sidelight.sidelight.svc.cluster.local:9400", instance: "a.b" };

const plugin: PluginObject = {
  metadata: { name: "sidelight", namespace: "shop", uid: "u", creationTimestamp: "2026-03-01T10:00:00Z" },
};

function circumstances(seconds: number, more: Partial<Circumstances> = {}): Circumstances {
  return {
    ...{ plugin, refusal: undefined, reports: undefined, isSpokenOf: () => true, fetched: () => "unknown" as const },
    ...{ filterUrl: FILTER.url, ingest: installation.ingest, nowMs: WRITTEN + seconds * 1_000 },
    ...more,
  };
}

function planned(more: Parameters<typeof workloadState>[1] = {}, observe: string | undefined = "true") {
  const [workload] = planNamespace(namespaceState([workloadState("user", more)], observe)).workloads;
  if (!workload) throw new Error("Nothing is told of the workload");
  return workload;
}

test("each workload is in one state, which says what comes next", () => {
  const state = (workload: ReturnType<typeof planned>, at: Circumstances) => workloadStatus(workload, at).state;
  const reports = { sinceMs: WRITTEN + 1_000, lastMs: WRITTEN + 5_000, areCurrent: true };
  assert.is(state(planned(), circumstances(5, { reports })), "reporting");
  assert.is(state(planned(), circumstances(5)), "waiting");
  assert.is(state(planned(), circumstances(40)), "silent");
  assert.is(state(planned(), circumstances(40, { isSpokenOf: () => false })), "waiting");
  assert.is(state(planned(), circumstances(40, { plugin: undefined, refusal: "no" })), "notWritten");
  assert.is(state(planned({ pods: [] }), circumstances(40)), "noPods");
  assert.is(
    state(planned({ pods: [podState({ app: "user" }, { hasSidecar: false })] }), circumstances(40)),
    "noSidecar",
  );
  assert.is(state(planned({ observe: "false" }), circumstances(40)), "excluded");
  assert.is(state(planned({ observe: "nope" }), circumstances(40)), "off");
});

test("the annotation is told where it stands, and what its sidecars said last", () => {
  const of = (more: Parameters<typeof workloadState>[1], at = circumstances(40)) => workloadStatus(planned(more), at);
  assert.is(of({}).stated, null);
  assert.equal(of({ observe: "false" }).stated, { on: "workload", name: "user", value: "false" });
  assert.equal(of({ observe: "yes", isInTemplate: true }).stated, { on: "template", name: "user", value: "yes" });
  const pods = [podState({ app: "user" }), podState({ app: "user" }, { name: "user-b", observe: "false" })];
  assert.equal(of({ pods }).stated, { on: "pod", name: "user-b", value: "false" });
  const gone = { sinceMs: WRITTEN, lastMs: WRITTEN + 5_000, areCurrent: false };
  const silent = of({}, circumstances(400, { reports: gone }));
  assert.equal([silent.state, silent.reporting, silent.lastReportMs], ["silent", null, WRITTEN + 5_000]);
  const quiet = of({}, circumstances(400, { reports: gone, isSpokenOf: () => false }));
  assert.match(quiet.problems.join(), /^No report any more/);
});

test("those whom nothing turns on are counted with their namespaces, and report where somebody else turned them on", () => {
  const count = { namespace: "store", name: "gate", kind: "Deployment", pods: 2, meshed: 1 };
  const off = untouched(count, { sinceMs: WRITTEN, lastMs: WRITTEN + 9, areCurrent: true });
  assert.equal([off.state, off.meshed, off.reporting], ["off", 1, { sinceMs: WRITTEN, lastMs: WRITTEN + 9 }]);
  const namespaces = new Map([
    ["store", undefined],
    ["shop", "true"],
    ["mesh", undefined],
  ]);
  const told = namespacesWith(namespaces, [workloadStatus(planned(), circumstances(5)), off], {
    ...{ problems: new Map([["shop", "no"]]), rootNamespace: "mesh" },
  });
  assert.equal(told, [
    { name: "mesh", observe: null, isRoot: true, workloads: 0, on: 0, reporting: 0, problem: null },
    { name: "shop", observe: "true", isRoot: false, workloads: 1, on: 1, reporting: 0, problem: "no" },
    { name: "store", observe: null, isRoot: false, workloads: 1, on: 0, reporting: 1, problem: null },
  ]);
});

test("opt-in as a whole stands by what keeps it from its work", () => {
  const well: StandingFacts = {
    ...{ isListed: true, isLeader: true, pluginsError: undefined, leaseError: undefined, isDenied: false },
  };
  const forbidden = new ApiError(403, "Forbidden", "no");
  const cases: readonly (readonly [string, Partial<StandingFacts>])[] = [
    ["writing", {}],
    ["standingBy", { isLeader: false }],
    ["starting", { isListed: false, isLeader: false }],
    ["noMesh", { pluginsError: new ApiError(404, "NotFound", "no"), leaseError: forbidden }],
    ["notPermitted", { pluginsError: forbidden }],
    ["notPermitted", { leaseError: forbidden, isLeader: false }],
    ["notPermitted", { isDenied: true }],
    ["away", { leaseError: new Error("ECONNREFUSED"), isLeader: false }],
    ["away", { pluginsError: new ApiError(503, "", "no") }],
  ];
  for (const [state, facts] of cases) assert.is(standingOf({ ...well, ...facts }), state, JSON.stringify(facts));
});

test("what sidecars reported before their plugin was made does not count for it", () => {
  const reports = { sinceMs: WRITTEN - 60_000, lastMs: WRITTEN - 1_000, areCurrent: true };
  const { state, reporting } = workloadStatus(planned(), circumstances(5, { reports }));
  assert.equal([state, reporting], ["waiting", null]);
});

test("a plugin that was written anew has as long as a new one", () => {
  const times = [
    { manager: "sidelight", time: "2026-03-01T11:00:00Z" },
    { manager: "kubectl", time: "2026-03-01T12:00:00Z" },
  ];
  const updated = { ...plugin, metadata: { ...plugin.metadata, managedFields: times } };
  const state = (seconds: number) => workloadStatus(planned(), circumstances(seconds, { plugin: updated })).state;
  assert.equal([state(3_605), state(3_640)], ["waiting", "silent"]);
});

test("a filter that could not be fetched is told by the reports that do not come", () => {
  const { problems, plugin: written } = workloadStatus(planned(), circumstances(40));
  assert.equal(written, { name: "sidelight", sinceMs: WRITTEN });
  assert.match(
    problems.join(),
    /Others tell of its requests.*kubectl -n shop logs POD.*filter\/1\.wasm answer 200.*svc\.cluster\.local:9400/,
  );
  const [quiet] = workloadStatus(planned(), circumstances(40, { isSpokenOf: () => false })).problems;
  assert.match(quiet ?? "", /No report yet: a sidecar reports from its first request on/);
  assert.equal(workloadStatus(planned(), circumstances(5)).problems, []);
});

test("whether the filter was fetched tells what to look at, and that nobody did is told without a request", () => {
  const problem = (fetched: "seen" | "not seen", isSpokenOf: boolean) => {
    const at = circumstances(40, { fetched: () => fetched, isSpokenOf: () => isSpokenOf });
    const { state, problems } = workloadStatus(planned(), at);
    return `${state}: ${problems.join()}`;
  };
  for (const isSpokenOf of [true, false]) {
    assert.match(problem("not seen", isSpokenOf), /^silent: None of its sidecars has fetched .*1\.wasm answer 200/);
  }
  assert.match(problem("seen", false), /^waiting: No report yet: its sidecars have the filter/);
  const held = problem("seen", true);
  assert.match(
    held,
    /^silent: .*which fetched the filter, do not: .* hold back sidelight\.sidelight\.svc\.cluster\.local:9400/,
  );
  assert.not.match(held, /answer 200/);
});

test("a first report is told once, and not again by a control that starts", () => {
  const workload = planned();
  const startedMs = WRITTEN + 10_000;
  const reports = { sinceMs: startedMs + 5_000, lastMs: startedMs + 6_000, areCurrent: true };
  const silent = [workloadStatus(workload, circumstances(0))];
  const reporting = [workloadStatus(workload, circumstances(30, { reports }))];
  const first = new FirstReports(WRITTEN - 5_000);
  const told = (from: FirstReports, statuses: typeof silent, seconds: number) =>
    from.notices(statuses, [workload], WRITTEN + seconds * 1_000).map(({ reason }) => reason);
  assert.equal(told(first, silent, 5), []);
  assert.equal(told(first, reporting, 15), ["Observed"]);
  assert.equal(told(first, silent, 90), ["Observed"], "it is silent for a while, and was told");
  const again = new FirstReports(startedMs);
  assert.equal(told(again, silent, 11), []);
  assert.equal(told(again, reporting, 15), [], "its plugin is older than this control");
  assert.equal(told(again, reporting, 900), []);
  const late = new FirstReports(startedMs);
  assert.equal(told(late, reporting, 600), ["Observed"], "nobody who reported before takes so long");
  const off = [{ ...reporting[0]!, plugin: null }];
  assert.equal(told(late, off, 601), [], "it is turned off");
});

test("Events tell of what somebody has to mend, and of a whole namespace once", () => {
  const tell = (at: Circumstances, namespaces = new Map<string, string>()) => {
    const workload = planned({ kind: "StatefulSet", uid: "7" });
    return troublesOf([workloadStatus(workload, at)], [workload], namespaces);
  };
  assert.equal(tell(circumstances(5)), []);
  assert.equal(tell(circumstances(40, { isSpokenOf: () => false })), []);
  const [silent] = tell(circumstances(40));
  assert.equal(silent?.regarding, {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    name: "user",
    namespace: "shop",
    uid: "7",
  });
  assert.is(silent?.reason, "NotReporting");
  const refused = tell(circumstances(40, { plugin: undefined, refusal: "refused" }), new Map([["shop", "refused"]]));
  assert.equal(
    refused.map(({ regarding, reason, note }) => [regarding.kind, reason, note]),
    [["Namespace", "NotObserved", "refused"]],
  );
});

test("a plugin is compared with what it should be; what others added is found", () => {
  const wished = manifestOf(
    { namespace: "shop", name: "sidelight", kind: "http", selector: { app: "user" } },
    installation,
    undefined,
  );
  const as = (spec: object, labels = wished.metadata.labels): PluginObject => {
    return { metadata: { ...plugin.metadata, labels }, spec: { ...wished.spec, ...spec } };
  };
  assert.is(wished.spec["failStrategy"], "FAIL_OPEN");
  assert.is(wished.spec["type"], undefined);
  const tcp = manifestOf(
    { namespace: "shop", name: "sidelight.tcp", kind: "tcp", selector: undefined },
    installation,
    undefined,
  );
  const { type, failStrategy, pluginConfig } = tcp.spec;
  assert.equal([type, failStrategy], ["NETWORK", "FAIL_OPEN"]);
  assert.equal(pluginConfig, { ...(wished.spec["pluginConfig"] as object), kind: "tcp" });
  assert.ok(isAsWished(as({}), wished));
  assert.ok(isAsWished(as({}, { ...wished.metadata.labels, other: "label" }), wished));
  assert.not.ok(isAsWished(as({}, {}), wished));
  assert.not.ok(isAsWished(as({ sha256: "2" }), wished));
  assert.equal(foreignFields(as({ sha256: "2" }), wished), []);
  assert.equal(foreignFields(as({ priority: 1 }), wished), ["priority"]);
  assert.equal(foreignFields(as({ selector: { matchLabels: { app: "user", tier: "a" } } }), wished), ["selector"]);
  const owned = manifestOf(
    { namespace: "shop", name: "sidelight", kind: "http", selector: { app: "user" } },
    installation,
    {
      name: "r",
      uid: "9",
    },
  );
  assert.not.ok(isAsWished(as({}), owned));
  const image = { ...installation, filter: { url: "oci://example/filter@sha256:1", sha256: undefined } };
  assert.not.ok(
    "sha256" in
      manifestOf({ namespace: "shop", name: "sidelight", kind: "http", selector: undefined }, image, undefined).spec,
  );
});

test("what is written again and again is left alone for longer each time, up to five minutes", () => {
  const holds = new Holds(() => 0.5);
  let nowMs = 0;
  const waits: number[] = [];
  for (let writes = 0; writes < 12; writes += 1) {
    const waitMs = holds.hold("a", nowMs);
    assert.ok(holds.isHeld("a", nowMs + waitMs - 1));
    assert.not.ok(holds.isHeld("a", nowMs + waitMs));
    assert.is(holds.nextMs(nowMs), nowMs + waitMs);
    waits.push(waitMs);
    nowMs += waitMs;
  }
  assert.equal(waits.slice(0, 3), [875, 1_750, 3_500]);
  assert.is(waits.at(-1), 262_500);
  holds.settled("a", nowMs + 59_999);
  assert.is(holds.hold("a", nowMs + 59_999) > 200_000, true, "it settled a moment ago only");
  holds.settled("a", nowMs + 500_000);
  assert.is(holds.hold("a", nowMs + 500_000), 875);
});

test.run();
