/** Every question of the dashboard for Prometheus, asked of a real one that has scraped a whole control. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LossKind, Outcome, Protocol, Side } from "#proto/ingest.ts";
import { bucketIndex } from "../../control/world/histogram.ts";
import { batchOf } from "../control/batches.ts";
import { ControlProcess } from "../control/control-process.ts";
import { KNOWN_INVENTORY } from "../control/known-load.ts";
import { ReporterClient } from "../control/reporter-client.ts";
import { until } from "../control/until.ts";
import { loud } from "../loud.ts";
import { Prometheus, findPrometheus } from "../prometheus.ts";
import type { PromSample } from "../prometheus.ts";
import { putIn, questionsOfPanels, questionsOfVariables, readDashboard } from "./dashboard.ts";

/** Long enough for rates, and for an edge to be held failing. */
const SECONDS = 12;
const VALUES = { namespace: "shop", workload: "user", __rate_interval: "1m", __range: "1h" };

const board = readDashboard("sidelight-prometheus.json");
const programs = await findPrometheus();
const test = suite("Grafana on Prometheus");
const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  programs ? test(name, work) : test.skip(name, work);

let folder = "";
let prometheus: Prometheus;
const running: { close(): unknown }[] = [];

/** A second of orders > user, of which half fails, and of user > user-db, of which a connection is not reached. */
function sendSecond(server: ReporterClient, client: ReporterClient): void {
  const [fast, slow] = [bucketIndex(7_000), bucketIndex(180_000)];
  const peer = { address: "10.0.0.1" };
  const database = { side: Side.SIDE_OUTBOUND, protocol: Protocol.PROTOCOL_TCP, peer: { address: "10.0.0.3:5432" } };
  const counters = [
    { peer, count: 50, buckets: [fast, 40, slow, 10] },
    { peer, count: 50, buckets: [fast, 50], outcome: Outcome.OUTCOME_SERVER_ERROR, status: 500 },
    { ...database, method: "", route: "", count: 2, requestBytes: 1_000, responseBytes: 9_000, active: 3 },
    { ...database, method: "", route: "", count: 1, outcome: Outcome.OUTCOME_NOT_REACHED, status: 0 },
  ];
  server.send(batchOf(counters, { losses: [{ kind: LossKind.LOSS_KIND_VALUES_CUT, count: 2 }] }));
  const asked = { side: Side.SIDE_OUTBOUND, peer: { address: "10.0.0.2:80", cluster: "user" } };
  client.send(batchOf([{ ...asked, count: 100, buckets: [slow, 100] }]));
}

test.before(
  loud(async () => {
    if (!programs) return;
    folder = mkdtempSync(join(tmpdir(), "sidelight-board-"));
    writeFileSync(join(folder, "inventory.yaml"), KNOWN_INVENTORY);
    const control = await ControlProcess.start({
      SIDELIGHT_DATA_DIR: join(folder, "data"),
      SIDELIGHT_INVENTORY: join(folder, "inventory.yaml"),
    });
    running.push({ close: () => control.end("SIGKILL") });
    prometheus = await Prometheus.start(programs, { address: control.http, job: "sidelight", seconds: 1 });
    running.push({ close: prometheus.stop });
    const [server, client] = ["user", "orders"].map((workload) => {
      const reporter = new ReporterClient({ target: control.grpc, hello: { namespace: "shop", workload } });
      running.push(reporter);
      return reporter;
    }) as [ReporterClient, ReporterClient];
    for (let second = 0; second < SECONDS; second += 1) {
      sendSecond(server, client);
      await sleep(1_000);
    }
    await Promise.all([server.flushed(), client.flushed()]);
    const total = 'sum(sidelight_edge_requests_total{server_workload="user"})';
    await until(async () => (await prometheus.query(total))[0]?.value === SECONDS * 100, 2_000);
  }),
);

test.after(async () => {
  for (const part of running.splice(0).reverse()) await part.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** The answer to a question of a panel, by the panel's title and the question's letter. */
async function answer(name: string): Promise<PromSample[]> {
  const question = questionsOfPanels(board).find((one) => one.name === name);
  assert.ok(question, `there is no question ${name}`);
  return await prometheus.query(putIn(question.text, VALUES));
}

scenario("every question of every panel has an answer", async () => {
  const empty: string[] = [];
  for (const { name, text } of questionsOfPanels(board)) {
    const samples = await prometheus.query(putIn(text, VALUES));
    if (samples.length === 0 || samples.some(({ value }) => Number.isNaN(value))) empty.push(name);
  }
  assert.equal(empty, []);
});

scenario("they say what was sent", async () => {
  const [row, ...more] = await answer("Services, most errors first C");
  assert.equal([row?.metric, more], [{ server_namespace: "shop", server_workload: "user" }, []]);
  assert.ok(Math.abs(row!.value - 0.5) < 1e-6, `errors are ${row!.value} of all`);
  const [p50, p99] = [(await answer("Latency A"))[0]!.value, (await answer("Latency C"))[0]!.value];
  assert.ok(p50 > 0.005 && p50 <= 0.01 && p99 > 0.1 && p99 <= 0.25, `percentiles ${p50} and ${p99} s`);
  const fault = await answer("At fault now A");
  const faults = fault.map(({ metric }) => `${metric["server_workload"]} ${metric["health"]}`).sort();
  assert.equal(faults, ["user affected", "user-db failing"]);
  assert.is((await answer("Open connections, by server A"))[0]?.value, 3);
  assert.is((await answer("Reporters connected A"))[0]?.value, 2);
  assert.is((await answer("Edges without series A"))[0]?.value, 0);
});

scenario("the lists offer the services that there are", async () => {
  const offered: Record<string, string[]> = {};
  for (const { name, text } of questionsOfVariables(board)) {
    const [, series, label] = /^label_values\((.*), (\w+)\)$/.exec(putIn(text, VALUES)) ?? [];
    const query = new URLSearchParams({ "match[]": series ?? "" });
    const response = await fetch(`${prometheus.url}/api/v1/label/${label}/values?${query.toString()}`);
    const { data } = (await response.json()) as { data: string[] };
    offered[name] = data;
  }
  assert.equal(offered, { $namespace: ["shop"], $workload: ["user"] });
});

test.run();
