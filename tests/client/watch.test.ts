/** Watches of the client against a real control that is cut off, killed and started again. */
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Attribute, SidelightClient, SidelightError } from "../../client/index.ts";
import type { GetSeriesResponse, GetTopologyResponse, WatchedAnswer } from "../../client/index.ts";
import { startControl } from "../control/api/fixture-control.ts";
import { assertGapless, events } from "../control/api/fixture-watch.ts";
import { systemClock } from "../../control/api/feed.ts";
import { batchOf } from "../control/batches.ts";
import { ControlProcess } from "../control/control-process.ts";
import { ReporterClient } from "../control/reporter-client.ts";
import { until } from "../control/until.ts";

const test = suite("Watches of the client");
const INVENTORY = `
clusterCidrs: [10.0.0.0/8]
workloads:
  - { namespace: shop, name: orders, addresses: [10.0.0.1] }
  - { namespace: shop, name: user, hosts: [user], addresses: [10.0.0.2] }
`;

type Told = WatchedAnswer<GetTopologyResponse>;

const toldOf = (answers: readonly Told[]) =>
  answers.map(({ answer, skipped }) => ({ atMs: answer.topology!.at!.getTime(), skipped }));

async function endOf(answers: AsyncIterator<unknown>): Promise<SidelightError> {
  try {
    while (!(await answers.next()).done);
  } catch (error) {
    assert.instance(error, SidelightError);
    return error as SidelightError;
  }
  throw new Error("It ended without an error");
}

test("control is killed and started again: the watch goes on, none twice and none missing, on both transports", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-client-"));
  await writeFile(join(folder, "inventory.yaml"), INVENTORY);
  const env = { SIDELIGHT_DATA_DIR: join(folder, "data"), SIDELIGHT_INVENTORY: join(folder, "inventory.yaml") };
  let control = await ControlProcess.start(env);
  const { grpc, http } = control;
  const reporter = new ReporterClient({ target: grpc, hello: { namespace: "shop", workload: "user" } });
  reporter.send(batchOf([{ peer: { address: "10.0.0.1" }, count: 40, buckets: [10, 30, 500, 10] }]));
  await until(async () => (await control.totals()).length > 0);

  const client = new SidelightClient(grpc);
  const cuts: SidelightError[] = [];
  const answers: Told[] = [];
  const url = `http://${http}/api/v1/watch/topology`;
  try {
    for await (const told of client.watch("topology", {}, { onCut: (error) => cuts.push(error) })) {
      answers.push(told);
      if (answers.length === 3) {
        const before = await events(url, 1);
        await control.end("SIGKILL");
        reporter.close();
        await sleep(2_000);
        control = await ControlProcess.start({ ...env, SIDELIGHT_GRPC_LISTEN: grpc, SIDELIGHT_HTTP_LISTEN: http });
        const after = await events(url, 3, { "Last-Event-ID": before[0]!.id });
        assert.ok(after[0]!.data.isReplayed);
        assertGapless([...before, ...after].map(({ data }) => ({ atMs: data.answer.atMs, skipped: data.skipped })));
      }
      // Until it has caught up again.
      if (answers.length > 5 && !told.isReplayed && cuts.length > 0) break;
    }
  } finally {
    client.close();
    await control.end("SIGKILL");
    await rm(folder, { recursive: true });
  }
  assertGapless(toldOf(answers));
  const replayed = answers.filter(({ isReplayed }) => isReplayed);
  assert.ok(replayed.length > 0 && replayed.every(({ skipped }) => skipped === 0));
  assert.ok(cuts.every(({ isUnavailable }) => isUnavailable) && cuts.length > 0);
});

