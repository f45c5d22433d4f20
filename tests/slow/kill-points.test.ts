/**
 * Control is killed at each step that a count takes, again and again, while reporters send: nothing is lost, nothing is
 * counted twice, at no resolution. `KILL_SEED` repeats a run; `KILL_ROUNDS` is how often control is killed at each step, from
 * 1 on (3 where it is not set, which takes some minutes for all steps; 10 and more before a release).
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ControlProcess } from "../control/control-process.ts";
import { KNOWN_INVENTORY, KnownLoad } from "../control/known-load.ts";
import { randomOf } from "../control/world/random.ts";
import { freePort } from "../../demo/free-port.ts";
import { getInfluxDb, startInfluxDb } from "../influxdb.ts";
import { loud } from "../loud.ts";
import type { RunningInfluxDb } from "../influxdb.ts";

const ROUNDS = Number(process.env["KILL_ROUNDS"] ?? 3);
const REACH_LIMIT_MS = 180_000;
const KILL_POINT = new URL("../control/kill-point.ts", import.meta.url).href;
const seed = Number(process.env["KILL_SEED"] ?? Date.now() % 1e6);
const random = randomOf(seed);
const binary = await getInfluxDb();
const test = suite("kill points");
let influx: RunningInfluxDb;

/** Each step, and at which passing of it control is killed at most. */
const OF_THE_INBOX = [
  ["received", 60],
  ["before the commit", 12],
  ["within the commit", 12],
  ["committed, not acknowledged", 12],
  ["within letting go", 4],
] as const;
const OF_DUCKDB = [
  ["acknowledged, not stored", 3],
  ["within the store's transaction", 3],
  ["within the store's commit", 3],
  ["stored, still in the inbox", 3],
  ["within a roll-up", 4],
  ["within expiry", 2],
] as const;
const OF_INFLUXDB = [
  ["before the journal", 3],
  ["journal written, not sent", 3],
  ["within sending", 5],
  ["sent, not noted", 3],
  ["noted, still in the inbox", 3],
  ["within merging", 9],
] as const;

test.before(loud(async () => void (binary && (influx = await startInfluxDb(binary)))));
test.after(async () => void (binary && (await influx.remove())));

interface Step {
  readonly name: string;
  readonly most: number;
}

/** Starts control to be killed at a step, and waits until it was. */
async function killedAt({ name, most }: Step, env: NodeJS.ProcessEnv): Promise<void> {
  const where = {
    KILL_AT: name,
    KILL_AFTER: String(1 + Math.floor(random() * most)),
    KILL_DELAY_MS: String(Math.floor(random() * 4)),
  };
  const { control, listening } = ControlProcess.launch({ ...env, ...where }, KILL_POINT);
  listening.catch(() => undefined);
  let isReached = true;
  const timer = setTimeout(() => {
    isReached = false;
    void control.end("SIGKILL");
  }, REACH_LIMIT_MS);
  const signal = await control.killedBy;
  clearTimeout(timer);
  const words = control.log.map(({ msg }) => msg).join(" | ");
  assert.ok(isReached, `the step "${name}" was not reached: ${words}`);
  assert.is(signal, "SIGKILL", `control ended by itself: ${words}`);
}

async function survives(step: Step, more: NodeJS.ProcessEnv): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sidelight-kill-"));
  writeFileSync(join(folder, "inventory.yaml"), KNOWN_INVENTORY);
  const grpc = `127.0.0.1:${await freePort("127.0.0.1")}`;
  const env = {
    SIDELIGHT_DATA_DIR: join(folder, "data"),
    SIDELIGHT_INVENTORY: join(folder, "inventory.yaml"),
    SIDELIGHT_GRPC_LISTEN: grpc,
    ...more,
  };
  const load = new KnownLoad(() => grpc, random);
  try {
    load.start();
    for (let round = 0; round < ROUNDS; round++) await killedAt(step, env);
    const control = await ControlProcess.start(env);
    try {
      await load.flushed();
      assert.equal(await settled(load, control), [], `seed ${seed}`);
    } finally {
      await control.end("SIGTERM");
    }
  } finally {
    load.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What differs once the store has all, or goes on differing; and again a moment later, if something were counted twice. */
async function settled(load: KnownLoad, control: ControlProcess): Promise<string[]> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const { inbox } = await control.json<{ inbox: { pending: number } }>("/api/v1/status");
    if (inbox.pending === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(load.total > 100, `${load.total} requests are too few to tell anything`);
  return await load.differences(control);
}

for (const [name, most] of [...OF_THE_INBOX, ...OF_DUCKDB]) {
  test(`DuckDB, killed ${ROUNDS} times: ${name}`, () => survives({ name, most }, {}));
}

for (const [at, [name, most]] of OF_INFLUXDB.entries()) {
  const kill = (): Promise<void> =>
    survives(
      { name, most },
      {
        ...{ SIDELIGHT_STORE: "influxdb", SIDELIGHT_INFLUX_URL: influx.url, SIDELIGHT_INFLUX_ORG: influx.org },
        ...{ SIDELIGHT_INFLUX_TOKEN: influx.token, SIDELIGHT_INFLUX_BUCKET: `killed${at}` },
      },
    );
  if (binary) test(`InfluxDB, killed ${ROUNDS} times: ${name}`, kill);
  else test.skip(`InfluxDB, killed ${ROUNDS} times: ${name}`, kill);
}

test.run();
