/**
 * The inventory beside a cluster that lives, on real servers: controllers and scheduler move pods that kwok plays, the API server is
 * killed, frozen and forgets, and there are 10,000 pods. Skipped where the servers cannot be built.
 */
import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { getKubernetes, startControlPlane } from "../kubernetes/control-plane.ts";
import type { ControlPlane, ControlPlaneOptions } from "../kubernetes/control-plane.ts";
import type { KubeClient } from "../kubernetes/kube-client.ts";
import { addressOf, createLivingCluster, labelled, runningPods, stir } from "../kubernetes/living-cluster.ts";
import { createDeployment, createNamespace, createPod, inParallel } from "../kubernetes/objects.ts";
import { watchWith } from "../kubernetes/watched.ts";
import type { Watched } from "../kubernetes/watched.ts";
import { until } from "../control/until.ts";
import { ControlProcess } from "../control/control-process.ts";

const tools = await getKubernetes();
const test = suite<{ planes: ControlPlane[] }>("kubernetes inventory");
const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  tools ? test(name, work) : test.skip(name, work);

test.before.each((context) => {
  context.planes = [];
});
test.after.each(async ({ planes }) => {
  for (const plane of planes) await plane.remove();
});

/** 2 minutes on a machine that has other work. */
const PATIENCE = 24_000;

/** Who has an address now. */
function who({ inventory }: Watched, address: string): string | undefined {
  const nowMs = Date.now();
  return (inventory.byAddress(address, nowMs) ?? inventory.whyNobody(address, nowMs))?.id;
}

/** What is said of each pod that runs. */
async function disagreements(watched: Watched, admin: KubeClient): Promise<string[]> {
  return (await runningPods(admin)).flatMap((pod) => {
    const said = who(watched, addressOf(pod));
    return said === labelled(pod) ? [] : [`${addressOf(pod)} is ${labelled(pod)}'s, not ${said}'s`];
  });
}

/** Somebody's address, and a time during which it was. */
interface Seen {
  readonly address: string;
  readonly workload: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Stirs the cluster; @returns what was seen of pods that were there before a round and after it */
async function churn(admin: KubeClient, rounds: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = await runningPods(admin);
    const fromMs = Date.now();
    await stir(admin, round);
    await sleep(300);
    const toMs = Date.now();
    const after = new Set((await runningPods(admin)).map(({ metadata }) => metadata.uid));
    for (const pod of before.filter(({ metadata }) => after.has(metadata.uid))) {
      seen.push({ address: addressOf(pod), workload: labelled(pod), fromMs, toMs });
    }
  }
  return seen;
}

scenario("pods of every kind that come, go and move are each their workload's", async (context) => {
  if (!tools) return;
  const plane = await startControlPlane(tools, { withControllers: tools });
  context.planes.push(plane);
  const { admin } = plane;
  const watched = await watchWith(plane.kubeconfig);
  try {
    assert.equal(await watched.watching.listed(60_000), []);
    await createLivingCluster(admin);
    await until(async () => (await runningPods(admin)).length === 11, PATIENCE);
    await until(async () => (await disagreements(watched, admin)).length === 0, PATIENCE);
    const kinds = ["user", "db", "agent"].map((name) => watched.inventory.byName("shop", name)?.workloadKind);
    assert.equal(kinds, ["Deployment", "StatefulSet", "DaemonSet"]);
    await until(() => watched.inventory.byHost("user.shop.svc", Date.now())?.id === "shop/user", PATIENCE);
    const [agent] = (await runningPods(admin)).filter((pod) => labelled(pod) === "shop/agent");
    assert.is(who(watched, agent?.status?.podIP ?? ""), "unresolved/node-address");

    const seen = await churn(admin, 25);
    await until(async () => (await disagreements(watched, admin)).length === 0, PATIENCE);
    const said = seen.map(({ address, workload, fromMs, toMs }) => {
      const { inventory } = watched;
      const found = inventory.byAddress(address, fromMs, toMs) ?? inventory.whyNobody(address, fromMs, toMs);
      return { address, workload, found: found?.id };
    });
    // kwok gives an address on at once, so some were another's a second before or after.
    const right = said.filter(({ workload, found }) => found === workload);
    const open = said.filter(({ found }) => found === "unresolved/address-reused");
    const wrong = said.filter((one) => !right.includes(one) && !open.includes(one));
    assert.equal(wrong, [], "an address is never another's");
    assert.ok(seen.length > 100 && right.length > seen.length / 2, `${right.length} of ${seen.length} are known`);
    assert.ok(open.length > 0, "addresses were given on");
    assert.is(watched.inventory.figures.waiting, 0);
    assert.ok(watched.inventory.figures.gone > 20, "pods that have gone are remembered");
    // And by one that comes only now.
    const later = await watchWith(plane.kubeconfig);
    try {
      assert.equal(await later.watching.listed(60_000), []);
      await until(async () => (await disagreements(later, admin)).length === 0, PATIENCE);
    } finally {
      await later.watching.stop();
    }
  } finally {
    await watched.watching.stop();
  }
});

