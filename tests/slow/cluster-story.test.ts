/**
 * The story in a real cluster with Istio (tests/kubernetes/real-cluster.ts says which): Sidelight installed by its manifest, the shop turned
 * on by its annotation while it is busy, found by name and counted exactly while pods come and go, red where faults are, and gone without a trace.
 * No request fails from beginning to end but those that the faults fail.
 */
import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import type { Snapshot } from "../../control/world/model.ts";
import { readLoadCounters, setFault, setRate } from "../../demo/control-client.ts";
import type { ClusterDemo } from "../../demo/kubernetes/cluster-demo.ts";
import { ASKED_SERVICES } from "../../demo/kubernetes/cluster-demo.ts";
import { LOAD, LOAD_NAMESPACE, SHOP_NAMESPACE } from "../../demo/kubernetes/names.ts";
import { optedIn, turnOff } from "../../demo/kubernetes/observed.ts";
import { rolledOut } from "../../demo/kubernetes/rollout.ts";
import { eventually } from "../e2e/stack.ts";
import {
  failures,
  isExact,
  nothingFailed,
  openShop,
  podsOf,
  scenesIn,
  snapshotOf,
} from "../kubernetes/cluster-shop.ts";
import { findRealCluster } from "../kubernetes/real-cluster.ts";
import { seenInBrowser } from "../kubernetes/story-page.ts";
import { loud } from "../loud.ts";

const RATE = 5;
/** Istio tells sidecars within seconds; the window of health is 30 s; the rest is for a busy machine. */
const REACTION_LIMIT_MS = 120_000;
/** What pods come and go of. */
const SCALED = ["catalogue", "user", "carts", "orders"].map((name) => `deployment/${name}`);
const SILENT = { note: () => {} };

const cluster = await findRealCluster();
const { test, scene } = scenesIn<{ demo: ClusterDemo }>(cluster, "The story in a cluster");

test.before(
  loud(async (context) => {
    if (!cluster) return;
    await openShop(cluster, RATE, (demo) => (context.demo = demo));
  }),
);
test.after(async ({ demo }) => {
  // The last scene has done so already, if all went well.
  await demo?.stop({ keepLogs: false });
});

const isOfShop = (...ends: string[]): boolean => ends.some((id) => id.startsWith(`${SHOP_NAMESPACE}/`));
const isUnnamed = (...ends: string[]): boolean => ends.some((id) => id.startsWith("unresolved/"));

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
  // The taps tell of more: what the stores are asked, and names.
  const asked = edges.filter(({ server, protocol }) => protocol === "http" && server.startsWith(`${SHOP_NAMESPACE}/`));
  const ends = new Set(asked.flatMap(({ client, server }) => [client, server]));
  assert.equal([...ends].sort(), expected.sort(), "nobody else takes part, and nobody by address");
  const unnamed = edges.filter(({ client, server }) => isOfShop(client, server) && isUnnamed(client, server));
  assert.equal(unnamed, []);
  await isExact(demo, base);
  await nothingFailed(demo);
});

scene("pods come, go and move, the map follows, and the counts stay exact", async ({ demo }) => {
  const { kubectl, addNode } = cluster!;
  const base = await demo.quiet();
  await setRate(demo.addresses.load, RATE);
  const shop = (...words: string[]): Promise<string> => kubectl.run(["-n", SHOP_NAMESPACE, ...words]);
  await addNode?.();
  await shop("scale", ...SCALED, "--replicas=3");
  await rolledOut(kubectl, SHOP_NAMESPACE, SILENT);
  // One of three each: where a workload has one pod alone and that is deleted, nobody is there until the next is ready.
  const isScaled = `app.kubernetes.io/name in (${SCALED.map((each) => each.replace(/^.*\//, "")).join()})`;
  const pods = (await shop("get", "pods", "-l", isScaled, "-o", "name")).trim().split("\n");
  const firsts = SCALED.map((each) => pods.find((pod) => pod.startsWith(each.replace("deployment/", "pod/"))) ?? each);
  await shop("delete", ...firsts, "--wait=false");
  await sleep(5_000);
  await rolledOut(kubectl, SHOP_NAMESPACE, SILENT);
  const podsOfUser = async (): Promise<number> => {
    const answer = await fetch(`${demo.addresses.ui}/api/v1/pods?workload=${SHOP_NAMESPACE}/user`);
    const { pods } = (await answer.json()) as { pods: readonly { pod: string; inbound: { rate: number } }[] };
    return pods.filter(({ pod, inbound }) => pod !== "" && inbound.rate > 0).length;
  };
  const served = await eventually(podsOfUser, (count) => count === 3, REACTION_LIMIT_MS);
  assert.is(served, 3, "each pod of user is told of");
  await shop("scale", ...SCALED, "--replicas=1");
  await rolledOut(kubectl, SHOP_NAMESPACE, SILENT);
  await isExact(demo, base);
  await nothingFailed(demo);
});

