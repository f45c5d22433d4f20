/** Opt-in on a real API server, with Istio's definition of WasmPlugin. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findKubernetes, startControlPlane } from "../../../kubernetes/control-plane.ts";
import type { ControlPlane } from "../../../kubernetes/control-plane.ts";
import { define, wasmPluginDefinition } from "../../../kubernetes/istio-crds.ts";
import { createDeployment, createNamespace, createPod } from "../../../kubernetes/objects.ts";
import { FILTER, PLUGINS, annotate, optInWith, pluginsIn } from "../../../kubernetes/opted-in.ts";
import type { OptedIn } from "../../../kubernetes/opted-in.ts";
import { loud } from "../../../loud.ts";
import { until } from "../../until.ts";

const test = suite<{ plane: ControlPlane; optedIn: OptedIn }>("opt-in on a real API server");
const tools = await findKubernetes();
const definition = tools && (await wasmPluginDefinition());

const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  definition ? test(name, work) : test.skip(name, work);

/** A namespace with two workloads of a pod each. */
async function createShop({ admin }: ControlPlane, namespace: string): Promise<void> {
  await createNamespace(admin, namespace);
  for (const [index, name] of ["user", "cart"].entries()) {
    const replicaSet = await createDeployment(admin, namespace, name);
    const wish = { namespace, name: `${name}-a`, workload: name, replicaSet };
    await createPod(admin, { ...wish, address: `10.1.${namespace.length}.${index + 1}` });
  }
}

