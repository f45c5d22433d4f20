/**
 * The whole life of an installation beside controllers, a scheduler and kwok, which plays the kubelets: applied with kubectl alone,
 * it runs; deleted, nothing is left. And the examples for other meshes against the CRDs of those meshes. Builds what is missing.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { projectRoot } from "../../provision/build.ts";
import { findProgram } from "../../provision/find-program.ts";
import { kubernetesTools } from "../../provision/kubernetes.ts";
import { manifestFile } from "../../provision/manifest.ts";
import { progressOn } from "../../provision/progress.ts";
import { run } from "../../provision/run.ts";
import { until } from "../control/until.ts";
import { getKubernetes, startControlPlane } from "../kubernetes/control-plane.ts";
import type { ControlPlane } from "../kubernetes/control-plane.ts";
import { createNamespace } from "../kubernetes/objects.ts";
import { toolAt } from "../kubernetes/tools.ts";
import type { Tool } from "../kubernetes/tools.ts";
import { loud } from "../loud.ts";

/** Where meshes publish their CRDs in modules of the Go registry. */
const ENVOY_GATEWAY = "github.com/envoyproxy/gateway@v1.7.0";
const ISTIO = "istio.io/istio";

const servers = await getKubernetes();
const test = suite<{ plane: ControlPlane; kubectl: Tool }>("The life of an installation");
const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  servers ? test(name, work) : test.skip(name, work);

test.before(
  loud(async (context) => {
    if (!servers) return;
    context.kubectl = toolAt((await kubernetesTools(progressOn(), ["kubectl"])).kubectl);
    context.plane = await startControlPlane(servers, { withControllers: servers });
  }),
);
test.after(async ({ plane }) => {
  if (servers) await plane.remove();
});

/** 2 minutes on a machine that has other work. */
const PATIENCE = 24_000;

const NODE = {
  metadata: { name: "worker-1", labels: { "kubernetes.io/hostname": "worker-1", "kubernetes.io/os": "linux" } },
  status: { allocatable: { cpu: "4", memory: "8Gi", pods: "110" }, capacity: { cpu: "4", memory: "8Gi", pods: "110" } },
};

/** Here is no StorageClass that makes volumes, so there is one already. */
const VOLUME = {
  metadata: { name: "sidelight-data" },
  spec: {
    ...{ capacity: { storage: "24Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/var/lib/sidelight" } },
    persistentVolumeReclaimPolicy: "Retain",
  },
};

scenario("kubectl apply is the whole installation, and kubectl delete leaves nothing", async ({ plane, kubectl }) => {
  const { admin, kubeconfig } = plane;
  await admin.create("/api/v1/nodes", NODE);
  await admin.create("/api/v1/persistentvolumes", VOLUME);
  const sidelight = async (words: readonly string[]): Promise<string> => kubectl(kubeconfig, [...words]);
  await sidelight(["apply", "--validate=strict", "-f", manifestFile]);
  await sidelight(["-n", "sidelight", "rollout", "status", "statefulset/sidelight", "--timeout=110s"]);
  const pod = await sidelight(["-n", "sidelight", "get", "pod", "sidelight-0", "-o", "jsonpath={.status.phase}"]);
  assert.is(pod, "Running");
  await sidelight(["-n", "sidelight", "rollout", "status", "daemonset/sidelight-tap", "--timeout=110s"]);
  const slices = ["-n", "sidelight", "get", "endpointslices", "-o", "jsonpath={.items[*].ports[*].port}"];
  await until(async () => (await sidelight(slices)).split(" ").sort().join() === "9400,9480", 200);
  await sidelight(["delete", "--timeout=110s", "-f", manifestFile]);
  const left = "clusterroles,clusterrolebindings,namespaces,pvc,statefulsets,daemonsets,pods,services";
  await until(async () => !/sidelight/.test(await sidelight(["get", left, "-A", "-o", "name"])), PATIENCE / 100);
});

/** The folder of a module of the Go registry. */
async function goModule(name: string): Promise<string> {
  const cwd = join(projectRoot, "provision", "kubernetes");
  const env = { ...process.env, GOWORK: "off", GOFLAGS: "-mod=mod" };
  const { Dir } = JSON.parse(await run("go", ["mod", "download", "-json", name], { cwd, env })) as { Dir: string };
  return Dir;
}

/** Applies CRDs, and then what an example says, strictly and without writing it. */
async function checked(kubectl: Tool, kubeconfig: string, crds: readonly string[], example: string): Promise<string> {
  for (const file of crds) await kubectl(kubeconfig, ["apply", "--server-side", "-f", file]);
  await kubectl(kubeconfig, ["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"]);
  const text = await readFile(join(projectRoot, "deploy", "examples", example), "utf8");
  return await kubectl(kubeconfig, ["apply", "--dry-run=server", "--validate=strict", "-f", "-"], text);
}

const withGo = (name: string, work: Parameters<typeof test>[1]): void =>
  findProgram("go") ? scenario(name, work) : test.skip(name, work);

withGo("the example for Envoy Gateway is what its CRDs take", async ({ plane, kubectl }) => {
  await createNamespace(plane.admin, "shop").catch(() => undefined);
  const crds = join(await goModule(ENVOY_GATEWAY), "charts", "gateway-helm", "crds", "generated");
  const files = ["envoyproxies", "envoyextensionpolicies"].map((kind) =>
    join(crds, `gateway.envoyproxy.io_${kind}.yaml`),
  );
  const said = await checked(kubectl, plane.kubeconfig, files, "envoy-gateway.yaml");
  assert.match(said, "envoyproxy.gateway.envoyproxy.io/edge created");
  assert.match(said, "envoyextensionpolicy.gateway.envoyproxy.io/sidelight created");
});

withGo("the example for Istio is what its CRD takes", async ({ plane, kubectl }) => {
  await createNamespace(plane.admin, "shop").catch(() => undefined);
  const module = await readFile(join(projectRoot, "provision", "kubernetes", "go.mod"), "utf8");
  const version = /^\s*istio\.io\/istio (\S+)/m.exec(module)?.[1] ?? "";
  const crds = join(await goModule(`${ISTIO}@${version}`), "manifests", "charts", "base", "files", "crd-all.gen.yaml");
  const said = await checked(kubectl, plane.kubeconfig, [crds], "istio.yaml");
  assert.match(said, "wasmplugin.extensions.istio.io/sidelight created");
});

test.run();
