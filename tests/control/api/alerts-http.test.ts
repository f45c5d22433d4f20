import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "uvu";
import * as assert from "uvu/assert";
import type { AlertsAnswer, IncidentsAnswer, ObjectivesAnswer } from "../../../control/api/alert-answers.ts";
import type { AlertsNow, ShownAlert } from "../../../control/api/alert-source.ts";
import type { OpenAnswer } from "../../../control/api/open-alerts.ts";
import { StoreAwayError } from "../../../control/store/errors.ts";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import type { Store } from "../../../control/store/store.ts";
import { loud } from "../../loud.ts";
import { EventReader } from "./event-reader.ts";
import { AT_MS, MemoryAlerts, objective, receiver, shownAlert, shownIncident, statedObject } from "./fixture-alerts.ts";
import { type ControlOptions, type ControlUnderTest, startControl } from "./fixture-control.ts";

interface ErrorBody {
  readonly error: { readonly message: string; readonly field?: string };
}

const json = async <Body>(response: Promise<Response>): Promise<Body> => (await (await response).json()) as Body;
const rulesOf = ({ alerts }: AlertsAnswer): string[] => alerts.map(({ rule }) => rule);

// --- questions ------------------------------------------------------------------------------------------------------

const asked = suite("questions about alerts");
let folder: string;
let store: Store;
let control: ControlUnderTest;
let alerts: MemoryAlerts;

asked.before(
  loud(async () => {
    folder = await mkdtemp(join(tmpdir(), "sidelight-alerts-"));
    store = await DuckDbStore.open({ path: join(folder, "history.duckdb"), memoryLimitMb: 64 });
  }),
);

asked.before.each(
  loud(async () => {
    alerts = new MemoryAlerts();
    control = await startControl({ store, alerts });
  }),
);

asked.after.each(() => control.close());