/** "server METHOD route" of every endpoint that fails, each once. */
function failing({ edges }: Snapshot): string[] {
  const found = edges.flatMap(({ server, endpoints }) =>
    endpoints.filter(({ health }) => health === "failing").map(({ method, route }) => `${server} ${method} ${route}`),
  );
  return [...new Set(found)].sort();
}

scene("faults turn exactly their endpoints red, on the page too", async ({ demo }) => {
  const { addresses } = demo;
  const user = `${SHOP_NAMESPACE}/user`;
  await setRate(addresses.load, RATE);
  for (const [target, fault] of [
    ["cards", "errors"],
    ["addresses", "slow"],
  ] as const) {
    await setFault(addresses.backOffice, { target, fault });
    const listed = `${user} GET /customers/{id}/${target}`;
    const red = await eventually(
      () => snapshotOf(demo),
      (snapshot) => failing(snapshot).includes(listed),
      REACTION_LIMIT_MS,
    );
    assert.ok(failing(red).includes(listed), `${target} ${fault} is not seen; what fails is ${failing(red).join()}`);
    await sleep(30_000);
    const full = await snapshotOf(demo);
    const isElsewhere = (each: string): boolean => !each.startsWith(`${user} `) || !each.includes(`/${target}`);
    assert.equal(failing(full).filter(isElsewhere), [], `${target} ${fault}: red elsewhere`);
    assert.equal(
      full.nodes.filter(({ health }) => health === "failing").map(({ id }) => id),
      [user],
    );
    assert.equal((await seenInBrowser(addresses.ui, user)).red, [user], "the page shows it");
    await setFault(addresses.backOffice, { fault: "clear" });
    const well = await eventually(
      () => snapshotOf(demo),
      ({ nodes }) => nodes.every(({ health }) => health !== "failing" && health !== "affected"),
      REACTION_LIMIT_MS,
    );
    assert.equal(failing(well), [], `no recovery from ${target} ${fault}`);
  }
});

scene("without its annotation the filter leaves, and requests go on", async ({ demo }) => {
  const before = failures(await readLoadCounters(demo.addresses.load));
  await turnOff(cluster!.kubectl);
  const plugins = ["-n", SHOP_NAMESPACE, "get", "wasmplugins", "-o", "name"];
  const left = await eventually(
    () => cluster!.kubectl.run(plugins),
    (names) => names === "",
    REACTION_LIMIT_MS,
  );
  assert.is(left, "");
  assert.equal(await optedIn(demo.addresses.ui), []);
  const told = ({ edges }: Snapshot): string[] =>
    edges
      .filter(
        ({ client, server, protocol, red }) =>
          isOfShop(client) && isOfShop(server) && protocol === "http" && red.rate > 0,
      )
      .map(({ client, server }) => `${client} > ${server}`);
  const silent = await eventually(
    () => snapshotOf(demo),
    (snapshot) => told(snapshot).length === 0,
    REACTION_LIMIT_MS,
  );
  assert.equal(told(silent), [], "no sidecar tells of requests any more");
  await nothingFailed(demo, before);
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
