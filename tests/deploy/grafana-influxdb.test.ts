/** Every question of the dashboard for InfluxDB, asked of a real one that the real store has filled. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InfluxDB } from "@influxdata/influxdb-client";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Observation, ReportedWindow } from "../../control/identity/observation.ts";
import { InfluxStore } from "../../control/store/influxdb/influx-store.ts";
import { connections, timed, windowOf } from "../control/world/fixtures.ts";
import { findInfluxDb, startInfluxDb } from "../influxdb.ts";
import type { RunningInfluxDb } from "../influxdb.ts";
import { loud } from "../loud.ts";
import { putIn, questionsOfPanels, questionsOfVariables, readDashboard } from "./dashboard.ts";

type Row = Readonly<Record<string, unknown>>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const PREFIX = "board";
/** Windows of a quarter of an hour within the last one, and one each ten minutes of two hours before. */
const WINDOW_AGES_MS = [
  ...Array.from({ length: 90 }, (_, at) => 3 * MINUTE_MS + at * 10_000),
  ...Array.from({ length: 12 }, (_, at) => HOUR_MS + (at + 1) * 10 * MINUTE_MS),
];
/** One that is there at any hour of the day, of each kind of figure; only these of the last hour have these losses. */
const RANGES = [
  { resolution: "10s", hours: 1 },
  { resolution: "1m", hours: 6 },
  { resolution: "1h", hours: 24 * 20 },
] as const;

const board = readDashboard("sidelight-influxdb.json");
const binary = await findInfluxDb();
const test = suite("Grafana on InfluxDB");
const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  binary ? test(name, work) : test.skip(name, work);

let server: RunningInfluxDb;
let store: InfluxStore;
let folder = "";
let nowMs = 0;

/** Both sidecars of orders > user, what orders asks outside, and the database of user. */
function observations(): Record<string, Observation[]> {
  const edge = { client: "shop/orders", server: "shop/user", route: "/cards/{id}" };
  const failed = { ...edge, outcome: "serverError", status: 500 } as const;
  const database = { client: "shop/user", server: "shop/user-db", requestBytes: 500, responseBytes: 9_000, active: 2 };
  return {
    "shop/user": [
      timed(90, 7, edge),
      timed(10, 180, failed),
      timed(3, 9, { client: "external/clients", server: "shop/user", outcome: "noAnswer", status: 0 }),
      connections({ ...database, count: 4 }),
    ],
    "shop/orders": [
      timed(100, 190, { ...edge, side: "source" }),
      timed(5, 1, { ...edge, side: "source", outcome: "notReached", status: 503 }),
      timed(2, 40, { client: "shop/orders", server: "external/pay.example", side: "source" }),
    ],
    "shop/user-db": [connections({ ...database, side: "destination", count: 3, outcome: "success" })],
  };
}

function windowsAt(startMs: number): ReportedWindow[] {
  return Object.entries(observations()).map(([reporter, counted]) =>
    windowOf(counted, { reporter, instance: reporter, startMs, losses: [{ kind: "valuesCut", count: 2 }] }),
  );
}

test.before(
  loud(async () => {
    if (!binary) return;
    server = await startInfluxDb(binary);
    folder = mkdtempSync(join(tmpdir(), "sidelight-board-"));
    nowMs = Date.now();
    const { url, org, token } = server;
    store = InfluxStore.open({
      ...{ url, org, token: () => token, prefix: PREFIX, journal: join(folder, "journal"), now: Date.now },
      warn: (error) => console.error(error),
      onDropped: (reason, points, error) => console.error(reason, points, error),
    });
    const starts = WINDOW_AGES_MS.map((ageMs) => Math.floor((nowMs - ageMs) / 1_000) * 1_000).sort((a, b) => a - b);
    await store.append(starts.flatMap(windowsAt), 1);
    // All slots but that of the current hour are over by then.
    await store.expire(nowMs);
  }),
);

test.after(async () => {
  if (!binary) return;
  await store.close();
  await server.remove();
  rmSync(folder, { recursive: true });
});

async function ask(flux: string): Promise<Row[]> {
  return await new InfluxDB(server).getQueryApi(server.org).collectRows<Row>(flux);
}

