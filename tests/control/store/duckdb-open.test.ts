import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { AlertEvent } from "../../../control/store/alert-event.ts";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import { ALERT_EVENTS, FORMAT_VERSION, partitionName, partitionOf } from "../../../control/store/duckdb/schema.ts";
import { StoreOpenError } from "../../../control/store/errors.ts";
import { START_MS, observation, windowOf } from "../world/fixtures.ts";
import { podTraffic } from "../world/pod-fixtures.ts";

async function inFolder(work: (path: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-open-"));
  try {
    await work(join(folder, "history.duckdb"), folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Opening must fail for this reason; what it says must name the path. */
async function refusal(path: string): Promise<StoreOpenError> {
  const error: unknown = await DuckDbStore.open({ path }).then(
    (store) => store.close().then(() => "it opened"),
    (caught: unknown) => caught,
  );
  assert.instance(error, StoreOpenError);
  const refused = error as StoreOpenError;
  assert.ok(refused.message.includes(path), refused.message);
  return refused;
}

async function sql(path: string, statements: string): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(statements);
  connection.closeSync();
  instance.closeSync();
}

async function writeHistory(path: string): Promise<void> {
  const store = await DuckDbStore.open({ path });
  await store.append([windowOf([observation()])], 1);
  await store.close();
}

test("a file of something else is refused and left alone", () =>
  inFolder(async (path) => {
    for (const content of ["", "x", "some other file, longer than a header".repeat(500)]) {
      await writeFile(path, content);
      assert.is((await refusal(path)).reason, "foreign");
      assert.is(await readFile(path, "utf8"), content);
    }
  }));

test("a database of another product is refused and left alone", () =>
  inFolder(async (path) => {
    await sql(path, "SELECT 1");
    assert.is((await refusal(path)).reason, "foreign", "not even an empty one is taken over");
    await sql(path, "CREATE TABLE accounts (id INTEGER)");
    assert.is((await refusal(path)).reason, "foreign");
    await sql(path, "CREATE TABLE format (kind INTEGER)");
    assert.is((await refusal(path)).reason, "foreign");
    await sql(path, "SELECT * FROM accounts");
  }));

test("what a process left that was killed while it made the history is no hindrance", () =>
  inFolder(async (path) => {
    await writeFile(`${path}.new`, "half of it");
    await writeHistory(path);
  }));

test("a history of a later version is refused, saying which", () =>
  inFolder(async (path) => {
    await writeHistory(path);
    await sql(path, "UPDATE format SET version = 99");
    const refused = await refusal(path);
    assert.is(refused.reason, "newer");
    assert.match(refused.message, "99");
    await sql(path, `UPDATE format SET version = ${FORMAT_VERSION}`);
    const store = await DuckDbStore.open({ path });
    assert.is(await store.cursor(), 1, "refusing it changed nothing");
    await store.close();
  }));

test("a history of the version that kept no causes of incidents is taken over, and keeps those of later ones", () =>
  inFolder(async (path) => {
    const event = (alertId: string): AlertEvent => ({
      ...{ atMs: START_MS, alertId, fingerprint: "f", incident: "one", rule: "errors", severity: "critical" },
      ...{ state: "firing", labels: {}, summary: "" },
      measured: { value: 1, limit: 0, usual: null, requests: 1, bad: 1 },
      cause: { server: "shop/user", method: "GET", route: "/cards", affected: ["shop/orders"] },
    });
    const ever = { fromMs: 0, toMs: START_MS + 1 };
    const before = await DuckDbStore.open({ path });
    await before.recordAlerts([event("old")]);
    await before.close();
    const month = partitionName(ALERT_EVENTS, partitionOf(ALERT_EVENTS, START_MS + 1));
    await sql(path, `ALTER TABLE ${month} DROP COLUMN cause; UPDATE format SET version = 3;`);
    const store = await DuckDbStore.open({ path });
    try {
      await store.recordAlerts([event("new")]);
      assert.equal(await store.alertEvents(ever, 10), [event("new"), { ...event("old"), cause: null }]);
    } finally {
      await store.close();
    }
  }));

test("a history of the version that knew no pods is taken over, and has pods from then on", () =>
  inFolder(async (path) => {
    await writeHistory(path);
    await sql(
      path,
      `DROP TABLE pod_keys; DELETE FROM levels WHERE starts_with(name, 'pods_'); UPDATE format SET version = 2;`,
    );
    for (const count of [1, 1]) {
      const store = await DuckDbStore.open({ path });
      const cursor = (await store.cursor()) + 1;
      await store.append([windowOf([observation({ count })], { pods: [podTraffic({ count })] })], cursor);
      await store.close();
    }
    const store = await DuckDbStore.open({ path });
    try {
      const range = { fromMs: START_MS, toMs: START_MS + 60_000 };
      for (const afterMs of [0, 5, 20].map((hours) => hours * 3_600_000)) {
        await store.expire(START_MS + afterMs);
        assert.equal((await store.pods(range)).traffic, [podTraffic({ count: 2 })]);
        assert.is((await store.totals(range))[0]!.outcomes.success, 3);
      }
    } finally {
      await store.close();
    }
  }));

test("a damaged history is refused with the engine's reason", () =>
  inFolder(async (path) => {
    await writeHistory(path);
    const content = await readFile(path);
    await writeFile(path, content.fill(0xa5, 4_096));
    const refused = await refusal(path);
    assert.is(refused.reason, "unusable");
    assert.instance(refused.cause, Error);
  }));

test("a folder that is not there, and a folder in place of the file, are refused", () =>
  inFolder(async (path, folder) => {
    assert.is((await refusal(join(folder, "missing", "history.duckdb"))).reason, "unusable");
    await mkdir(path);
    assert.is((await refusal(path)).reason, "unusable");
  }));

test("a history that another process holds is refused, and can be opened when that is gone", () =>
  inFolder(async (path) => {
    const holder = fileURLToPath(new URL("crash-child.ts", import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", holder, path], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    try {
      await once(child.stdout, "data");
      assert.is((await refusal(path)).reason, "unusable");
    } finally {
      child.kill("SIGKILL");
      await exited;
    }
    const store = await DuckDbStore.open({ path });
    assert.ok((await store.cursor()) > 0);
    await store.close();
  }));

test.run();
