/** A whole control that tells a real VictoriaMetrics what it counts, and what the two do when either is killed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InfluxDB } from "@influxdata/influxdb-client";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Outcome } from "#proto/ingest.ts";
import type { Status } from "../../control/api/sources.ts";
import { bucketIndex } from "../../control/world/histogram.ts";
import { batchOf } from "../control/batches.ts";
import { ControlProcess } from "../control/control-process.ts";
import { ReporterClient } from "../control/reporter-client.ts";
import { until } from "../control/until.ts";
import { getInfluxDb, startInfluxDb } from "../influxdb.ts";
import { askProm } from "../prometheus.ts";
import { findVictoriaMetrics, startVictoriaMetrics } from "../victoria-metrics.ts";
import type { RunningVictoriaMetrics } from "../victoria-metrics.ts";

const binary = await findVictoriaMetrics();
const test = suite("a sink");
const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  binary ? test(name, work) : test.skip(name, work);

let sink: RunningVictoriaMetrics | undefined;
let folder = "";
let env: NodeJS.ProcessEnv = {};
const running: { close(): unknown }[] = [];

test.before.each(async () => {
  if (binary) sink = await startVictoriaMetrics(binary);
  folder = mkdtempSync(join(tmpdir(), "sidelight-sink-"));
  env = {
    SIDELIGHT_DATA_DIR: join(folder, "data"),
    SIDELIGHT_SINK_URL: sink?.url,
    SIDELIGHT_SINK_STEP: "10s",
  };
});

test.after.each(async () => {
  for (const part of running.splice(0).reverse()) await part.close();
  await sink?.remove();
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

const [fast, slow] = [bucketIndex(7_000), bucketIndex(180_000)];
/** 105 requests, 5 of them failed, a tenth of the others slow. */
const SECOND = [
  { peer: { address: "10.0.0.1" }, route: "/cards/{id}", count: 100, buckets: [fast, 90, slow, 10] },
  {
    ...{ peer: { address: "10.0.0.1" }, route: "/cards/{id}", count: 5, buckets: [fast, 5] },
    ...{ outcome: Outcome.OUTCOME_SERVER_ERROR, status: 500 },
  },
];

/** The first number of an answer; 0 where there is none. */
async function ask(question: string): Promise<number> {
  return (await askProm(sink!.url, question, Date.now() + 60_000))[0]?.value ?? 0;
}

/** Requests of the last hour that the sink tells, once they are as many as wanted or nothing changes that any more. */
async function told(wanted: number, more = ""): Promise<number> {
  let requests = 0;
  for (let attempt = 0; attempt < 300 && requests !== wanted; attempt += 1) {
    requests = await ask(`sum(sum_over_time(sidelight_slot_requests{server_workload="user"${more}}[1h]))`).catch(
      () => 0,
    );
    await sleep(200);
  }
  return requests;
}

scenario("what was sent is told by outcome and endpoint, with percentiles, bytes and a histogram", async () => {
  const control = await startControl();
  const client = reporter({ target: control.grpc, hello: { namespace: "shop", workload: "user" } });
  for (let second = 0; second < 22; second += 1) {
    client.send(batchOf(SECOND));
    await sleep(1_000);
  }
  await client.flushed();
  assert.is(await told(22 * 105), 22 * 105);
  assert.is(await told(22 * 5, ',outcome="server_error",route="/cards/{id}",method="GET"'), 22 * 5);
  const histogram = "sum by (le) (sum_over_time(sidelight_slot_duration_seconds_bucket[1h]))";
  const p50 = await ask(`histogram_quantile(0.5, ${histogram})`);
  const p99 = await ask(`histogram_quantile(0.99, ${histogram})`);
  assert.ok(p50 > 0.005 && p50 <= 0.01, `median ${p50}`);
  assert.ok(p99 > 0.1 && p99 <= 0.25, `p99 ${p99}`);
  assert.is(await ask("sum(sum_over_time(sidelight_slot_duration_seconds_count[1h]))"), 22 * 105);
  const ready = await ask("max(max_over_time(sidelight_slot_duration_seconds_p99[1h]))");
  assert.ok(Math.abs(ready / 0.18 - 1) < 0.01, `ready p99 ${ready}`);
  const { sink: status } = await control.json<Status>("/api/v1/status");
  assert.equal([status?.error, status?.waitingSlots, status?.droppedSlots], [null, 0, 0]);
});

scenario("control and the sink are killed in turn under load: every request is told once", async () => {
  let control = await startControl();
  const again = { SIDELIGHT_GRPC_LISTEN: control.grpc };
  const client = reporter({ target: () => control.grpc, hello: { namespace: "shop", workload: "user" } });
  let sent = 0;
  const timer = setInterval(() => {
    client.send(batchOf(SECOND));
    sent += 105;
  }, 100);
  running.push({ close: () => clearInterval(timer) });
  for (let round = 0; round < 4; round += 1) {
    await sleep(3_000 + 1_711 * round);
    await control.end("SIGKILL");
    control = await startControl(again);
    await sink!.stop(round % 2 === 0 ? "SIGINT" : "SIGKILL");
    const status = (): Promise<Status> => control.json<Status>("/api/v1/status");
    await until(async () => (await status()).sink?.error != null, 10_000);
    const { sink: state, store, inbox } = await status();
    assert.ok(state!.waitingSlots > 0 && state!.lagSeconds > 0, "the sink misses something");
    assert.match(state!.error ?? "", "no answer");
    assert.is(store.error, null, "history does not care");
    assert.ok(inbox.pending < 100, `${inbox.pending} batches wait for the store`);
    await sink!.start();
  }
  clearInterval(timer);
  await client.flushed();
  assert.is(await told(sent), sent);
  await sleep(12_000);
  assert.is(await told(sent), sent, "nothing is told once more");
});

const influxBinary = await getInfluxDb();
const replacing = (name: string, work: Parameters<typeof test>[1]): void =>
  influxBinary ? test(name, work) : test.skip(name, work);

/** A sink whose points replace each other is needed to see that: what VictoriaMetrics makes of two is its version's choice. */
replacing("what comes late is told where it belongs, in place of what was told before", async () => {
  const influx = await startInfluxDb(influxBinary!);
  running.push({ close: () => influx.remove() });
  const control = await startControl({
    SIDELIGHT_SINK_URL: influx.url,
    SIDELIGHT_SINK_ORG: influx.org,
    SIDELIGHT_SINK_BUCKET: "first",
    SIDELIGHT_SINK_TOKEN: influx.token,
  });
  const question = `from(bucket: "first") |> range(start: -1h)
    |> filter(fn: (r) => r._measurement == "sidelight_slot" and r._field == "requests") |> group()`;
  const values = async (): Promise<number[]> => {
    const rows = await new InfluxDB(influx).getQueryApi(influx.org).collectRows<{ _value: number }>(question);
    return rows.map(({ _value }) => _value).sort((a, b) => a - b);
  };
  const client = reporter({ target: control.grpc, hello: { namespace: "shop", workload: "user" } });
  const startMs = Math.floor(Date.now() / 10_000) * 10_000;
  client.send(batchOf(SECOND, { startMs }));
  await until(async () => (await values()).join(" ") === "5 100", 10_000);
  client.send(batchOf(SECOND, { startMs: startMs + 100 }));
  await until(async () => (await values()).join(" ") === "10 200", 10_000);
});

test.run();
