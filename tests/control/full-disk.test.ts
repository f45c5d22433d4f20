/**
 * A disk that is full, for a whole control: no file may grow past a limit that is set while it runs, and taken away again.
 * For the kernel that is a write that fails, as on a full disk; it needs no root.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ControlProcess } from "./control-process.ts";
import { KNOWN_INVENTORY, KnownLoad } from "./known-load.ts";
import { until } from "./until.ts";
import { randomOf } from "./world/random.ts";

let folder = "";
let control: ControlProcess;
let load: KnownLoad;

test.before.each(async () => {
  folder = mkdtempSync(join(tmpdir(), "sidelight-full-"));
  writeFileSync(join(folder, "inventory.yaml"), KNOWN_INVENTORY);
  control = await ControlProcess.start({
    SIDELIGHT_DATA_DIR: join(folder, "data"),
    SIDELIGHT_INVENTORY: join(folder, "inventory.yaml"),
  });
  load = new KnownLoad(() => control.grpc, randomOf(1));
});

test.after.each(async () => {
  load.close();
  await control.end("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

interface Status {
  readonly inbox: { readonly pending: number };
  readonly store: { readonly error: string | null };
}

/** No file of control may grow past so many bytes from now on. */
function limitFiles(bytes: number | "unlimited"): void {
  execFileSync("prlimit", ["--pid", String(control.pid), `--fsize=${bytes}:unlimited`]);
}

/** 0 where it is not there yet. */
function sizeOf(...path: string[]): number {
  return statSync(join(folder, "data", ...path), { throwIfNoEntry: false })?.size ?? 0;
}

async function metric(name: string): Promise<number> {
  const [, value = "NaN"] = new RegExp(`^${name} (.*)$`, "m").exec(await control.metrics()) ?? [];
  return Number(value);
}

/** All that was sent is stored, and stored once. */
async function isExact(): Promise<void> {
  await load.flushed();
  await until(async () => {
    const { inbox } = await control.json<Status>("/api/v1/status");
    return inbox.pending === 0;
  }, 6_000);
  assert.equal(await load.differences(control), []);
}

test("a disk without room: nothing is acknowledged, what is wrong is told, and all is counted when there is room", async () => {
  load.start();
  await until(async () => (await metric('sidelight_pipeline_windows_total\\{target="store"\\}')) > 0, 4_000);
  limitFiles(Math.min(sizeOf("inbox", "data.mdb"), sizeOf("history.duckdb.wal")));
  await until(async () => (await metric("sidelight_inbox_commit_failures_total")) > 1, 4_000);
  const words = JSON.stringify(control.log.filter(({ level }) => level === "error" || level === "warn"));
  assert.match(words, /Writing to the inbox: .*Is the disk full\?/);
  limitFiles("unlimited");
  await isExact();
});

test("a history without room: the inbox goes on to take what comes, what is wrong is told, and all is stored in the end", async () => {
  load.start();
  // From then on the inbox has room below the limit, and the history has none.
  await until(() => Promise.resolve(sizeOf("history.duckdb.wal") > 4 * sizeOf("inbox", "data.mdb")), 6_000);
  limitFiles(sizeOf("history.duckdb.wal"));
  await until(async () => (await control.json<Status>("/api/v1/status")).store.error !== null, 4_000);
  const acknowledged = await metric('sidelight_ingest_batches_total\\{result="accepted"\\}');
  await until(
    async () => (await metric('sidelight_ingest_batches_total\\{result="accepted"\\}')) > acknowledged + 20,
    4_000,
  );
  const { inbox, store } = await control.json<Status>("/api/v1/status");
  assert.ok(inbox.pending > 20, `${inbox.pending} wait for the history`);
  assert.ok(store.error, "and it is told why");
  assert.is(await metric("sidelight_inbox_commit_failures_total"), 0);
  const words = JSON.stringify(control.log.filter(({ level }) => level === "warn"));
  assert.match(words, /The store refused a write; trying again in \d+ ms, the inbox holds/);
  limitFiles("unlimited");
  await isExact();
});

test.run();
