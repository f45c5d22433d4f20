/** What a whole control says at /metrics, judged by Prometheus' own linter and asked for by a real Prometheus. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Outcome, Protocol, Side } from "#proto/ingest.ts";
import { bucketIndex } from "../../control/world/histogram.ts";
import { Prometheus, findPrometheus } from "../prometheus.ts";
import { batchOf } from "./batches.ts";
import { ControlProcess } from "./control-process.ts";
import { ReporterClient } from "./reporter-client.ts";
import { until } from "./until.ts";

const INVENTORY = `
clusterCidrs: [10.0.0.0/8]
workloads:
  - { namespace: shop, name: orders, addresses: [10.0.0.1] }
  - { namespace: shop, name: user, hosts: [user], addresses: [10.0.0.2] }
  - { namespace: shop, name: user-db, role: store, addresses: [10.0.0.3] }
`;

const programs = await findPrometheus();
const test = suite("metrics of services");
const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  programs ? test(name, work) : test.skip(name, work);

let folder = "";
const running: { close(): unknown }[] = [];

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), "sidelight-metrics-"));
  writeFileSync(join(folder, "inventory.yaml"), INVENTORY);
});

test.after.each(async () => {
  for (const part of running.splice(0).reverse()) await part.close();
  rmSync(folder, { recursive: true, force: true });
});

async function startControl(): Promise<ControlProcess> {
  const control = await ControlProcess.start({
    SIDELIGHT_DATA_DIR: join(folder, "data"),
    SIDELIGHT_INVENTORY: join(folder, "inventory.yaml"),
  });
  running.push({ close: () => control.end("SIGKILL") });
  return control;
}

function reporter(options: ConstructorParameters<typeof ReporterClient>[0]): ReporterClient {
  const client = new ReporterClient(options);
  running.push(client);
  return client;
}

/** A second of both sidecars of orders > user, and of user > user-db. */
function sendSecond(server: ReporterClient, client: ReporterClient): void {
  const [fast, slow] = [bucketIndex(7_000), bucketIndex(180_000)];
  const failed = { outcome: Outcome.OUTCOME_SERVER_ERROR, status: 500 };
  server.send(
    batchOf([
      { peer: { address: "10.0.0.1" }, count: 100, buckets: [fast, 90, slow, 10] },
      { peer: { address: "10.0.0.1" }, count: 5, buckets: [fast, 5], ...failed },
      {
        ...{ side: Side.SIDE_OUTBOUND, protocol: Protocol.PROTOCOL_TCP, peer: { address: "10.0.0.3:5432" } },
        ...{ method: "", route: "", count: 2, requestBytes: 1_000, responseBytes: 9_000, active: 3 },
      },
    ]),
  );
  const out = { side: Side.SIDE_OUTBOUND, peer: { address: "10.0.0.2:80", cluster: "user" } };
  client.send(
    batchOf([
      { ...out, count: 105, buckets: [slow, 105] },
      { ...out, count: 1, outcome: Outcome.OUTCOME_NOT_REACHED, status: 503 },
    ]),
  );
}

scenario("promtool finds nothing to mend in all of it", async () => {
  const control = await startControl();
  const server = reporter({ target: control.grpc, hello: { namespace: "shop", workload: "user" } });
  const client = reporter({ target: control.grpc, hello: { addresses: ["10.0.0.1"] } });
  sendSecond(server, client);
  await Promise.all([server.flushed(), client.flushed()]);
  let text = "";
  await until(async () => (text = await control.metrics()).includes("sidelight_edge_open_connections{"));
  const { status, stdout, stderr } = spawnSync(programs!.promtool, ["check", "metrics"], {
    ...{ input: text, encoding: "utf8" },
    env: { ...process.env, ...programs!.env },
  });
  assert.is(`${stdout}${stderr}`, "");
  assert.is(status, 0);
});

scenario("a real Prometheus answers rates and percentiles of what was sent", async () => {
  const control = await startControl();
  const server = reporter({ target: control.grpc, hello: { namespace: "shop", workload: "user" } });
  const client = reporter({ target: control.grpc, hello: { addresses: ["10.0.0.1"] } });
  const prometheus = await Prometheus.start(programs!, { address: control.http, job: "sidelight", seconds: 1 });
  running.push({ close: prometheus.stop });
  const ask = async (question: string): Promise<number> => (await prometheus.query(question))[0]?.value ?? NaN;
  const orders = 'client_workload="orders",server_workload="user"';
  let sent = 0;
  for (let second = 0; second < 12; second += 1) {
    sendSecond(server, client);
    sent += 1;
    await sleep(1_000);
  }
  await Promise.all([server.flushed(), client.flushed()]);
  const total = `sum(sidelight_edge_requests_total{${orders}})`;
  await until(async () => (await ask(total)) === sent * 106, 2_000);
  assert.is(await ask(`sum(sidelight_edge_requests_total{${orders},outcome="server_error"})`), sent * 5);
  assert.is(await ask(`sum(sidelight_edge_requests_total{${orders},outcome="not_reached"})`), sent);
  assert.is(await ask(`sidelight_edge_request_duration_seconds_count{${orders}}`), sent * 105);
  const share = await ask(
    `sum(rate(sidelight_edge_requests_total{${orders},outcome="server_error"}[1m])) / sum(rate(sidelight_edge_requests_total{${orders}}[1m]))`,
  );
  assert.ok(Math.abs(share - 5 / 106) < 1e-6, `errors are ${share} of all`);
  const quantile = (q: number) =>
    ask(`histogram_quantile(${q}, sum by (le) (rate(sidelight_edge_request_duration_seconds_bucket{${orders}}[1m])))`);
  const [p50, p99] = [await quantile(0.5), await quantile(0.99)];
  assert.ok(p50 > 0.005 && p50 <= 0.01, `the median is between the bounds around 7 ms, not ${p50}`);
  assert.ok(p99 > 0.1 && p99 <= 0.25, `p99 is between the bounds around 180 ms, not ${p99}`);
  const db = 'client_workload="user",server_workload="user-db"';
  assert.is(await ask(`sidelight_edge_open_connections{${db}}`), 3);
  assert.is(await ask(`sidelight_edge_connections_total{${db},outcome="success"}`), sent * 2);
  assert.is(await ask(`sidelight_edge_response_bytes_total{${db}}`), sent * 9_000);
});

test.run();
