/** What of a history in DuckDB is its files: how large they grow, and those of an earlier version. */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import type { DiskReport } from "../../../control/store/duckdb/open.ts";
import { START_MS, exemplar, timed, windowOf } from "../world/fixtures.ts";
import { HOUR, pointsOf, requests, sum, total } from "./contract-case.ts";

const DAY = 24 * HOUR;

async function inFolder(work: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-disk-"));
  try {
    await work(join(folder, "history.duckdb"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Two hundred endpoints with latencies that do not compress well, in each minute of an hour. */
function busyHour(hour: number): ReturnType<typeof windowOf>[] {
  return Array.from({ length: 60 }, (_, minute) => {
    const observations = Array.from({ length: 200 }, (_, at) =>
      timed(1 + ((at * 7919 + minute * 104_729 + hour * 31) % 997), 1 + ((at * 31 + minute) % 500), {
        route: `/endpoint/${at}`,
      }),
    );
    const startMs = START_MS + hour * HOUR + minute * 60_000;
    const exemplars = observations.map(({ route }) => exemplar({ route, atMs: startMs, path: `${route}/${startMs}` }));
    return windowOf(observations, { startMs, exemplars });
  });
}

test("a history that is larger than it may be drops the finest and oldest, says so, and loses no coarse count", () =>
  inFolder(async (path) => {
    const maxBytes = 9 * 2 ** 20;
    const reports: DiskReport[] = [];
    const kept = { "1s": 10 * DAY, "10s": 20 * DAY, "1m": 30 * DAY, "1h": 365 * DAY };
    const options = { path, memoryLimitMb: 256, kept, walLimitMb: 1 };
    const store = await DuckDbStore.open({ ...options, maxBytes, onDisk: (disk) => reports.push(disk) });
    try {
      let counted = 0;
      for (let hour = 0; hour < 40; hour++) {
        const windows = busyHour(hour);
        counted += sum(windows.flatMap(({ observations }) => observations.map(({ count }) => count)));
        await store.append(windows, hour + 1);
        await store.expire(START_MS + (hour + 1) * HOUR);
      }
      const capped = reports.flatMap((report) => report.capped.map(({ what }) => what));
      assert.ok(capped.includes("1s") && capped.includes("exemplars"), capped.join(" "));
      assert.not.ok(capped.includes("1h"), "hours are the last to go");
      const late = reports.slice(-5);
      for (const { usedBytes } of late) assert.ok(usedBytes <= maxBytes, `${usedBytes} bytes are in use`);
      assert.ok((await stat(path)).size < 2 * maxBytes, "the file does not grow without end");
      const ever = { fromMs: START_MS - (START_MS % HOUR), toMs: START_MS + 41 * HOUR };
      assert.is(await total(store, ever), counted, "what is dropped lives on in coarser resolutions");
      const hours = await pointsOf(store, {}, { ...ever, toMs: ever.fromMs + 42 * HOUR }, HOUR);
      assert.is(sum(hours.map(requests)), counted);
      const recent = { fromMs: START_MS + 39 * HOUR, toMs: START_MS + 40 * HOUR };
      const minutes = await pointsOf(store, {}, recent, 60_000);
      assert.is(minutes.filter((point) => requests(point) > 0).length, 60, "the newest is there as it came");
    } finally {
      await store.close();
    }
  }));

test("a history that has room says how large it is and drops nothing", () =>
  inFolder(async (path) => {
    const reports: DiskReport[] = [];
    const store = await DuckDbStore.open({ path, maxBytes: 2 ** 30, onDisk: (disk) => reports.push(disk) });
    try {
      await store.append(busyHour(0), 1);
      await store.expire(START_MS);
      const [report] = reports;
      assert.equal(report!.capped, []);
      assert.ok(report!.bytes > 100_000 && report!.bytes < 2 ** 28, `${report!.bytes}`);
    } finally {
      await store.close();
    }
  }));

/** The first layout: seconds and slots of 10 s, with the third of three windows not rolled up yet. */
const FIRST_LAYOUT = `
CREATE TABLE format (owner VARCHAR NOT NULL, version INTEGER NOT NULL);
INSERT INTO format VALUES ('sidelight-history', 1);
CREATE TABLE state (cursor BIGINT NOT NULL, last_window BIGINT NOT NULL, rolled_window BIGINT NOT NULL,
  expired_before_ms BIGINT NOT NULL);
INSERT INTO state VALUES (5, 3, 2, 0);
CREATE TABLE nodes (node_id VARCHAR NOT NULL, since_ms BIGINT NOT NULL, kind VARCHAR NOT NULL, namespace VARCHAR NOT NULL,
  name VARCHAR NOT NULL, workload_kind VARCHAR NOT NULL, service VARCHAR NOT NULL, reason VARCHAR NOT NULL);
INSERT INTO nodes VALUES ('a', 0, 'workload', '', 'a', 'Deployment', 'a', ''), ('b', 0, 'workload', '', 'b', 'Deployment', 'b', '');
CREATE TABLE keys (key_id INTEGER NOT NULL, side VARCHAR NOT NULL, client VARCHAR NOT NULL, server VARCHAR NOT NULL,
  protocol VARCHAR NOT NULL, method VARCHAR NOT NULL, route VARCHAR NOT NULL, outcome VARCHAR NOT NULL, status INTEGER NOT NULL);
INSERT INTO keys VALUES (1, 'destination', 'a', 'b', 'http', 'GET', '/', 'success', 200);
CREATE TABLE windows_HOUR (window_id BIGINT NOT NULL, reporter VARCHAR NOT NULL, instance VARCHAR NOT NULL,
  start_ms BIGINT NOT NULL, duration_ms BIGINT NOT NULL);
INSERT INTO windows_HOUR SELECT id, 'b', 'i', START + id * 1000, 1000 FROM range(1, 4) AS r(id);
CREATE TABLE rows_1s_HOUR (window_id BIGINT NOT NULL, start_ms BIGINT NOT NULL, duration_ms BIGINT NOT NULL,
  key_id INTEGER NOT NULL, count BIGINT NOT NULL, request_bytes BIGINT NOT NULL, response_bytes BIGINT NOT NULL,
  bucket_indexes USMALLINT[] NOT NULL, bucket_counts BIGINT[] NOT NULL, active BIGINT NOT NULL);
INSERT INTO rows_1s_HOUR SELECT id, START + id * 1000, 1000, 1, 10, 0, 0, [500], [10], 0 FROM range(1, 4) AS r(id);
CREATE TABLE rows_10s_DAY (start_ms BIGINT NOT NULL, duration_ms BIGINT NOT NULL, key_id INTEGER NOT NULL,
  count BIGINT NOT NULL, request_bytes BIGINT NOT NULL, response_bytes BIGINT NOT NULL,
  bucket_indexes USMALLINT[] NOT NULL, bucket_counts BIGINT[] NOT NULL);
INSERT INTO rows_10s_DAY VALUES (START, 10000, 1, 20, 0, 0, [500], [20]);`;

test("a history of the first layout is taken over, with all that it counted", () =>
  inFolder(async (path) => {
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    const sql = FIRST_LAYOUT.replaceAll("START", String(START_MS))
      .replaceAll("HOUR", String(Math.floor(START_MS / HOUR)))
      .replaceAll("DAY", String(Math.floor(START_MS / DAY)));
    await connection.run(sql);
    connection.closeSync();
    instance.closeSync();
    const range = { fromMs: START_MS - (START_MS % HOUR), toMs: START_MS - (START_MS % HOUR) + HOUR };
    for (const days of [0, 0.2, 3, 50]) {
      const store = await DuckDbStore.open({ path });
      assert.is(await store.cursor(), 5);
      await store.expire(START_MS + days * DAY);
      assert.is(await total(store, range), 30, `after ${days} days`);
      const [point] = await pointsOf(store, {}, range, HOUR);
      assert.equal([requests(point!), point!.latencyMs.length], [30, 3]);
      await store.close();
    }
    const store = await DuckDbStore.open({ path });
    await store.append([windowOf([timed(4, 10)])], 6);
    assert.is(await total(store, range), 34);
    await store.close();
  }));

test.run();
