/**
 * The tap in a real cluster with Istio (tests/kubernetes/real-cluster.ts says which), as the manifest installs it, beside the demo's shop whose
 * sidecars have no filter: who has no sidecar is on the map by name with exact counts, on nodes that come and of pods that move.
 */
import * as assert from "uvu/assert";
import type { Snapshot } from "../../control/world/model.ts";
import { readTotals } from "../../demo/control-client.ts";
import type { Totals } from "../../demo/control-client.ts";
import type { ClusterDemo } from "../../demo/kubernetes/cluster-demo.ts";
import { BACK_OFFICE, LOAD, LOAD_NAMESPACE, SHOP_NAMESPACE, SIDELIGHT_NAMESPACE } from "../../demo/kubernetes/names.ts";
import type { KubernetesObject } from "../../demo/kubernetes/objects.ts";
import { rolledOut } from "../../demo/kubernetes/rollout.ts";
import { SERVICE_NAMES, STORE_NAMES } from "../../demo/shop/names.ts";
import { ENGINES } from "../../demo/topology.ts";
import { eventually } from "../e2e/stack.ts";
import { openShop, scenesIn, snapshotOf } from "../kubernetes/cluster-shop.ts";
import { findRealCluster, readyNodes } from "../kubernetes/real-cluster.ts";
import { CACHE, ECHO, NAMESPACE, httpAsker, redisAsker, tappedServers } from "../kubernetes/tapped-objects.ts";
import { loud } from "../loud.ts";

const RATE = 5;
/** A second or two lie between a packet and the map; the rest is for a busy machine. */
const HEARD_WITHIN_MS = 60_000;
const SILENT = { note: () => {} };
const STARTED_MS = Date.now();

interface Context {
  demo: ClusterDemo;
  nodes: string[];
}

const cluster = await findRealCluster();
const { test, scene } = scenesIn<Context>(cluster, "The tap in a cluster");

test.before(
  loud(async (context) => {
    if (!cluster) return;
    await openShop(cluster, RATE, (demo, { nodes }) => Object.assign(context, { demo, nodes: [...nodes] }));
  }),
);
test.after(async ({ demo }) => {
  await cluster?.kubectl.run(["delete", "namespace", NAMESPACE, "--ignore-not-found", "--timeout=120s"]);
  await demo?.stop({ keepLogs: false });
});

/** Starts a pod that asks, waits until it is through. @returns what it printed last */
async function asked(pod: KubernetesObject): Promise<number> {
  const { kubectl } = cluster!;
  const { name } = pod.metadata;
  await kubectl.apply([pod]);
  const done = ["wait", `pod/${name}`, "--for=jsonpath={.status.phase}=Succeeded", "--timeout=240s"];
  await kubectl.run(["-n", NAMESPACE, ...done]);
  return Number((await kubectl.run(["-n", NAMESPACE, "logs", name])).trim().split("\n").at(-1));
}

