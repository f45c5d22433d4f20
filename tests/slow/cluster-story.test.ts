/**
 * The story in a real cluster with Istio (tests/kubernetes/real-cluster.ts says which): Sidelight installed by its manifest, the shop turned
 * on by its annotation while it is busy, found by name and counted exactly, and gone without a trace. No request fails from beginning to end.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Snapshot } from "../../control/world/model.ts";
import { readLoadCounters, setRate } from "../../demo/control-client.ts";
import type { LoadCounters } from "../../demo/control-client.ts";
import { ASKED_SERVICES, ClusterDemo } from "../../demo/kubernetes/cluster-demo.ts";
import { provideImages } from "../../demo/kubernetes/images.ts";
import { LOAD, LOAD_NAMESPACE, SHOP_NAMESPACE } from "../../demo/kubernetes/names.ts";
import { lookAt } from "../../demo/kubernetes/preflight.ts";
import { settled } from "../../demo/measured-run.ts";
import type { Readings } from "../../demo/readings.ts";
import { progressOn } from "../../provision/progress.ts";
import { findRealCluster } from "../kubernetes/real-cluster.ts";
import type { RealCluster } from "../kubernetes/real-cluster.ts";
import { loud } from "../loud.ts";

const RATE = 5;

const cluster = await findRealCluster();
const test = suite<{ demo: ClusterDemo }>("The story in a cluster");
const scene = (name: string, work: Parameters<typeof test>[1]): void =>
  cluster ? test(name, work) : test.skip(name, work);

test.before(
  loud(async (context) => {
    if (!cluster) return;
    const progress = progressOn();
    await provideImages(cluster.images, progress, new AbortController().signal);
    context.demo = new ClusterDemo(cluster.kubectl, await lookAt(cluster.kubectl), progress);
    await context.demo.installSidelight();
    await context.demo.openShop();
    await context.demo.startLoad(RATE);
  }),
);
test.after(async ({ demo }) => {
  // The last scene has done so already, if all went well.
  await demo?.stop({ keepLogs: false });
});

const snapshotOf = async ({ addresses }: ClusterDemo): Promise<Snapshot> =>
  (await (await fetch(`${addresses.ui}/api/v1/snapshot`)).json()) as Snapshot;

/** Each pod of the shop's services, and how often its containers were started again. */
async function podsOf({ kubectl }: RealCluster): Promise<string> {
  const columns = "{range .items[*]}{.metadata.uid} {.status.containerStatuses[*].restartCount}{'\\n'}{end}";
  return await kubectl.run(["-n", SHOP_NAMESPACE, "get", "pods", "-o", `jsonpath=${columns.replaceAll("'", '"')}`]);
}

/** Requests that were not answered, or answered that the shop failed. */
function failures({ failed, byStatus }: LoadCounters): number {
  const errors = Object.entries(byStatus).filter(([status]) => Number(status) >= 500);
  return failed + errors.reduce((sum, [, count]) => sum + count, 0);
}

async function nothingFailed({ addresses }: ClusterDemo): Promise<void> {
  const load = await readLoadCounters(addresses.load);
  assert.is(failures(load), 0, `answers were ${JSON.stringify(load.byStatus)}, none came for ${load.failed}`);
  assert.ok(load.sent > 0);
}

/** Ends the load, and holds what was counted since `base` against what was sent. */
async function isExact(demo: ClusterDemo, base: Readings): Promise<void> {
  await setRate(demo.addresses.load, 0);
  const { result } = await settled(demo.measured(), base, () => {});
  const apart = result.edges.filter(({ sent, counted }) => sent !== counted);
  assert.equal(apart, [], "each edge is counted as often as its client sent");
  assert.is(result.unclear, 0);
  assert.ok(result.sent > 100, `only ${result.sent} were sent`);
}

scene("the filter arrives in sidecars that run: no pod starts anew, and no request fails", async ({ demo }) => {
  const before = await podsOf(cluster!);
  await demo.observe();
  assert.is(await podsOf(cluster!), before);
  await nothingFailed(demo);
});

scene("workloads stand by name, and every edge is counted exactly", async ({ demo }) => {
  const base = await demo.quiet();
  await setRate(demo.addresses.load, RATE);
  await sleep(30_000);
  const { edges } = await snapshotOf(demo);
  const expected = [`${LOAD_NAMESPACE}/${LOAD}`, ...ASKED_SERVICES.map((name) => `${SHOP_NAMESPACE}/${name}`)];
  const ends = new Set(edges.flatMap(({ client, server }) => [client, server]));
  assert.equal([...ends].sort(), expected.sort(), "nobody else takes part, and nobody by address");
  await isExact(demo, base);
  await nothingFailed(demo);
});

scene("uninstalled, it leaves nothing", async ({ demo }) => {
  const { kubectl } = cluster!;
  await demo.stop({ keepLogs: false });
  const kinds = "namespaces,clusterroles,clusterrolebindings,persistentvolumes,wasmplugins,pods,persistentvolumeclaims";
  const names = (await kubectl.run(["get", kinds, "-A", "-o", "name"])).split("\n");
  assert.equal(
    names.filter((name) => /sidelight|sock-shop/.test(name)),
    [],
  );
});

test.run();