/** A cluster with a workload whose pods are made by hand. */
async function smallCluster(context: { planes: ControlPlane[] }, options?: ControlPlaneOptions) {
  if (!tools) throw new Error("There is no Kubernetes");
  const plane = await startControlPlane(tools, options);
  context.planes.push(plane);
  await createNamespace(plane.admin, "shop");
  const replicaSet = await createDeployment(plane.admin, "shop", "user");
  const create = (name: string, address: string): Promise<void> =>
    createPod(plane.admin, { ...{ namespace: "shop", workload: "user", replicaSet }, name, address });
  await create("user-a", "10.1.0.1");
  return { plane, create, remove: (name: string) => plane.admin.remove(`/api/v1/namespaces/shop/pods/${name}`) };
}

function failuresOf({ watching }: Watched): number {
  return watching.status().get("pods")?.failures ?? 0;
}

scenario("an API server that is killed is told of once, and followed again when it is back", async (context) => {
  const { plane, create, remove } = await smallCluster(context);
  const watched = await watchWith(plane.kubeconfig);
  try {
    await watched.watching.listed(60_000);
    for (let times = 1; times <= 2; times += 1) {
      const before = failuresOf(watched);
      await plane.apiServer.stop("SIGKILL");
      await until(() => failuresOf(watched) > before + 2, PATIENCE);
      assert.is(who(watched, "10.1.0.1"), "shop/user", "what is known stays");
      plane.apiServer.restart();
      await plane.ready();
      await create(`user-${times}`, `10.1.1.${times}`);
      await until(() => who(watched, `10.1.1.${times}`) === "shop/user", PATIENCE);
      await remove(`user-${times}`);
      await until(() => who(watched, `10.1.1.${times}`) === undefined, PATIENCE);
    }
    const away = watched.warnings.filter((line) => line.includes("cannot be followed"));
    assert.ok(away.length >= 1 && away.length <= 2, watched.warnings.join("\n"));
  } finally {
    await watched.watching.stop();
  }
});

scenario("an API server that hangs is found out, and followed again when it goes on", async (context) => {
  const { plane, create, remove } = await smallCluster(context);
  const watched = await watchWith(plane.kubeconfig, { idleMs: 2_000 });
  try {
    await watched.watching.listed(60_000);
    plane.apiServer.signal("SIGSTOP");
    const before = failuresOf(watched);
    await until(() => failuresOf(watched) > before + 2, PATIENCE);
    plane.apiServer.signal("SIGCONT");
    await create("user-b", "10.1.0.2");
    await until(() => who(watched, "10.1.0.2") === "shop/user", PATIENCE);
    await remove("user-b");
    await until(() => who(watched, "10.1.0.2") === undefined, PATIENCE);
  } finally {
    await watched.watching.stop();
  }
});