const deployment = (namespace: string, name: string): string =>
  `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;

/** Names of a namespace's plugins. */
async function namesIn({ admin }: ControlPlane, namespace: string): Promise<string> {
  return (await pluginsIn(admin, namespace)).map(({ metadata }) => metadata.name).join();
}

/** Lets opt-in look around a few times. */
const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_500));

test.before(
  loud(async (context) => {
    if (!tools || !definition) return;
    context.plane = await startControlPlane(tools);
    for (const name of ["sidelight", "mesh"]) await createNamespace(context.plane.admin, name);
    const { kubeconfig } = context.plane;
    context.optedIn = await optInWith(kubeconfig, kubeconfig);
  }),
);
test.after(async ({ plane, optedIn }) => {
  if (!definition) return;
  await optedIn.stop();
  await plane.remove();
});

scenario("without Istio it is told what is missing, and taken up when it comes", async ({ plane, optedIn }) => {
  await createShop(plane, "shop");
  await annotate(plane.admin, "/api/v1/namespaces/shop", "true");
  await until(() => optedIn.optIn.status().problems.some((problem) => problem.startsWith("Istio is not installed")));
  await until(() => optedIn.warnings.length > 0);
  assert.match(optedIn.warnings.join("\n"), /^Opt-in: Istio is not installed[^\n]*$/);
  await until(() => optedIn.optIn.status().workloads.length === 2);
  assert.equal(
    optedIn.optIn.status().workloads.map(({ state }) => state),
    ["notWritten", "notWritten"],
  );
  assert.is(optedIn.optIn.standing().state, "noMesh");
  if (definition) await define(plane.admin, definition);
  await until(async () => (await namesIn(plane, "shop")) === "sidelight", 2_000);
  await until(() => optedIn.optIn.standing().state === "writing");
  assert.is(optedIn.optIn.standing().on, 2);
  assert.equal(optedIn.optIn.status().problems, []);
});

scenario(
  "the plugin says what Istio needs, and is not written again while nothing changes",
  async ({ plane, optedIn }) => {
    const [plugin] = await pluginsIn(plane.admin, "shop");
    assert.equal(plugin?.spec, {
      ...{ url: FILTER.url, sha256: FILTER.sha256, phase: "STATS", failStrategy: "FAIL_OPEN" },
      pluginConfig: { cluster: "outbound|9400||sidelight.sidelight.svc.cluster.local" },
    });
    const written = optedIn.optIn.counts;
    const replicaSet = await createDeployment(plane.admin, "shop", "orders");
    for (let index = 1; index <= 20; index += 1) {
      const wish = { namespace: "shop", name: `orders-${index}`, workload: "orders", replicaSet };
      await createPod(plane.admin, { ...wish, address: `10.1.9.${index}` });
    }
    await until(() => optedIn.optIn.status().workloads.some(({ name, pods }) => name === "orders" && pods === 20));
    await aWhile();
    const [later] = await pluginsIn(plane.admin, "shop");
    assert.is(later?.metadata.resourceVersion, plugin?.metadata.resourceVersion);
    assert.equal(optedIn.optIn.counts, written);
  },
);

scenario(
  "an exclusion, and its end, change the plugins; those that stay are not written",
  async ({ plane, optedIn }) => {
    await annotate(plane.admin, deployment("shop", "cart"), "false");
    await until(async () => (await namesIn(plane, "shop")) === "sidelight-orders,sidelight-user");
    const [, user] = await pluginsIn(plane.admin, "shop");
    assert.equal(user?.spec?.["selector"], { matchLabels: { app: "user" } });
    assert.is(optedIn.optIn.status().workloads.find(({ name }) => name === "cart")?.state, "excluded");
    await annotate(plane.admin, deployment("shop", "orders"), "false");
    await until(async () => (await namesIn(plane, "shop")) === "sidelight-user");
    const [same] = await pluginsIn(plane.admin, "shop");
    assert.is(same?.metadata.resourceVersion, user?.metadata.resourceVersion);
  },
);

scenario("what others change in a plugin, add to it or delete is put right", async ({ plane }) => {
  const path = `${PLUGINS}/namespaces/shop/wasmplugins/sidelight-user`;
  const specOf = async () => (await pluginsIn(plane.admin, "shop"))[0]?.spec;
  const before = await specOf();
  await plane.admin.patch(path, { spec: { failStrategy: "FAIL_CLOSE" } });
  await until(async () => (await specOf())?.["failStrategy"] === "FAIL_OPEN", 2_000);
  await plane.admin.patch(path, { spec: { priority: 7, pluginConfig: { other: 1 } } });
  await until(async () => JSON.stringify(await specOf()) === JSON.stringify(before), 2_000);
  await plane.admin.remove(path);
  await until(async () => (await namesIn(plane, "shop")) === "sidelight-user", 3_000);
});

scenario("a plugin of somebody else is left as it is, and it is told", async ({ plane, optedIn }) => {
  await createShop(plane, "store");
  const theirs = {
    ...{ apiVersion: "extensions.istio.io/v1alpha1", kind: "WasmPlugin", metadata: { name: "sidelight" } },
    spec: { url: "oci://registry.example/other" },
  };
  await plane.admin.create(`${PLUGINS}/namespaces/store/wasmplugins`, theirs);
  await annotate(plane.admin, "/api/v1/namespaces/store", "true");
  await until(() =>
    optedIn.optIn.status().problems.some((text) => text.includes("store/sidelight that this Sidelight has not made")),
  );
  await aWhile();
  const [plugin] = await pluginsIn(plane.admin, "store");
  assert.equal(plugin?.spec, theirs.spec);
  await annotate(plane.admin, "/api/v1/namespaces/store", null);
  await until(() => optedIn.optIn.status().problems.length === 0);
  assert.is(await namesIn(plane, "store"), "sidelight", "nor is it deleted");
});

scenario("everybody there is can be asked for, with what each is annotated with", async ({ plane, optedIn }) => {
  await annotate(plane.admin, deployment("store", "user"), "false");
  const { optIn } = optedIn;
  await until(() =>
    optIn.status().workloads.some(({ namespace, state }) => namespace === "store" && state === "excluded"),
  );
  const { namespaces, workloads } = optIn.status(true);
  assert.equal(
    ["mesh", "shop", "store"].map((name) => namespaces.find((each) => each.name === name)?.observe),
    [null, "true", null],
  );
  const store = workloads.filter(({ namespace }) => namespace === "store");
  assert.equal(
    store.map(({ name, state, stated, pods }) => [name, state, stated, pods]),
    [
      ["cart", "off", null, 1],
      ["user", "excluded", { on: "workload", name: "user", value: "false" }, 1],
    ],
  );
  await annotate(plane.admin, deployment("store", "user"), null);
});

scenario("a wrong value is told in an Event, once", async ({ plane }) => {
  await annotate(plane.admin, deployment("store", "user"), "yes");
  const events = async () => {
    const { items } = await plane.admin.get<{ items: { note: string; regarding: { kind: string; name: string } }[] }>(
      "/apis/events.k8s.io/v1/namespaces/store/events",
    );
    return items.filter(({ regarding }) => regarding.name === "user");
  };
  await until(async () => (await events()).length > 0, 2_000);
  const [event] = await events();
  assert.match(event?.note ?? "", /Deployment user says sidelight\.dev\/observe: "yes"; write "true" or "false"/);
  await aWhile();
  assert.is((await events()).length, 1);
  await annotate(plane.admin, deployment("store", "user"), null);
});

scenario("names as long as they may be are written, told of and removed", async ({ plane, optedIn }) => {
  const namespace = "n".repeat(63);
  await createNamespace(plane.admin, namespace);
  const [on = "", wrong = ""] = ["w", "x"].map((letter) => letter.repeat(253));
  for (const [name, observe] of Object.entries({ [on]: "true", [wrong]: "on" })) {
    const labels = { app: name.slice(0, 63) };
    await plane.admin.create(`/apis/apps/v1/namespaces/${namespace}/deployments`, {
      metadata: { name, annotations: { "sidelight.dev/observe": observe } },
      spec: {
        ...{ replicas: 0, selector: { matchLabels: labels } },
        template: { metadata: { labels }, spec: { containers: [{ name: "app", image: "app:1" }] } },
      },
    });
  }
  await until(async () => (await pluginsIn(plane.admin, namespace)).length === 1, 2_000);
  assert.match(await namesIn(plane, namespace), /^sidelight-w{232}-[0-9a-f]{10}$/);
  const own = () => optedIn.optIn.status().workloads.filter((workload) => workload.namespace === namespace);
  assert.equal(
    own().map(({ name, state }) => [name, state]),
    [
      [on, "noPods"],
      [wrong, "off"],
    ],
  );
  const notes = async () => {
    const { items } = await plane.admin.get<{ items: { note: string }[] }>(
      `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
    );
    return items.map(({ note }) => note).join();
  };
  await until(async () => (await notes()) !== "", 2_000);
  assert.match(await notes(), new RegExp(`^Deployment ${wrong} says sidelight\\.dev/observe: "on"; write`));
  assert.equal(optedIn.optIn.status().problems, []);
  await annotate(plane.admin, deployment(namespace, on), null);
  await until(async () => (await namesIn(plane, namespace)) === "", 3_000);
});

