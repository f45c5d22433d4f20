/** The demo's shop in a real cluster, as the slow tests begin with it. */
import type { Snapshot } from "../../control/world/model.ts";
import { ClusterDemo } from "../../demo/kubernetes/cluster-demo.ts";
import { provideImages } from "../../demo/kubernetes/images.ts";
import { lookAt } from "../../demo/kubernetes/preflight.ts";
import type { ClusterFacts } from "../../demo/kubernetes/preflight.ts";
import { progressOn } from "../../provision/progress.ts";
import type { RealCluster } from "./real-cluster.ts";

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
