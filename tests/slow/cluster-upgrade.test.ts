/**
 * An upgrade of Sidelight in a real cluster with Istio (tests/kubernetes/real-cluster.ts says which), beside the demo's shop under load: control is
 * replaced by one with another filter, which sidecars that run take up. No request fails, and none is lost to the counts.
 */
import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import { setRate } from "../../demo/control-client.ts";
import type { ClusterDemo } from "../../demo/kubernetes/cluster-demo.ts";
import { isOk } from "../../demo/ready.ts";
import { eventually } from "../e2e/stack.ts";
import { isExact, nothingFailed, openShop, podsOf, scenesIn } from "../kubernetes/cluster-shop.ts";
import { findRealCluster } from "../kubernetes/real-cluster.ts";
import { upgradeControl, withoutFilter } from "../kubernetes/upgraded-control.ts";
import { loud } from "../loud.ts";

const RATE = 10;
/** Istio tells sidecars within seconds; the rest is for a busy machine. */
const REACTION_LIMIT_MS = 120_000;
/** Istio gives connections of what was replaced 45 s. */
const DRAIN_MS = 60_000;

const cluster = await findRealCluster();
const { test, scene } = scenesIn<{ demo: ClusterDemo }>(cluster, "An upgrade in a cluster");

test.before(
  loud(async (context) => {
    if (!cluster) return;
    await openShop(cluster, RATE, (demo) => (context.demo = demo));
    await context.demo.observe();
  }),
);
test.after(async ({ demo }) => {
  await demo?.stop({ keepLogs: false });
});

scene("another filter comes into sidecars that run, no request fails, and no count is lost", async ({ demo }) => {
  const { ui, load } = demo.addresses;
  const pods = await podsOf(cluster!);
  const base = await demo.quiet();
  await setRate(load, RATE);
  const sha256 = await upgradeControl(cluster!);
  const without = await eventually(
    () => withoutFilter(cluster!, sha256),
    (names) => names.length === 0,
    REACTION_LIMIT_MS,
  );
  assert.equal(without, [], "each sidecar has the new filter alone");
  // What was replaced counts what it had begun, hands it over and goes.
  await sleep(DRAIN_MS);
  // The way to the control before led to its pod, and is taken up again when somebody asks.
  const isBack = (): Promise<boolean> => isOk(`${ui}/readyz`).catch(() => false);
  assert.ok(await eventually(isBack, Boolean, REACTION_LIMIT_MS));
  const { losses } = await isExact(demo, base);
  assert.equal(losses, []);
  assert.equal(await podsOf(cluster!), pods, "no pod of the shop starts anew");
  await nothingFailed(demo);
});

test.run();