scenario("a plugin for TCP beside each for HTTP comes and goes with the setting", async ({ plane, optedIn }) => {
  await optedIn.stop();
  const { kubeconfig } = plane;
  const withTcp = await optInWith(kubeconfig, kubeconfig, { withTcp: true });
  try {
    await until(async () => (await namesIn(plane, "shop")) === "sidelight-user,sidelight.tcp-user", 3_000);
    const plugins = await pluginsIn(plane.admin, "shop");
    const [http = {}, tcp = {}] = plugins.map(({ spec }) => spec);
    assert.is(tcp["type"], "NETWORK");
    assert.equal(tcp["selector"], http["selector"]);
    assert.equal(tcp["pluginConfig"], { ...(http["pluginConfig"] as object), kind: "tcp" });
    assert.equal(withTcp.optIn.status().problems, []);
    await aWhile();
    const versionsOf = (all: typeof plugins): unknown[] => all.map(({ metadata }) => metadata.resourceVersion);
    assert.equal(versionsOf(await pluginsIn(plane.admin, "shop")), versionsOf(plugins), "nothing is written again");
  } finally {
    await withTcp.stop();
  }
  Object.assign(optedIn, await optInWith(kubeconfig, kubeconfig));
  await until(async () => (await namesIn(plane, "shop")) === "sidelight-user", 3_000);
});

scenario(
  "a control that has just begun changes no plugin yet: sidecars are to tell first what they held",
  async ({ plane, optedIn }) => {
    await optedIn.stop();
    const { kubeconfig } = plane;
    const installation = {
      filter: { ...FILTER, sha256: "b".repeat(64) },
      ingest: "sidelight.sidelight.svc.cluster.local:9400",
      instance: "sidelight.sidelight",
    };
    const shaOf = async () => (await pluginsIn(plane.admin, "shop"))[0]?.spec?.["sha256"];
    const updated = await optInWith(kubeconfig, kubeconfig, { installation, changesAfterMs: 6_000 });
    await until(() => updated.optIn.isLeader);
    await annotate(plane.admin, deployment("shop", "orders"), null);
    await until(async () => (await namesIn(plane, "shop")) === "sidelight-orders,sidelight-user", 3_000);
    const [orders, user] = (await pluginsIn(plane.admin, "shop")).map(({ spec }) => spec?.["sha256"]);
    assert.equal([orders, user], ["b".repeat(64), FILTER.sha256], "what is new has the new filter");
    await until(async () => (await pluginsIn(plane.admin, "shop"))[1]?.spec?.["sha256"] === "b".repeat(64), 9_000);
    await annotate(plane.admin, deployment("shop", "orders"), "false");
    await updated.stop();
    Object.assign(optedIn, await optInWith(kubeconfig, kubeconfig));
    await until(async () => (await shaOf()) === FILTER.sha256, 3_000);
  },
);

scenario("without the annotation all plugins go", async ({ plane }) => {
  await annotate(plane.admin, "/api/v1/namespaces/shop", null);
  await until(async () => (await namesIn(plane, "shop")) === "", 3_000);
});

test.run();
