import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClientReadableStream, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AlertsClient,
  AlertState,
  type BacktestResponse,
  ListAlertsRequest,
  type ListAlertsResponse,
  type ListIncidentsResponse,
  type ListObjectivesResponse,
  type ListReceiversResponse,
  ObjectOrigin,
  ResolvedBy,
  Severity,
  WatchAlertsRequest,
  type WatchAlertsResponse,
} from "#proto/alerts.ts";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import type { Store } from "../../../control/store/store.ts";
import { loud } from "../../loud.ts";
import { AT_MS, MemoryAlerts, shownAlert, shownIncident, statedObject } from "./fixture-alerts.ts";
import { violation } from "./fixture-both.ts";
import { type ControlUnderTest, startControl } from "./fixture-control.ts";

const grpc = suite("alerts over gRPC");
let folder: string;
let store: Store;
let control: ControlUnderTest;
let alerts: MemoryAlerts;
let client: AlertsClient;

grpc.before(
  loud(async () => {
    folder = await mkdtemp(join(tmpdir(), "sidelight-alerts-"));
    store = await DuckDbStore.open({ path: join(folder, "history.duckdb"), memoryLimitMb: 64 });
  }),
);

grpc.before.each(
  loud(async () => {
    alerts = new MemoryAlerts();
    control = await startControl({ store, alerts, alertsFeed: { maxSubscribers: 2, minIntervalMs: 1 } });
    client = new AlertsClient(control.grpc, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  }),
);

grpc.after.each(async () => {
  client.close();
  await control.close();
});

grpc.after(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

type Done<Response> = (error: ServiceError | null, response: Response) => void;

function ask<Response>(start: (done: Done<Response>) => unknown): Promise<Response> {
  return new Promise((resolve, reject) => start((error, response) => (error ? reject(error) : resolve(response))));
}

async function refused(promise: Promise<unknown>): Promise<ServiceError> {
  return promise.then(
    () => assert.unreachable("It was answered"),
    (error: ServiceError) => error,
  ) as Promise<ServiceError>;
}

const list = (request: Partial<ListAlertsRequest> = {}): Promise<ListAlertsResponse> => {
  return ask((done) => client.listAlerts(ListAlertsRequest.create(request), done));
};

async function allOf<Response>(stream: ClientReadableStream<Response>): Promise<Response[]> {
  const answers = [];
  for await (const answer of stream as AsyncIterable<Response>) answers.push(answer);
  return answers;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

grpc("an alert is told whole", async () => {
  const { alerts: told, at, waits, isCut } = await list();
  assert.equal([at?.getTime(), waits, isCut], [AT_MS, "", false]);
  const { measured, sinceMs, firedMs, resolvedMs, mutedBy, ...same } = shownAlert();
  const { value, limit, requests, bad } = measured;
  assert.equal(JSON.parse(JSON.stringify(told)), [
    {
      ...JSON.parse(JSON.stringify(same)),
      ...{ value, limit, requests, bad, mutedBy },
      severity: Severity.SEVERITY_CRITICAL,
      state: AlertState.ALERT_STATE_FIRING,
      since: new Date(sinceMs).toISOString(),
      fired: new Date(firedMs!).toISOString(),
      resolvedBy: ResolvedBy.RESOLVED_BY_UNSPECIFIED,
    },
  ]);
  assert.is(resolvedMs, null);
});

grpc("alerts of the past, of a rule and of labels", async () => {
  const measured = { ...shownAlert().measured, usual: 0.001 };
  const over = { state: "resolved", resolvedMs: AT_MS, resolvedBy: "noTraffic", measured } as const;
  alerts.history = [shownAlert({ rule: "a", ...over }), shownAlert({ rule: "b", ...over })];
  const question = { from: new Date(AT_MS - 1_000), to: new Date(AT_MS), rule: "b", labels: ["workload=shop/user"] };
  const { alerts: told } = await list(question);
  assert.equal(
    told.map(({ rule, resolvedBy, usual }) => [rule, resolvedBy, usual]),
    [["b", ResolvedBy.RESOLVED_BY_NO_TRAFFIC, 0.001]],
  );
  assert.equal(alerts.calls, [["past", { fromMs: AT_MS - 1_000, toMs: AT_MS }, 5_000]]);
});

grpc("incidents, objectives, objects and receivers", async () => {
  const { incidents } = await ask<ListIncidentsResponse>((done) =>
    client.listIncidents({ from: undefined, to: undefined, limit: 0 }, done),
  );
  const [incident] = incidents;
  assert.equal([incident?.server, incident?.method, incident?.route], ["shop/user", "GET", "/cards"]);
  assert.equal([incident?.affected, incident?.isTold], [["shop/front-end", "shop/orders"], true]);
  const { objectives, total } = await ask<ListObjectivesResponse>((done) =>
    client.listObjectives({ slo: "user-availability", workload: "", limit: 0 }, done),
  );
  assert.is(total, 1);
  assert.equal(objectives[0]?.window, { seconds: 30 * 86_400, nanos: 0 });
  assert.equal(objectives[0]?.burns, [
    { window: { seconds: 3_600, nanos: 0 }, rate: 2 },
    { window: { seconds: 21_600, nanos: 0 }, rate: 0.5 },
  ]);
  const { objects } = await ask<{ objects: unknown[] }>((done) => client.listObjects({ kind: "SLO" }, done));
  assert.equal(objects, [{ ...statedObject(), origin: ObjectOrigin.OBJECT_ORIGIN_API }]);
  const { receivers } = await ask<ListReceiversResponse>((done) => client.listReceivers({}, done));
  assert.equal([receivers[0]?.kind, receivers[0]?.dead[0]?.id], ["pagerduty", "one/critical"]);
  const { failed, failingSince, nextTry, waitingSince } = receivers[0]!;
  assert.equal(
    [failed, failingSince, nextTry, waitingSince],
    [1, ...[-1_000, 1_000, -1_000].map((ms) => new Date(AT_MS + ms))],
  );
});

grpc("what changes something", async () => {
  const applied = await ask((done) => client.applyObjects({ yaml: "kind: Alert", dryRun: true }, done));
  assert.equal(applied, {
    changes: [{ kind: "Alert", name: "late", before: "", after: "kind: Alert" }],
    problems: [],
  });
  await ask((done) => client.deleteObject({ kind: "SLO", name: "user-availability" }, done));
  assert.equal(await ask((done) => client.testReceiver({ name: "pager" }, done)), { error: "" });
  const settled = await ask((done) => client.settleDeadLetters({ receiver: "pager", ids: ["a"], drop: true }, done));
  assert.equal(settled, { settled: 1 });
  assert.equal(alerts.calls, [
    ["apply", "kind: Alert", true],
    ["remove", "SLO", "user-availability"],
    ["test", "pager"],
    ["settle", "pager", ["a"], true],
  ]);
});

grpc("what is wrong is named by its field", async () => {
  const wrong: [Promise<unknown>, string][] = [
    [list({ limit: 5_001 }), "limit"],
    [list({ to: new Date(AT_MS) }), "from"],
    [list({ from: new Date(2), to: new Date(1) }), "from"],
    [list({ from: new Date(-1) }), "from"],
    [list({ labels: ["shop/user"] }), "labels"],
    [list({ rule: "a".repeat(513) }), "rule"],
    [ask((done) => client.listObjects({ kind: "Slo" }, done)), "kind"],
    [ask((done) => client.deleteObject({ kind: "", name: "a" }, done)), "kind"],
    [
      ask((done) => {
        const ids = Array.from({ length: 1_001 }, () => "a");
        return client.settleDeadLetters({ receiver: "pager", ids, drop: true }, done);
      }),
      "ids",
    ],
  ];
  for (const [promise, field] of wrong) {
    const error = await refused(promise);
    assert.is(error.code, status.INVALID_ARGUMENT, field);
    assert.is(violation(error.metadata)[0], field);
  }
  const long = "a".repeat(1_000_001);
  const tooLong = await refused(ask((done) => client.applyObjects({ yaml: long, dryRun: true }, done)));
  assert.is(tooLong.code, status.RESOURCE_EXHAUSTED);
  assert.is((await refused(ask((done) => client.testReceiver({ name: "page" }, done)))).code, status.NOT_FOUND);
  alerts.written = [statedObject({ origin: "default" })];
  const kept = ask((done) => client.deleteObject({ kind: "SLO", name: "user-availability" }, done));
  assert.is((await refused(kept)).code, status.FAILED_PRECONDITION);
});

grpc("what is control's own fault says no more than that", async () => {
  alerts.objects = () => {
    throw new Error("a secret");
  };
  const { code, details } = await refused(ask((done) => client.listObjects({ kind: "" }, done)));
  assert.equal([code, details], [status.INTERNAL, "ListObjects failed; control's log says why"]);
  assert.match(control.errors[0]!.message, "Answering Alerts.ListObjects");
});

// --- answers that keep coming ---------------------------------------------------------------------------------------

const WHOLE = WatchAlertsRequest.create();

/** The next answer of a watch. */
function nextOf<Response>(stream: ClientReadableStream<Response>): Promise<Response> {
  return new Promise((resolve, reject) => stream.once("data", resolve).once("error", reject));
}

function errorOf(stream: ClientReadableStream<unknown>): Promise<ServiceError> {
  return new Promise((resolve) => stream.on("data", () => {}).once("error", resolve));
}

grpc("a watch tells what is open at once and after each change", async () => {
  const [one, two] = [client.watchAlerts(WHOLE), client.watchAlerts(WHOLE)];
  const first: WatchAlertsResponse[] = await Promise.all([nextOf(one), nextOf(two)]);
  assert.equal(first[0]?.incidents[0]?.id, "one");
  const error = await errorOf(client.watchAlerts(WHOLE));
  assert.is(error.code, status.RESOURCE_EXHAUSTED);
  assert.match(error.details, "All 2 places for watches are taken");
  alerts.change({ atMs: AT_MS + 1_000, alerts: [] });
  for (const told of await Promise.all([nextOf(one), nextOf(two)])) {
    assert.equal([told.at?.getTime(), told.alerts], [AT_MS + 1_000, []]);
  }
  one.on("error", () => {}).cancel();
  await until(() => control.alertsFeed.stats.subscribers === 1);
  const again = client.watchAlerts(WHOLE, new Metadata(), { deadline: Date.now() + 200 });
  assert.is((await errorOf(again)).code, status.DEADLINE_EXCEEDED);
  await until(() => control.alertsFeed.stats.subscribers === 1);
  const stopped = errorOf(two);
  control.alertsFeed.stop();
  assert.is((await stopped).code, status.UNAVAILABLE);
});

grpc("a watch of a rule, of labels and of so many", async () => {
  const slow = shownAlert({ rule: "slow", labels: { workload: "shop/orders" } });
  alerts.change({
    alerts: [shownAlert(), slow, { ...slow, id: "more" }],
    incidents: [shownIncident(), shownIncident({ id: "two", alerts: [shownAlert(), slow] })],
  });
  const told = async (request: Partial<WatchAlertsRequest>): Promise<unknown[]> => {
    const watch = client.watchAlerts(WatchAlertsRequest.create(request));
    const first = await nextOf(watch);
    watch.on("error", () => {}).cancel();
    await until(() => control.alertsFeed.stats.subscribers === 0);
    const rules = first.alerts.map(({ rule }) => rule);
    return [rules, first.incidents.map(({ id }) => id), first.isCut, first.isIncidentsCut];
  };
  assert.equal(await told({ rule: "slow" }), [["slow", "slow"], ["two"], false, false]);
  assert.equal(await told({ labels: ["workload=shop/orders"], limit: 1 }), [["slow"], ["two"], true, false]);
  assert.equal(await told({ limit: 1 }), [["user-availability"], ["one"], true, true]);
  assert.equal(await told({ rule: "slow", labels: ["workload=shop/user"] }), [[], [], false, false]);
  const wrong: [Partial<WatchAlertsRequest>, string][] = [
    [{ rule: "a".repeat(513) }, "rule"],
    [{ labels: ["shop/user"] }, "labels"],
    [{ limit: 5_001 }, "limit"],
  ];
  for (const [request, field] of wrong) {
    const error = await errorOf(client.watchAlerts(WatchAlertsRequest.create(request)));
    assert.equal([error.code, violation(error.metadata)[0]], [status.INVALID_ARGUMENT, field]);
  }
  assert.is(control.alertsFeed.stats.subscribers, 0);
});

grpc("a backtest tells how far it is, then what came of it", async () => {
  const range = { from: new Date(AT_MS - 1_000), to: new Date(AT_MS) };
  const answers: BacktestResponse[] = await allOf(client.backtest({ yaml: "", name: "late", ...range }));
  assert.equal(answers[0]?.event, { $case: "progress", value: 0.5 });
  const last = answers.at(-1)?.event;
  assert.ok(last?.$case === "result");
  assert.equal([last.value.total, last.value.incidents, last.value.step], [1, 1, { seconds: 60, nanos: 0 }]);
  assert.equal(last.value.alerts[0]?.state, AlertState.ALERT_STATE_RESOLVED);
});

grpc("a backtest that is cancelled is called off; more than two at a time are refused", async () => {
  const signals: AbortSignal[] = [];
  alerts.backtest = (_question, onProgress, signal) => {
    signals.push(signal);
    onProgress(0.1);
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("called off")), { once: true });
    });
  };
  const question = { yaml: "", name: "", from: undefined, to: undefined };
  const [one, two] = [client.backtest(question), client.backtest(question)];
  await Promise.all([nextOf(one), nextOf(two)]);
  const error = await errorOf(client.backtest(question));
  assert.is(error.code, status.RESOURCE_EXHAUSTED);
  assert.match(error.details, "2 backtests are under way");
  one.on("error", () => {}).cancel();
  two.on("error", () => {});
  await until(() => signals[0]!.aborted);
  assert.is(signals[1]!.aborted, false);
  const late = client.backtest(question, new Metadata(), { deadline: Date.now() + 200 });
  assert.is((await errorOf(late)).code, status.DEADLINE_EXCEEDED);
  await until(() => signals[2]!.aborted);
  assert.equal(control.errors, []);
});

grpc("UNAVAILABLE until rules are judged", async () => {
  const starting = await startControl({ notReady: ["the history is not open"] });
  const asking = new AlertsClient(starting.grpc, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  const error = await refused(ask((done) => asking.listObjects({ kind: "" }, done)));
  assert.is(error.code, status.UNAVAILABLE);
  assert.match(error.details, "the history is not open");
  assert.is((await errorOf(asking.watchAlerts(WHOLE))).code, status.UNAVAILABLE);
  asking.close();
  await starting.close();
});

grpc.run();