test("control is killed and started again: each step of a series comes once, with all that was counted in it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-client-"));
  await writeFile(join(folder, "inventory.yaml"), INVENTORY);
  const env = { SIDELIGHT_DATA_DIR: join(folder, "data"), SIDELIGHT_INVENTORY: join(folder, "inventory.yaml") };
  let control = await ControlProcess.start(env);
  const { grpc, http } = control;
  // It keeps what is not acknowledged and comes again, as a sidecar does.
  const reporter = new ReporterClient({ target: grpc, hello: { namespace: "shop", workload: "user" } });
  const beganMs = Math.ceil(Date.now() / 1_000) * 1_000;
  const reporting = reportEachSecond(reporter, beganMs);
  const client = new SidelightClient(grpc);
  const answers: WatchedAnswer<GetSeriesResponse>[] = [];
  let cuts = 0;
  try {
    for await (const told of client.watch("series", { step: { seconds: 1 } }, { onCut: () => (cuts += 1) })) {
      answers.push(told);
      if (answers.length === 3) {
        await control.end("SIGKILL");
        await sleep(2_000);
        control = await ControlProcess.start({ ...env, SIDELIGHT_GRPC_LISTEN: grpc, SIDELIGHT_HTTP_LISTEN: http });
      }
      if (answers.length > 5 && cuts > 0) break;
    }
  } finally {
    clearInterval(reporting);
    reporter.close();
    client.close();
    await control.end("SIGKILL");
    await rm(folder, { recursive: true });
  }
  const points = answers.flatMap(({ answer }) => answer.series[0]!.points);
  points.forEach(({ at, requests }, index) => {
    assert.is(at!.getTime(), points[0]!.at!.getTime() + index * 1_000);
    assert.is(requests, at!.getTime() >= beganMs ? 40 : 0, `requests of step ${index}`);
  });
  assert.ok(answers.every(({ skipped }) => skipped === 0));
  const [replayed, ...more] = answers.filter(({ isReplayed }) => isReplayed);
  assert.is(more.length, 0);
  assert.ok(replayed!.answer.series[0]!.points.length > 10, "what was missed, at once");
});

/** 40 requests in each whole second, told when it is over. */
function reportEachSecond(reporter: ReporterClient, beganMs: number): NodeJS.Timeout {
  let startMs = beganMs;
  return setInterval(() => {
    for (; startMs + 1_000 <= Date.now(); startMs += 1_000) {
      reporter.send(batchOf([{ peer: { address: "10.0.0.1" }, count: 40, buckets: [10, 40] }], { startMs }));
    }
  }, 100);
}

test("a connection that breaks again and again", async () => {
  const control = await startControl({ feed: { clock: systemClock } });
  const port = Number(control.grpc.split(":")[1]);
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => (near.destroy(), far.destroy()));
    }
    near.pipe(far).pipe(near);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const client = new SidelightClient(`127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  const answers: Told[] = [];
  let cuts = 0;
  for await (const told of client.watch("topology", {}, { onCut: () => (cuts += 1) })) {
    answers.push(told);
    if (answers.length === 5) break;
    if (answers.length < 4) for (const socket of sockets) socket.destroy();
  }
  assertGapless(toldOf(answers));
  assert.ok(cuts >= 3, `${cuts}`);
  client.close();
  proxy.close();
  for (const socket of sockets) socket.destroy();
  await until(() => control.watches.size === 0);
  await control.close();
});

test("what is refused, or was never there, ends a watch", async () => {
  const control = await startControl();
  const client = new SidelightClient(control.grpc);
  const filters = [{ attribute: Attribute.ATTRIBUTE_HEALTH, value: "ill" }];
  const wrong = await endOf(client.watch("workloads", { filters }));
  assert.ok(wrong.isBadQuestion);
  assert.is(wrong.field, "workloads.filters[0].value");
  assert.is((await endOf(client.watch("topology", {}, { resume: "x" }))).field, "resume");
  const timed = await endOf(client.watch("topology", {}, { timeoutMs: 1_000 }));
  assert.ok(timed.isTimeout && timed.isCut);
  const aborted = client.watch("topology", {}, { signal: AbortSignal.timeout(500) });
  while (!(await aborted.next()).done);
  client.close();
  await until(() => control.watches.size === 0);
  await control.close();
  const nobody = new SidelightClient("127.0.0.1:1");
  assert.ok((await endOf(nobody.watch("topology", {}))).isUnavailable);
  nobody.close();
});

test.run();
