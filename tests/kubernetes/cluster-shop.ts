/** The demo's shop in a real cluster, as the slow tests begin with it, and what they hold against it. */
import { suite } from "uvu";
import type { Test, Callback } from "uvu";
import * as assert from "uvu/assert";
import type { Snapshot } from "../../control/world/model.ts";
import type { Comparison } from "../../demo/conservation.ts";
import { readLoadCounters, setRate } from "../../demo/control-client.ts";
import type { LoadCounters } from "../../demo/control-client.ts";
import { ClusterDemo } from "../../demo/kubernetes/cluster-demo.ts";
import { provideImages } from "../../demo/kubernetes/images.ts";
import { lookAt } from "../../demo/kubernetes/preflight.ts";
import type { ClusterFacts } from "../../demo/kubernetes/preflight.ts";
import { SHOP_NAMESPACE } from "../../demo/kubernetes/names.ts";
import { settled } from "../../demo/measured-run.ts";
import type { Readings } from "../../demo/readings.ts";
import { progressOn } from "../../provision/progress.ts";
import type { RealCluster } from "./real-cluster.ts";

/** A suite whose scenes are skipped by name where there is no cluster. */
export function scenesIn<Context>(
  cluster: RealCluster | undefined,
  name: string,
): { readonly test: Test<Context>; readonly scene: (name: string, work: Callback<Context>) => void } {
  const test = suite<Context>(name);
  return { test, scene: (title, work) => (cluster ? test(title, work) : test.skip(title, work)) };
}

/** Sidelight installed, the shop opened, and asked at a rate. Handed over before that, so that it is stopped where it fails. */
export async function openShop(
  { kubectl, images }: RealCluster,
  rate: number,
  handOver: (demo: ClusterDemo, facts: ClusterFacts) => void,
): Promise<void> {
  const progress = progressOn();
  await provideImages(images, progress, new AbortController().signal);
  const facts = await lookAt(kubectl);
  const demo = new ClusterDemo(kubectl, facts, progress);
  handOver(demo, facts);
  await demo.installSidelight();
  await demo.openShop();
  await demo.startLoad(rate);
}

export async function snapshotOf({ addresses }: ClusterDemo): Promise<Snapshot> {
  return (await (await fetch(`${addresses.ui}/api/v1/snapshot`)).json()) as Snapshot;
}

/** Each pod of the shop's services, and how often its containers were started again. */
export async function podsOf({ kubectl }: RealCluster): Promise<string> {
  const columns = "{range .items[*]}{.metadata.uid} {.status.containerStatuses[*].restartCount}{'\\n'}{end}";
  return await kubectl.run(["-n", SHOP_NAMESPACE, "get", "pods", "-o", `jsonpath=${columns.replaceAll("'", '"')}`]);
}

/** Requests that were not answered, or answered that the shop failed. */
export function failures({ failed, byStatus }: LoadCounters): number {
  const errors = Object.entries(byStatus).filter(([status]) => Number(status) >= 500);
  return failed + errors.reduce((sum, [, count]) => sum + count, 0);
}

export async function nothingFailed({ addresses }: ClusterDemo, before = 0): Promise<void> {
  const load = await readLoadCounters(addresses.load);
  assert.is(failures(load) - before, 0, `answers were ${JSON.stringify(load.byStatus)}, none came for ${load.failed}`);
  assert.ok(load.sent > 0);
}

/** Ends the load, and holds what was counted since `base` against what was sent. */
export async function isExact(demo: ClusterDemo, base: Readings): Promise<Comparison> {
  await setRate(demo.addresses.load, 0);
  const { result } = await settled(demo.measured(), base, () => {});
  const apart = result.edges.filter(({ sent, counted }) => sent !== counted);
  assert.equal(apart, [], "each edge is counted as often as its client sent");
  assert.is(result.unclear, 0);
  assert.ok(result.sent > 100, `only ${result.sent} were sent`);
  return result;
}
