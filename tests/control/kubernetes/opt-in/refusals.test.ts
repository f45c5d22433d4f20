/** Opt-in on a real API server that refuses, and beside another control. */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { OptIn } from "../../../../control/kubernetes/opt-in/opt-in.ts";
import { findKubernetes, startControlPlane } from "../../../kubernetes/control-plane.ts";
import type { ControlPlane } from "../../../kubernetes/control-plane.ts";
import { define, wasmPluginDefinition } from "../../../kubernetes/istio-crds.ts";
import { createDeployment, createNamespace, createPod } from "../../../kubernetes/objects.ts";
import { annotate, optInWith, pluginsIn } from "../../../kubernetes/opted-in.ts";
import type { OptedIn } from "../../../kubernetes/opted-in.ts";
import { loud } from "../../../loud.ts";
import { until } from "../../until.ts";

const test = suite<{ plane: ControlPlane }>("opt-in where it is refused");
const tools = await findKubernetes();
const definition = tools && (await wasmPluginDefinition());

const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  definition ? test(name, work) : test.skip(name, work);

const RBAC = "/apis/rbac.authorization.k8s.io/v1";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Lets a service account do what the rules say, everywhere. */
async function grant({ admin }: ControlPlane, name: string, rules: readonly Rule[]): Promise<void> {
  await admin.create(`${RBAC}/clusterroles`, { metadata: { name }, rules });
  await admin.create(`${RBAC}/clusterrolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ kind: "ServiceAccount", name, namespace: "sidelight" }],
  });
}

const plugins = (verbs: readonly string[]): Rule => ({
  apiGroups: ["extensions.istio.io"],
  resources: ["wasmplugins"],
  verbs,
});
const LEASES: Rule = { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update"] };

async function createShop({ admin }: ControlPlane, namespace: string): Promise<void> {
  await createNamespace(admin, namespace);
  const replicaSet = await createDeployment(admin, namespace, "user");
  await createPod(admin, {
    namespace,
    name: "user-a",
    workload: "user",
    replicaSet,
    address: `10.2.${namespace.length}.1`,
  });
  await annotate(admin, `/apis/apps/v1/namespaces/${namespace}/deployments/user`, "true");
}

function problemsOf(optIn: OptIn): string {
  const { problems, workloads } = optIn.status();
  return [...problems, ...workloads.flatMap((workload) => workload.problems)].join("\n");
}

test.before(
  loud(async (context) => {
    if (!tools || !definition) return;
    context.plane = await startControlPlane(tools);
    await createNamespace(context.plane.admin, "sidelight");
    await define(context.plane.admin, definition);
  }),
);
test.after(async ({ plane }) => {
  if (definition) await plane.remove();
});

scenario("without the right to write it is told which is missing, and done when it is granted", async ({ plane }) => {
  await createShop(plane, "poor");
  const kubeconfig = await plane.serviceAccount("sidelight", "poor");
  await grant(plane, "poor", [plugins(["list", "watch"]), LEASES]);
  const { optIn, stop } = await optInWith(kubeconfig, plane.kubeconfig);
  try {
    await until(() => /the verbs create and patch on wasmplugins of extensions\.istio\.io/.test(problemsOf(optIn)));
    assert.is(optIn.status().workloads[0]?.state, "notWritten");
    await until(() => /Events cannot be written: .*forbidden/.test(problemsOf(optIn)));
    await plane.admin.patch(`${RBAC}/clusterroles/poor`, {
      rules: [plugins(["list", "watch", "create", "patch"]), LEASES],
    });
    await until(() => optIn.status().workloads[0]?.state === "noSidecar", 3_000);
    assert.is((await pluginsIn(plane.admin, "poor")).length, 1);
    await annotate(plane.admin, "/apis/apps/v1/namespaces/poor/deployments/user", null);
    await until(() =>
      /refuses to remove WasmPlugin poor\/sidelight-user; give .* the verbs delete on/.test(problemsOf(optIn)),
    );
  } finally {
    await stop();
    await plane.admin.remove("/api/v1/namespaces/poor");
  }
});

scenario("without the right to hold the Lease nothing is written, and it is told", async ({ plane }) => {
  const kubeconfig = await plane.serviceAccount("sidelight", "leaseless");
  await grant(plane, "leaseless", [plugins(["list", "watch", "create", "patch"])]);
  const { optIn, stop } = await optInWith(kubeconfig, plane.kubeconfig);
  try {
    await until(() =>
      /the Lease sidelight in namespace sidelight cannot be held.* verbs get, create and update on leases/.test(
        problemsOf(optIn),
      ),
    );
    assert.is(optIn.status().isLeader, false);
  } finally {
    await stop();
  }
});

scenario("an owner that is not there keeps all from being written, one that is owns what is", async ({ plane }) => {
  await createShop(plane, "owned");
  const { kubeconfig } = plane;
  const { optIn, stop } = await optInWith(kubeconfig, kubeconfig, { ownerName: "sidelight:opt-in" });
  try {
    await until(() => /The ClusterRole sidelight:opt-in, .* cannot be read/.test(problemsOf(optIn)));
    assert.equal(await pluginsIn(plane.admin, "owned"), []);
    const role = await plane.admin.create<{ metadata: { uid: string } }>(`${RBAC}/clusterroles`, {
      ...{ metadata: { name: "sidelight:opt-in" }, rules: [] },
    });
    await until(async () => (await pluginsIn(plane.admin, "owned")).length === 1, 3_000);
    const [plugin] = await pluginsIn(plane.admin, "owned");
    assert.equal(
      plugin?.metadata.ownerReferences?.map(({ kind, uid }) => [kind, uid]),
      [["ClusterRole", role.metadata.uid]],
    );
  } finally {
    await stop();
    await plane.admin.remove("/api/v1/namespaces/owned");
  }
});

scenario("of two controls one writes, and when it is gone the other does", async ({ plane }) => {
  const { kubeconfig } = plane;
  const names = ["control-0", "control-1"];
  const controls = await Promise.all(names.map((identity) => optInWith(kubeconfig, kubeconfig, { identity })));
  const leaders = (): OptedIn[] => controls.filter(({ optIn }) => optIn.status().isLeader);
  const writes = (): number[] => controls.map(({ optIn }) => optIn.counts.created + optIn.counts.refused);
  try {
    await until(() => leaders().length === 1);
    await createShop(plane, "shared");
    await until(async () => (await pluginsIn(plane.admin, "shared")).length === 1, 2_000);
    assert.equal(writes().sort(), [0, 1], "only the leader wrote");
    const [first] = leaders();
    await first?.stop();
    await until(() => leaders().length === 1 && leaders()[0] !== first, 2_000);
    const [second] = leaders();
    await annotate(plane.admin, "/apis/apps/v1/namespaces/shared/deployments/user", null);
    await until(async () => (await pluginsIn(plane.admin, "shared")).length === 0, 2_000);
    await until(() => second?.optIn.counts.removed === 1);
  } finally {
    for (const { stop } of controls) await stop();
  }
});

scenario("a Lease whose holder died is taken when it has not changed for as long as it lasts", async ({ plane }) => {
  const path = "/apis/coordination.k8s.io/v1/namespaces/sidelight/leases/sidelight";
  // Its holder's clock is far ahead, which must not matter.
  const spec = { holderIdentity: "dead", leaseDurationSeconds: 2, renewTime: "2099-01-01T00:00:00.000000Z" };
  await plane.admin.patch(path, { spec });
  const seen: string[] = [];
  const { optIn, stop } = await optInWith(plane.kubeconfig, plane.kubeconfig, {
    info: (message) => seen.push(message),
  });
  try {
    await until(() => optIn.status().isLeader, 3_000);
    const lease = await plane.admin.get<{ spec: { holderIdentity: string; leaseTransitions: number } }>(path);
    assert.is(lease.spec.holderIdentity, "control-0");
    assert.ok(lease.spec.leaseTransitions > 0);
  } finally {
    await stop();
  }
  const { spec: after } = await plane.admin.get<{ spec: { holderIdentity?: string } }>(path);
  assert.is(after.holderIdentity ?? "", "", "it is given back at the end");
  assert.equal(seen, ["Opt-in: this control writes WasmPlugins now", "Opt-in: another control writes"]);
});

scenario("a webhook that rejects is told with its words, and the rest goes on", async ({ plane }) => {
  const certificate = readFileSync(`${plane.folder}/certs/apiserver.crt`, "utf8");
  const server = createServer({ cert: certificate, key: readFileSync(`${plane.folder}/certs/apiserver.key`) });
  server.on("request", (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const review = JSON.parse(Buffer.concat(chunks).toString()) as { request: { uid: string; namespace: string } };
      const { uid, namespace } = review.request;
      const answer = { uid, allowed: namespace !== "strict", status: { message: "no filters in here" } };
      response.end(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: answer }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await plane.admin.create("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", {
    metadata: { name: "strict" },
    webhooks: [
      {
        ...{ name: "strict.example.com", sideEffects: "None", admissionReviewVersions: ["v1"], failurePolicy: "Fail" },
        clientConfig: { url, caBundle: Buffer.from(certificate).toString("base64") },
        rules: [
          {
            apiGroups: ["extensions.istio.io"],
            apiVersions: ["*"],
            operations: ["CREATE"],
            resources: ["wasmplugins"],
          },
        ],
      },
    ],
  });
  for (const namespace of ["strict", "lenient"]) await createShop(plane, namespace);
  const { optIn, stop } = await optInWith(plane.kubeconfig, plane.kubeconfig);
  try {
    const rejection =
      /refuses to create WasmPlugin strict\/sidelight-user: admission webhook "strict\.example\.com" denied the request: no filters in here/;
    await until(() => rejection.test(problemsOf(optIn)), 3_000);
    await until(async () => (await pluginsIn(plane.admin, "lenient")).length === 1, 2_000);
    assert.equal(await pluginsIn(plane.admin, "strict"), []);
  } finally {
    await stop();
    server.closeAllConnections();
    server.close();
  }
});

test.run();
