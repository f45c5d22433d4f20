/** What the demo says of clusters that it cannot run in, before it makes anything: asked of a real API server. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UserError } from "../../demo/commands.ts";
import { imageCommands } from "../../demo/kubernetes/images.ts";
import { Kubectl } from "../../demo/kubernetes/kubectl.ts";
import { lookAt } from "../../demo/kubernetes/preflight.ts";
import { isDemos } from "../../demo/kubernetes/removal.ts";
import { findProgram } from "../../provision/find-program.ts";
import { findKubernetes, startControlPlane } from "../kubernetes/control-plane.ts";
import type { ControlPlane } from "../kubernetes/control-plane.ts";
import { loud } from "../loud.ts";

const servers = findProgram("kubectl") ? await findKubernetes() : undefined;
const test = suite<{ plane: ControlPlane }>("Clusters that the demo cannot run in");
const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  servers ? test(name, work) : test.skip(name, work);
const before = process.env["KUBECONFIG"];

test.before(
  loud(async (context) => {
    if (servers) context.plane = await startControlPlane(servers);
  }),
);
test.after(async ({ plane }) => {
  if (before === undefined) delete process.env["KUBECONFIG"];
  else process.env["KUBECONFIG"] = before;
  await plane?.remove();
});

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error("It was not refused");
}

async function as(kubeconfig: string): Promise<Kubectl> {
  process.env["KUBECONFIG"] = kubeconfig;
  return await Kubectl.find();
}

scenario("no context, and a cluster that does not answer", async ({ plane }) => {
  assert.match(await refusal(as(join(plane.folder, "none"))), /no current context: set KUBECONFIG/);
  const cluster = { name: "gone", cluster: { server: "https://127.0.0.1:1" } };
  const context = { name: "gone", context: { cluster: "gone", user: "" } };
  const gone = join(plane.folder, "gone.json");
  const config = { apiVersion: "v1", kind: "Config", "current-context": "gone" };
  await writeFile(gone, JSON.stringify({ ...config, clusters: [cluster], contexts: [context] }));
  assert.match(await refusal(lookAt(await as(gone))), /The cluster of the context "gone" does not answer/);
});

scenario("somebody who may not", async ({ plane }) => {
  await plane.admin.create("/api/v1/namespaces", { metadata: { name: "team" } });
  const nobody = await as(await plane.serviceAccount("team", "nobody"));
  assert.match(await refusal(lookAt(nobody)), /does not answer as it should/);
  await plane.admin.create("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
    metadata: { name: "readers" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "readers" },
    subjects: [{ kind: "ServiceAccount", name: "nobody", namespace: "team" }],
  });
  await plane.admin.create("/apis/rbac.authorization.k8s.io/v1/clusterroles", {
    metadata: { name: "readers" },
    rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["get", "list"] }],
  });
  assert.match(await refusal(lookAt(nobody)), /may not create namespaces, statefulsets\.apps, .*an administrator's/);
});

scenario("no Istio, and namespaces that somebody has", async ({ plane }) => {
  const admin = await as(plane.kubeconfig);
  assert.match(await refusal(lookAt(admin)), /"tests" has no Istio\. Install it first/);
  await isDemos(admin);
  await plane.admin.create("/api/v1/namespaces", { metadata: { name: "sock-shop" } });
  assert.match(await refusal(isDemos(admin)), /sock-shop is there and was not made by a demo/);
});

scenario("no way for images", () => {
  const given = (): unknown => imageCommands({ build: "build", load: undefined });
  assert.throws(given, /--load-images "kind load docker-image"/);
  assert.equal(imageCommands({ build: "build", load: "load" }), { build: "build", load: "load" });
});

test.run();