/** Requests of an edge that were counted since the test began. */
function countOf({ edges }: Totals, client: string, server: string, protocol: string): number {
  const isIt = (edge: Totals["edges"][number]): boolean =>
    edge.client === `${NAMESPACE}/${client}` && edge.server === `${NAMESPACE}/${server}` && edge.protocol === protocol;
  const counts = edges.filter(isIt).flatMap(({ outcomes }) => Object.values(outcomes));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** That control has counted so many of an edge, and counts no more of them. */
async function isCounted(demo: ClusterDemo, edge: readonly [string, string, string], expected: number): Promise<void> {
  const totals = (): Promise<Totals> => readTotals(demo.addresses.ui, STARTED_MS - 3_600_000, Date.now() + 3_600_000);
  const count = async (): Promise<number> => countOf(await totals(), ...edge);
  assert.is(await eventually(count, (counted) => counted >= expected, HEARD_WITHIN_MS), expected, edge.join(" "));
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  assert.is(await count(), expected, `${edge.join(" ")}, later`);
}

/** The nodes of the pods of `echo` that were asked lately. */
async function nodesOfEcho({ addresses }: ClusterDemo): Promise<string[]> {
  const answer = await fetch(`${addresses.ui}/api/v1/pods?workload=${NAMESPACE}/${ECHO}`);
  const { pods } = (await answer.json()) as { pods: readonly { node: string; inbound: { rate: number } }[] };
  return pods.filter(({ inbound }) => inbound.rate > 0).map(({ node }) => node);
}

scene("each node has a tap, and stores and pods without sidecars stand by name", async ({ demo }) => {
  const { kubectl } = cluster!;
  const pods = "{.items[*].spec.nodeName}";
  const select = ["-l", "app.kubernetes.io/component=tap", "-o", `jsonpath=${pods}`];
  const tapped = (await kubectl.run(["-n", SIDELIGHT_NAMESPACE, "get", "pods", ...select])).split(" ");
  assert.equal(tapped.sort(), (await readyNodes(kubectl)).sort());
  const stores = STORE_NAMES.map((name) => `${SHOP_NAMESPACE}/${name} ${protocolOf(ENGINES[name])}`);
  const heard = ({ edges }: Snapshot): string[] => edges.map(({ server, protocol }) => `${server} ${protocol}`);
  const isHeard = (snapshot: Snapshot): boolean => stores.every((store) => heard(snapshot).includes(store));
  const { nodes, edges } = await eventually(() => snapshotOf(demo), isHeard, HEARD_WITHIN_MS);
  assert.equal(
    stores.filter((store) => !heard({ edges } as Snapshot).includes(store)),
    [],
    "each store is asked what it is asked",
  );
  const known = new Set(nodes.map(({ id }) => id));
  const expected = [...SERVICE_NAMES, ...STORE_NAMES].map((name) => `${SHOP_NAMESPACE}/${name}`);
  for (const id of [...expected, `${LOAD_NAMESPACE}/${LOAD}`, `${LOAD_NAMESPACE}/${BACK_OFFICE}`])
    assert.ok(known.has(id), id);
  const isOurs = (id: string): boolean => id.startsWith(`${SHOP_NAMESPACE}/`) || id.startsWith(`${LOAD_NAMESPACE}/`);
  const unnamed = edges
    .filter(({ client, server }) => isOurs(client) || isOurs(server))
    .filter(({ client, server }) => client.startsWith("unresolved/") || server.startsWith("unresolved/"))
    .map(({ client, server, protocol }) => `${client} > ${server} ${protocol}`);
  assert.equal(unnamed, [], "nobody of the shop is asked by, or asks, an address");
});

function protocolOf(engine: (typeof ENGINES)[keyof typeof ENGINES]): string {
  return { redis: "redis", mariadb: "mysql", postgres: "postgresql", rabbitmq: "amqp" }[engine];
}

scene("what they are asked is counted exactly, on one node and across two", async ({ demo, nodes }) => {
  const { kubectl } = cluster!;
  const [here = "", there = here] = nodes;
  await kubectl.apply(tappedServers(there));
  await rolledOut(kubectl, NAMESPACE, SILENT);
  for (const [suffix, node] of [
    ["near", there],
    ["far", here],
  ] as const) {
    assert.is(await asked(httpAsker(`http-${suffix}`, node, { count: 300, everyMs: 5 })), 300);
    await isCounted(demo, [`http-${suffix}`, ECHO, "http"], 300);
  }
  assert.is(await asked(redisAsker("redis-near", there, 400)), 400);
  assert.is(await asked(redisAsker("redis-far", here, 500)), 900);
  await isCounted(demo, ["redis-near", CACHE, "redis"], 400);
  await isCounted(demo, ["redis-far", CACHE, "redis"], 500);
});

scene("a pod that moves to another node is followed, and nothing is lost on the way", async ({ demo, nodes }) => {
  const { kubectl } = cluster!;
  const [here = "", there = here] = nodes;
  const asking = asked(httpAsker("http-moving", here, { count: 400, everyMs: 100 }));
  await eventually(
    () => nodesOfEcho(demo),
    (of) => of.includes(there),
    HEARD_WITHIN_MS,
  );
  const moved = { spec: { template: { spec: { nodeSelector: { "kubernetes.io/hostname": here } } } } };
  await kubectl.run(["-n", NAMESPACE, "patch", "deployment", ECHO, "-p", JSON.stringify(moved)]);
  const of = await eventually(
    () => nodesOfEcho(demo),
    (names) => names.includes(here),
    HEARD_WITHIN_MS,
  );
  assert.ok(of.includes(here), `its pods are on ${of.join()}`);
  const answered = await asking;
  assert.is(answered, 400, "no request failed");
  await isCounted(demo, ["http-moving", ECHO, "http"], answered);
});

scene("a node that comes gets its tap, and what runs there is counted", async ({ demo, nodes }) => {
  const { kubectl, addNode } = cluster!;
  if (!addNode) return void process.stdout.write("left out: SIDELIGHT_ADD_NODE says how a node comes\n");
  const added = await addNode();
  await rolledOut(kubectl, SIDELIGHT_NAMESPACE, SILENT);
  const [here = ""] = nodes;
  assert.is(await asked(httpAsker("http-new", added, { count: 200, everyMs: 5 })), 200);
  await isCounted(demo, ["http-new", ECHO, "http"], 200);
  await kubectl.apply(tappedServers(added));
  await rolledOut(kubectl, NAMESPACE, SILENT);
  assert.is(await asked(redisAsker("redis-new", here, 300)), 300, "another Redis");
  await isCounted(demo, ["redis-new", CACHE, "redis"], 300);
});

test.run();
