/** Roll-ups of the embedded store, which go on beside what is appended. */
import { DuckDBInstance } from "@duckdb/node-api";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import { RollUps } from "../../../control/store/duckdb/roll-ups.ts";
import { selectFrom } from "../../../control/store/duckdb/partitions.ts";
import { rollUp } from "../../../control/store/duckdb/roll-up.ts";
import { LEVELS, POD_LEVELS } from "../../../control/store/duckdb/schema.ts";
import { Session } from "../../../control/store/duckdb/session.ts";
import { START_MS, timed, windowOf } from "../world/fixtures.ts";
import { inPods, podTraffic } from "../world/pod-fixtures.ts";
import { randomOf } from "../world/random.ts";
import { SECOND, sum, total } from "./contract-case.ts";
import { randomWindows } from "./windows.ts";

const GROUPS = 120;
const WINDOWS_A_GROUP = 40;
const COUNT_A_GROUP = (WINDOWS_A_GROUP * (WINDOWS_A_GROUP + 1)) / 2;
/** Far enough from one group to the next that each makes levels due. */
const STEP_MS = 61 * SECOND;

test("what is appended, asked and expired while levels are rolled up is counted once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-roll-ups-"));
  try {
    const path = join(folder, "history.duckdb");
    const store = await DuckDbStore.open({ path });
    const range = { fromMs: START_MS, toMs: START_MS + (GROUPS + 1) * STEP_MS };
    for (let group = 0; group < GROUPS; group++) {
      const windows = Array.from({ length: WINDOWS_A_GROUP }, (_, at) => {
        const startMs = START_MS + group * STEP_MS + at * SECOND;
        return windowOf([timed(at + 1, 2)], { startMs, pods: [podTraffic({ count: at + 1 })] });
      });
      await store.append(windows, group + 1);
      if (group % 10 === 9) assert.is(await total(store, range), (group + 1) * COUNT_A_GROUP);
      if (group % 30 === 29) await store.expire(START_MS + group * STEP_MS);
    }
    const { traffic } = await store.pods(range);
    assert.is(sum(traffic.map(({ count }) => count)), GROUPS * COUNT_A_GROUP);
    await store.close();
    const again = await DuckDbStore.open({ path });
    assert.is(await total(again, range), GROUPS * COUNT_A_GROUP);
    await again.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("rolled up in stretches, however short, it is the same as at once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-roll-ups-"));
  try {
    const path = join(folder, "history.duckdb");
    const store = await DuckDbStore.open({ path });
    const late = windowOf([timed(9, 30)], { startMs: START_MS - 40 * STEP_MS, durationMs: 25 * SECOND });
    await store.append([...inPods(randomWindows(randomOf(31)), randomOf(32)), late], 1);
    await store.close();
    const instance = await DuckDBInstance.create(path);
    const session = new Session(await instance.connect());
    const rolled = async (rowsAtOnce: number): Promise<readonly string[]> => {
      let rows: string[] = [];
      const undone = session.transaction(async (tx) => {
        for (const all of [LEVELS, POD_LEVELS]) {
          for (const level of [1, 2]) {
            await rollUp(tx, all, level, { rowsAtOnce });
            const sql = await selectFrom(tx, all[level]!.table, { columns: "*", afterMs: 0 });
            rows = rows.concat((await tx.rows(`SELECT t::VARCHAR AS t FROM (${sql}) t`)).map(({ t }) => t as string));
          }
        }
        throw new Error("undone");
      });
      await undone.catch((error: Error) => assert.is(error.message, "undone"));
      return rows.sort();
    };
    const atOnce = await rolled(Infinity);
    assert.ok(atOnce.length > 100, `${atOnce.length} rows`);
    for (const rowsAtOnce of [1, 40, 300]) assert.equal(await rolled(rowsAtOnce), atOnce, `${rowsAtOnce} at once`);
    await session.close();
    instance.closeSync();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("what a roll-up failed with is told once, with what was being done, and the next one is tried", async () => {
  const instance = await DuckDBInstance.create(":memory:");
  const doings: string[] = [];
  const rollUps = new RollUps(new Session(await instance.connect()), (doing, result) => {
    doings.push(doing);
    return result;
  });
  rollUps.reached([{ id: "10s", reachedMs: 1 }]);
  for (const round of [1, 2]) {
    rollUps.throwIfFailed();
    rollUps.start(START_MS);
    await rollUps.without(() => Promise.resolve());
    assert.throws(() => rollUps.throwIfFailed(), "levels does not exist");
    assert.is(doings.length, round);
  }
  await rollUps.close();
  instance.closeSync();
});

test.run();