function variables({ resolution, hours }: { readonly resolution: string; readonly hours: number }) {
  return {
    ...{ bucket: PREFIX, resolution, namespace: "shop", workload: "user" },
    "v.timeRangeStart": new Date(nowMs - hours * HOUR_MS).toISOString(),
    "v.timeRangeStop": new Date(nowMs).toISOString(),
  };
}

/** The rows of a panel's only question. */
async function rowsOf(title: string, range: (typeof RANGES)[number]): Promise<Row[]> {
  const question = questionsOfPanels(board).find(({ name }) => name === `${title} A`);
  assert.ok(question, `there is no panel ${title}`);
  const values = variables(range);
  return await ask(putIn(question.text, { ...values, "v.windowPeriod": putIn(question.interval ?? "", values) }));
}

for (const range of RANGES) {
  scenario(`every panel has rows, out of the bucket of ${range.resolution}`, async () => {
    const empty: string[] = [];
    for (const { name, text, interval = "" } of questionsOfPanels(board)) {
      const values = variables(range);
      const rows = await ask(
        putIn(text, { ...values, "v.windowPeriod": interval === "" ? "10s" : putIn(interval, values) }),
      );
      if (rows.length === 0) empty.push(name);
    }
    assert.equal(empty, []);
  });

  scenario(`services are as the store tells them, out of the bucket of ${range.resolution}`, async () => {
    const rows = await rowsOf("Services, most errors first", range);
    const row = rows.find((one) => one["server"] === "shop/user");
    assert.is(rows[0], row, "it has most errors");
    const requests = row?.["requests"] as number;
    const windows = requests / 108;
    assert.ok(Number.isInteger(windows) && windows > 0, `${requests} requests are no whole windows of 108`);
    assert.is(row?.["errors"], windows * 15, "a client outside that went away is no error");
    assert.ok(Math.abs((row?.["share"] as number) - 15 / 108) < 1e-9);
    assert.ok(Math.abs((row?.["p95"] as number) - 180) < 3, `p95 is ${String(row?.["p95"])} ms`);
    const outside = rows.find((one) => one["server"] === "external/pay.example");
    assert.is(outside?.["requests"], windows * 2);
  });
}

scenario("the last hour has every request, and each connection once", async () => {
  const range = RANGES[0];
  const windows = WINDOW_AGES_MS.filter((ageMs) => ageMs < HOUR_MS).length;
  const sum = (rows: readonly Row[]): number => rows.reduce((total, { _value }) => total + Number(_value) * 10, 0);
  const byOutcome = await rowsOf("Requests, by outcome", range);
  assert.is(Math.round(sum(byOutcome)), windows * 108);
  assert.equal([...new Set(byOutcome.map(({ outcome }) => outcome))].sort(), [
    "noAnswer",
    "notReached",
    "serverError",
    "success",
  ]);
  assert.is(Math.round(sum(await rowsOf("Connections, by server", range))), windows * 4);
  const bytes = await rowsOf("Bytes, by server", range);
  assert.is(Math.round(sum(bytes.filter(({ direction }) => direction === "to"))), windows * 500);
  assert.is(Math.round(sum(bytes.filter(({ direction }) => direction === "from"))), windows * 9_000);
  const lost = await rowsOf("Losses, by kind", range);
  assert.is(
    lost.reduce((total, { _value }) => total + Number(_value), 0),
    windows * 3 * 2,
  );
  const [behind] = await rowsOf("How far history is behind", range);
  assert.ok(Number(behind?.["_value"]) > 170 && Number(behind?.["_value"]) < 400, JSON.stringify(behind));
});

scenario("the range chooses the resolution, and the lists offer the services that there are", async () => {
  const answers = async (range: (typeof RANGES)[number]): Promise<Record<string, unknown[]>> => {
    const asked = questionsOfVariables(board).map(async ({ name, text }) => {
      const rows = await ask(putIn(text, variables(range)));
      return [name, rows.map(({ _value }) => _value).sort()] as const;
    });
    return Object.fromEntries(await Promise.all(asked));
  };
  for (const range of RANGES) {
    assert.equal(await answers(range), {
      $resolution: [range.resolution],
      $namespace: ["external", "shop"],
      $workload: ["user"],
    });
  }
});

test.run();