asked.after(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function get<Body>(path: string): Promise<Body> {
  return json(fetch(`${control.http}/api/v1/${path}`));
}

async function refused(path: string): Promise<[number, string | undefined, string]> {
  const response = await fetch(`${control.http}/api/v1/${path}`);
  const { error } = (await response.json()) as ErrorBody;
  return [response.status, error?.field, error?.message];
}

asked("alerts that are open, as they are", async () => {
  const answer = await get<AlertsAnswer>("alerts");
  assert.equal(answer, { atMs: AT_MS, waits: "", alerts: [shownAlert()], isCut: false });
  const response = await fetch(`${control.http}/api/v1/alerts`);
  assert.is(response.headers.get("cache-control"), "no-store");
  await response.arrayBuffer();
});

asked("of a rule, of labels, and of what is known beside labels", async () => {
  const slow = shownAlert({ rule: "slow", severity: "warning", labels: { workload: "shop/orders", method: "GET" } });
  alerts.change({ alerts: [shownAlert(), slow] });
  assert.equal(rulesOf(await get("alerts?rule=slow")), ["slow"]);
  assert.equal(rulesOf(await get("alerts?label=workload%3Dshop/user")), ["user-availability"]);
  assert.equal(rulesOf(await get("alerts?label=severity%3Dwarning&label=method%3DGET")), ["slow"]);
  assert.equal(rulesOf(await get("alerts?label=severity%3Dcritical&label=method%3DGET")), []);
  assert.equal(rulesOf(await get("alerts?label=method%3D")), ["user-availability"]);
  assert.is((await get<AlertsAnswer>("alerts?label=namespace%3Dshop")).alerts.length, 2);
});

asked("no more rows than are wanted, and it says so", async () => {
  alerts.change({ alerts: [1, 2, 3].map((each) => shownAlert({ rule: `rule-${each}` })) });
  const answer = await get<AlertsAnswer>("alerts?limit=2");
  assert.equal(rulesOf(answer), ["rule-1", "rule-2"]);
  assert.is(answer.isCut, true);
});

asked("alerts of the past are read from the source, those with filters out of as many as there may be", async () => {
  alerts.history = [1, 2, 3].map((each) => shownAlert({ rule: `rule-${each}`, state: "resolved" }));
  const answer = await get<AlertsAnswer>(`alerts?from=${AT_MS - 1000}&to=${AT_MS}&limit=2`);
  assert.equal([rulesOf(answer), answer.isCut], [["rule-1", "rule-2"], true]);
  const filtered = await get<AlertsAnswer>(`alerts?from=${AT_MS - 1000}&to=${AT_MS}&limit=2&rule=rule-3`);
  assert.equal([rulesOf(filtered), filtered.isCut], [["rule-3"], false]);
  const range = { fromMs: AT_MS - 1000, toMs: AT_MS };
  assert.equal(alerts.calls, [
    ["past", range, 2],
    ["past", range, 5_000],
  ]);
});

asked("incidents that are open, and those of the past with what is known of them still", async () => {
  assert.equal(await get("incidents"), { atMs: AT_MS, incidents: [shownIncident()], isCut: false });
  const before: Partial<ShownAlert> = { incident: "zero", state: "resolved", resolvedMs: AT_MS - 60_000 };
  alerts.history = [shownAlert(), shownAlert({ ...before, sinceMs: AT_MS - 3_600_000 })];
  const answer = await get<IncidentsAnswer>(`incidents?from=${AT_MS - 7_200_000}`);
  assert.equal(answer.incidents[0], shownIncident());
  const [, past] = answer.incidents;
  assert.equal([past?.id, past?.state, past?.origin.server, past?.isTold], ["zero", "resolved", "shop/user", null]);
});

asked("objectives, of one SLO or workload, and how many there are", async () => {
  const orders = objective({ slo: "orders-latency", labels: { "server.workload": "shop/orders" }, budgetLeft: 0.9 });
  alerts.budgets = [objective(), orders];
  assert.equal(await get("objectives"), { atMs: AT_MS, objectives: [objective(), orders], total: 2 });
  const first = await get<ObjectivesAnswer>("objectives?limit=1");
  assert.equal([first.objectives.length, first.total], [1, 2]);
  assert.equal((await get<ObjectivesAnswer>("objectives?slo=orders-latency")).objectives, [orders]);
  assert.equal((await get<ObjectivesAnswer>("objectives?workload=shop/orders")).objectives, [orders]);
  assert.equal((await get<ObjectivesAnswer>("objectives?workload=shop/front-end")).objectives, []);
  assert.equal(await refused("objectives?slo=user-availabilty"), [
    404,
    "slo",
    'There is no SLO "user-availabilty"; did you mean user-availability?',
  ]);
  assert.equal((await refused("objectives?workload=shop/usr")).slice(0, 2), [404, "workload"]);
});

asked("an SLO of which nothing was asked yet is no mistake", async () => {
  alerts.budgets = [];
  assert.equal((await get<ObjectivesAnswer>("objectives?slo=user-availability")).total, 0);
});

asked("objects of a kind, and receivers", async () => {
  const mute = statedObject({ kind: "Mute", name: "night" });
  alerts.written = [statedObject(), mute];
  assert.equal(await get("objects"), { objects: [statedObject(), mute] });
  assert.equal(await get("objects?kind=Mute"), { objects: [mute] });
  assert.equal(await get("receivers"), { receivers: [receiver()] });
});

asked("what is wrong is named", async () => {
  const wrong = [
    ["alerts?form=1", "form", "there are from, to, rule, label, limit"],
    ["alerts?limit=5001", "limit", "must be from 1 to 5000"],
    ["alerts?from=2&to=1", "from", 'must lie before "to"'],
    ["alerts?to=1", "from", 'must be given with "to"'],
    ["alerts?from=noon", "from", "milliseconds since the epoch"],
    ["alerts?label=shop/user", "label", "must look like workload=shop/user"],
    [`alerts?${Array.from({ length: 17 }, () => "label=a%3Db").join("&")}`, "label", "16 is the limit"],
    ["alerts?rule=a&rule=b", "rule", "give it once"],
    ["alerts/stream?from=1", "from", "there are rule, label, limit"],
    ["alerts/stream?label=shop/user", "label", "must look like workload=shop/user"],
    ["incidents?limit=0", "limit", "must be from 1"],
    ["objectives?from=1", "from", "is not a parameter here"],
    ["objects?kind=Slo", "kind", "must be SLO, Alert, Mute, Receiver or Route"],
    ["receivers?name=pager", "name", "this route takes none"],
  ] as const;
  for (const [path, field, why] of wrong) {
    const [status, named, message] = await refused(path);
    assert.equal([status, named], [400, field], path);
    assert.match(message, why);
  }
});

asked("a history that is away is said, and what is open is told all the same", async () => {
  alerts.past = () => Promise.reject(new StoreAwayError("the disk is gone"));
  assert.equal((await refused("alerts?from=1"))[0], 503);
  assert.is((await get<AlertsAnswer>("alerts")).alerts.length, 1);
});

asked("what is open and how objectives fare, for Prometheus; no more than so many", async () => {
  const text = await (await fetch(`${control.http}/metrics`)).text();
  for (const line of [
    'sidelight_alerts{state="firing",severity="critical"} 1',
    'sidelight_alerts{state="pending",severity="warning"} 0',
    "sidelight_incidents 1",
    'sidelight_objective_budget_left_ratio{slo="user-availability",group="workload=shop/user"} 0.5',
    "sidelight_objective_metrics_cut 0",
  ])
    assert.ok(text.includes(`${line}\n`), line);
  alerts.budgets = Array.from({ length: 502 }, (_each, index) => objective({ slo: `slo-${index}` }));
  const many = await (await fetch(`${control.http}/metrics`)).text();
  assert.is(many.split("sidelight_objective_good_ratio{").length - 1, 500);
  assert.match(many, "sidelight_objective_metrics_cut 2");
});

asked.run();

// --- while nothing is judged ----------------------------------------------------------------------------------------

const routes = ["alerts", "incidents", "alerts/stream", "objectives", "objects", "receivers"];

test("answers 503 until rules are judged", async () => {
  await during({ notReady: ["the history is not open"] }, async ({ http }) => {
    for (const route of routes) {
      const response = await fetch(`${http}/api/v1/${route}`);
      assert.is(response.status, 503, route);
      assert.match(((await response.json()) as ErrorBody).error.message, "the history is not open");
    }
  });
});

// --- the stream -----------------------------------------------------------------------------------------------------

async function during(options: ControlOptions, check: (control: ControlUnderTest) => Promise<void>): Promise<void> {
  const control = await startControl(options);
  try {
    await check(control);
  } finally {
    await control.close();
  }
}

const atMsOf = ({ atMs }: AlertsNow): number => atMs;

test("what is open at once, and after each change; who is gone is followed no more", async () => {
  const alerts = new MemoryAlerts();
  await during({ alerts }, async ({ http }) => {
    for (const encoding of ["identity", "gzip"]) {
      const reader = await EventReader.open(`${http}/api/v1/alerts/stream`, encoding);
      assert.is(reader.response.headers.get("content-type"), "text/event-stream");
      assert.is(await reader.nextBlock(), "retry: 2000");
      assert.equal(await reader.next("alerts"), { ...alerts.open, isCut: false, isIncidentsCut: false });
      assert.is(alerts.followers, 1);
      alerts.change({ atMs: AT_MS + 1, alerts: [] });
      assert.equal(await reader.next("alerts"), { ...alerts.open, isCut: false, isIncidentsCut: false });
      reader.close();
      while (alerts.followers > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
});

test("of what is open, that which is asked for", async () => {
  const alerts = new MemoryAlerts();
  await during({ alerts }, async ({ http }) => {
    const slow = shownAlert({ rule: "slow", labels: { workload: "shop/orders" } });
    const reader = await EventReader.open(`${http}/api/v1/alerts/stream?label=workload=shop/orders&rule=slow&limit=1`);
    const told = async (): Promise<unknown[]> => {
      const { alerts: some, incidents, isCut } = await reader.next<OpenAnswer>("alerts");
      return [some, incidents.map(({ id }) => id), isCut];
    };
    assert.equal(await told(), [[], [], false]);
    const two = shownIncident({ id: "two", alerts: [shownAlert(), slow] });
    alerts.change({ alerts: [shownAlert(), slow, slow], incidents: [shownIncident(), two] });
    assert.equal(await told(), [[slow], ["two"], true]);
    reader.close();
  });
});

test("what changes together is told together, the last of it in any case", async () => {
  const alerts = new MemoryAlerts();
  await during({ alerts }, async ({ http }) => {
    const reader = await EventReader.open(`${http}/api/v1/alerts/stream`);
    await reader.next("alerts");
    for (let after = 1; after <= 1_000; after++) alerts.change({ atMs: AT_MS + after });
    const told = [];
    while (told.at(-1) !== AT_MS + 1_000) told.push(atMsOf(await reader.next<AlertsNow>("alerts")));
    assert.is(told.length, 1);
    reader.close();
  });
});

test("a comment keeps a quiet stream alive", async () => {
  await during({ alerts: new MemoryAlerts(), http: { stream: { heartbeatMs: 10 } } }, async ({ http }) => {
    const reader = await EventReader.open(`${http}/api/v1/alerts/stream`);
    await reader.next("alerts");
    assert.is(await reader.nextBlock(), ":");
    assert.is(await reader.nextBlock(), ":");
    reader.close();
  });
});

test("a change that cannot be told ends nothing", async () => {
  const alerts = new MemoryAlerts();
  await during({ alerts }, async ({ http, errors }) => {
    const reader = await EventReader.open(`${http}/api/v1/alerts/stream`);
    await reader.next("alerts");
    const now = alerts.now.bind(alerts);
    alerts.now = () => {
      throw new Error("not now");
    };
    alerts.change({});
    while (errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.match(errors[0]!.message, "Telling who watches alerts");
    alerts.now = now;
    alerts.change({ atMs: AT_MS + 5 });
    assert.is(atMsOf(await reader.next("alerts")), AT_MS + 5);
    reader.close();
  });
});

test.run();
