/** A whole control whose history is in a real InfluxDB, and what the two do when either goes away. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Status } from "../../control/api/sources.ts";
import type { EdgeTotal } from "../../control/store/store.ts";
import { batchOf } from "../control/batches.ts";
import { ControlProcess } from "../control/control-process.ts";
import { ReporterClient } from "../control/reporter-client.ts";
import { getInfluxDb, startInfluxDb } from "../influxdb.ts";
import type { RunningInfluxDb } from "../influxdb.ts";
import { loud } from "../loud.ts";

const binary = await getInfluxDb();
const test = suite("control on InfluxDB");
let server: RunningInfluxDb;
let folder = "";
let env: NodeJS.ProcessEnv = {};
const running: { close(): unknown }[] = [];
let places = 0;

const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  binary ? test(name, work) : test.skip(name, work);

test.before(loud(async () => void (binary && (server = await startInfluxDb(binary)))));
test.after(async () => void (binary && (await server.remove())));

test.before.each(async () => {
  await server.start();
  folder = mkdtempSync(join(tmpdir(), "sidelight-control-"));
  env = {
    SIDELIGHT_DATA_DIR: join(folder, "data"),
    SIDELIGHT_STORE: "influxdb",
    SIDELIGHT_INFLUX_URL: server.url,
    SIDELIGHT_INFLUX_ORG: server.org,
    SIDELIGHT_INFLUX_TOKEN: server.token,
    SIDELIGHT_INFLUX_BUCKET: `control${++places}`,
  };
});

test.after.each(async () => {
  for (const part of running.splice(0).reverse()) await part.close();
  rmSync(folder, { recursive: true, force: true });
});

async function startControl(more: NodeJS.ProcessEnv = {}): Promise<ControlProcess> {
  const control = await ControlProcess.start({ ...env, ...more });
  running.push({ close: () => control.end("SIGKILL") });
  return control;
}

function reporter(options: ConstructorParameters<typeof ReporterClient>[0]): ReporterClient {
  const client = new ReporterClient(options);
  running.push(client);
  return client;
}

function sumOf(edges: readonly EdgeTotal[]): number {
  return edges.reduce((sum, { outcomes }) => sum + Object.values(outcomes).reduce((a, b) => a + b, 0), 0);
}

/** The requests that are stored, once they are as many as wanted or nothing changes that any more. */
async function stored(control: ControlProcess, wanted: number): Promise<number> {
  let requests = 0;
  for (let attempt = 0; attempt < 1_200 && requests < wanted; attempt += 1) {
    requests = sumOf(await control.totals().catch(() => []));
    await sleep(50);
  }
  return requests;
}

async function metric(control: ControlProcess, name: string): Promise<number> {
  const [, value] = new RegExp(`^${name} (.*)$`, "m").exec(await control.metrics()) ?? [];
  return Number(value);
}

const LAG = 'sidelight_pipeline_lag_batches{target="store"}'.replace(/[{}"]/g, "\\$&");

scenario("control starts without InfluxDB, shows what is wrong, and hands over what waited when it comes", async () => {
  await server.stop();
  const control = await startControl();
  const client = reporter({ target: control.grpc, hello: { namespace: "shop", workload: "user" } });
  for (let at = 0; at < 50; at += 1) client.send(batchOf([{ peer: { address: "10.0.0.1" }, count: 3 }]));
  await client.flushed();
  const status = await control.json<Status>("/api/v1/status");
  assert.is(status.store.engine, "influxdb");
  assert.match(status.store.error ?? "", /InfluxDB|organisation|bucket/);
  assert.is(status.inbox.pending, 50);
  assert.is(await metric(control, LAG), 50);
  const answer = await fetch(`http://${control.http}/api/v1/totals?from=1&to=2`);
  assert.equal([answer.status, answer.headers.get("retry-after")], [503, "2"]);
  assert.match(await answer.text(), "History cannot be read now");
  await server.start();
  assert.is(await stored(control, 150), 150);
  assert.is((await control.json<Status>("/api/v1/status")).inbox.pending, 0);
  await sleep(1_500);
  assert.is((await control.json<Status>("/api/v1/status")).store.error, null);
  assert.is(await control.end("SIGTERM"), 0);
});

scenario("control and InfluxDB are killed in turn under load: every request is stored once", async () => {
  let control = await startControl();
  const again = { SIDELIGHT_GRPC_LISTEN: control.grpc };
  const clients = ["user", "orders", "cart"].map((workload) =>
    reporter({ target: () => control.grpc, hello: { namespace: "shop", workload } }),
  );
  let sent = 0;
  const timer = setInterval(() => {
    for (const [at, client] of clients.entries()) {
      client.send(batchOf([{ peer: { address: `10.0.0.${at + 1}` }, count: at + 1, buckets: [300, at + 1] }]));
      sent += at + 1;
    }
  }, 10);
  running.push({ close: () => clearInterval(timer) });
  for (let round = 0; round < 8; round += 1) {
    await sleep(700 + 311 * round);
    if (round % 3 !== 2) {
      await control.end("SIGKILL");
      control = await startControl(again);
    }
    if (round % 3 !== 0) {
      await server.stop("SIGKILL");
      await sleep(500 * (round % 3));
      await server.start();
    }
  }
  clearInterval(timer);
  await Promise.all(clients.map((client) => client.flushed()));
  assert.is(await stored(control, sent), sent);
  await sleep(2_000);
  assert.is(sumOf(await control.totals()), sent, "nothing is counted once more");
  assert.is(await control.end("SIGTERM"), 0);
  const next = await startControl();
  assert.is(await stored(next, sent), sent);
});

scenario("stopping does not wait long for an InfluxDB that does not answer, and loses nothing", async () => {
  const control = await startControl();
  const client = reporter({ target: control.grpc, hello: { namespace: "shop", workload: "user" } });
  client.send(batchOf([{ peer: { address: "10.0.0.1" }, count: 5 }]));
  await client.flushed();
  assert.is(await stored(control, 5), 5);
  server.freeze();
  client.send(batchOf([{ peer: { address: "10.0.0.1" }, count: 7 }]));
  await client.flushed();
  await sleep(1_500);
  assert.is(await control.end("SIGTERM"), 0);
  server.thaw();
  assert.is(await stored(await startControl(), 12), 12);
});

test.run();