scenario("410: what etcd has compacted away is listed anew, and what has gone meanwhile is gone", async (context) => {
  // Without its cache the API server asks etcd for the past.
  const { plane, create, remove } = await smallCluster(context, { apiServerOptions: ["--watch-cache=false"] });
  const watched = await watchWith(plane.kubeconfig, { idleMs: 3_000, firstWaitMs: 10_000, longestWaitMs: 10_000 });
  try {
    await watched.watching.listed(60_000);
    const lists = watched.watching.status().get("pods")?.lists ?? 0;
    const before = failuresOf(watched);
    await until(() => failuresOf(watched) > before, PATIENCE);
    // All of this while it waits to watch on, so it will ask for a past that is no more.
    await remove("user-a");
    await create("user-b", "10.1.0.2");
    await plane.compact();
    await until(() => who(watched, "10.1.0.2") === "shop/user", PATIENCE);
    assert.is(who(watched, "10.1.0.1"), undefined);
    assert.ok((watched.watching.status().get("pods")?.lists ?? 0) > lists, "listed anew");
  } finally {
    await watched.watching.stop();
  }
});

scenario("10,000 pods are known, page by page, and what changes of them", async (context) => {
  if (!tools) return;
  const plane = await startControlPlane(tools);
  context.planes.push(plane);
  const { admin } = plane;
  await createNamespace(admin, "shop");
  const sets = new Map<string, string>();
  for (let i = 0; i < 20; i += 1) sets.set(`w${i}`, await createDeployment(admin, "shop", `w${i}`));
  const wishes = Array.from({ length: 10_000 }, (_, i) => {
    const workload = `w${i % 20}`;
    const address = `10.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
    return { namespace: "shop", name: `${workload}-${i}`, workload, replicaSet: sets.get(workload) ?? "", address };
  });
  await inParallel(wishes, 24, (wish) => createPod(admin, wish));
  const watched = await watchWith(plane.kubeconfig, {}, 30_000);
  try {
    assert.equal(await watched.watching.listed(120_000), []);
    assert.is(watched.watching.status().get("pods")?.objects, 10_000);
    for (const { address, workload } of wishes) assert.is(who(watched, address), `shop/${workload}`, address);
    const gone = wishes.slice(0, 200);
    await inParallel(gone, 24, ({ name }) => admin.remove(`/api/v1/namespaces/shop/pods/${name}`));
    const next = gone.map((wish, i) => ({ ...wish, name: `${wish.name}-again`, workload: `w${(i + 7) % 20}` }));
    await inParallel(next, 24, (wish) => createPod(admin, { ...wish, replicaSet: sets.get(wish.workload) ?? "" }));
    await until(
      () =>
        next.every(({ address, workload }) =>
          [`shop/${workload}`, "unresolved/address-reused"].includes(who(watched, address) ?? ""),
        ),
      PATIENCE,
    );
    await until(() => next.every(({ address, workload }) => who(watched, address) === `shop/${workload}`), PATIENCE);
  } finally {
    await watched.watching.stop();
  }
});

scenario(
  "control takes a cluster and a file together, shows what is there, and tells how well it keeps up",
  async (context) => {
    if (!tools) return;
    const plane = await startControlPlane(tools);
    context.planes.push(plane);
    await createNamespace(plane.admin, "shop");
    const replicaSet = await createDeployment(plane.admin, "shop", "user");
    await createPod(plane.admin, {
      namespace: "shop",
      name: "user-a",
      workload: "user",
      replicaSet,
      address: "10.1.0.1",
    });
    const file = `${plane.folder}/inventory.yaml`;
    await writeFile(file, "workloads: [{ namespace: beside, name: mainframe, addresses: [10.200.0.1] }]");
    const control = await ControlProcess.start({
      SIDELIGHT_DATA_DIR: `${plane.folder}/data`,
      SIDELIGHT_KUBECONFIG: plane.kubeconfig,
      SIDELIGHT_INVENTORY: file,
    });
    try {
      const nodes = async (): Promise<string[]> => {
        const { nodes: all } = await control.json<{ nodes: { id: string }[] }>("/api/v1/topology");
        return all.map(({ id }) => id).sort();
      };
      await until(async () => (await nodes()).join() === "beside/mainframe,shop/user", PATIENCE);
      await createDeployment(plane.admin, "shop", "carts");
      await until(async () => (await nodes()).includes("shop/carts"), PATIENCE);
      const metrics = await control.metrics();
      assert.match(metrics, /^sidelight_kubernetes_objects\{resource="pods"\} 1$/m);
      assert.match(metrics, /^sidelight_kubernetes_staleness_seconds\{resource="endpointslices"\} \d/m);
    } finally {
      await control.end("SIGTERM");
    }
  },
);

test.run();
