/** The inventory on a real API server, with the role that docs/kubernetes.md states. */
import { readFileSync, writeFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { RESOURCES, groupOf } from "../../../control/kubernetes/resource.ts";
import { findKubernetes, startControlPlane } from "../../kubernetes/control-plane.ts";
import type { ControlPlane } from "../../kubernetes/control-plane.ts";
import type { KubeClient } from "../../kubernetes/kube-client.ts";
import { createDeployment, createNamespace, createPod } from "../../kubernetes/objects.ts";
import { watchWith } from "../../kubernetes/watched.ts";
import type { Watched } from "../../kubernetes/watched.ts";
import { loud } from "../../loud.ts";
import { until } from "../until.ts";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface Role {
  readonly metadata: { readonly name: string };
  readonly rules: readonly Rule[];
}

/** The role in docs/kubernetes.md. */
function statedRole(): Role {
  const text = readFileSync(new URL("../../../docs/kubernetes.md", import.meta.url), "utf8");
  return parse(/```yaml\n(apiVersion: rbac[^]*?)```/.exec(text)?.[1] ?? "") as Role;
}

const ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles";

async function grant(client: KubeClient, role: Role, account: string): Promise<void> {
  await client.create(ROLES, role);
  await client.create("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
    metadata: { name: role.metadata.name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.metadata.name },
    subjects: [{ kind: "ServiceAccount", name: account, namespace: "shop" }],
  });
}

/** Who has an address now. */
function who({ inventory }: Watched, address: string): string | undefined {
  const nowMs = Date.now();
  return (inventory.byAddress(address, nowMs) ?? inventory.whyNobody(address, nowMs))?.id;
}

const test = suite<{ plane: ControlPlane }>("on a real API server");
const tools = await findKubernetes();

const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  tools ? test(name, work) : test.skip(name, work);

test.before(
  loud(async (context) => {
    if (!tools) return;
    context.plane = await startControlPlane(tools);
    await createNamespace(context.plane.admin, "shop");
  }),
);
test.after(async ({ plane }) => {
  if (tools) await plane.remove();
});

scenario("the stated role says which resources are read, and no more", () => {
  const role = statedRole();
  const stated = role.rules.flatMap(({ apiGroups, resources }) =>
    resources.map((name) => `${apiGroups.join()}/${name}`),
  );
  assert.equal(stated.sort(), RESOURCES.map((name) => `${groupOf(name)}/${name}`).sort());
  for (const { verbs } of role.rules) assert.equal(verbs, ["list", "watch"]);
});

scenario("with that role all there is is known, and what changes", async ({ plane: { admin, ...plane } }) => {
  const kubeconfig = await plane.serviceAccount("shop", "sidelight");
  await grant(admin, statedRole(), "sidelight");
  const replicaSet = await createDeployment(admin, "shop", "user");
  await createPod(admin, { namespace: "shop", name: "user-a", workload: "user", replicaSet, address: "10.1.0.1" });
  await admin.create("/api/v1/namespaces/shop/services", {
    metadata: { name: "user" },
    spec: { selector: { app: "user" }, ports: [{ port: 80 }], clusterIP: "10.96.7.7" },
  });
  const watched = await watchWith(kubeconfig, { pageSize: 1 });
  try {
    assert.equal(await watched.watching.listed(30_000), []);
    assert.is(who(watched, "10.1.0.1"), "shop/user");
    assert.is(who(watched, "10.96.7.7"), "shop/user", "by its selector, as nobody makes slices here");
    assert.is(watched.inventory.byName("shop", "user")?.workloadKind, "Deployment");
    await createPod(admin, { namespace: "shop", name: "user-b", workload: "user", replicaSet, address: "10.1.0.2" });
    await until(() => who(watched, "10.1.0.2") === "shop/user");
    await admin.remove("/api/v1/namespaces/shop/pods/user-b");
    await until(() => who(watched, "10.1.0.2") === undefined);
    await admin.patch("/api/v1/namespaces/shop", {
      metadata: { annotations: { "sidelight.dev/owner": "shop-team" } },
    });
    await until(() => watched.inventory.annotated("sidelight.dev/owner").get("shop/user") === "shop-team");
    assert.equal(watched.warnings, []);
  } finally {
    await watched.watching.stop();
  }
});

scenario(
  "what a role lacks is told once and by name, the rest goes on, and is taken up when it is granted",
  async ({ plane }) => {
    const kubeconfig = await plane.serviceAccount("shop", "poor");
    const role = statedRole();
    const without = (name: string): Rule[] =>
      role.rules.map((rule) => ({ ...rule, resources: rule.resources.filter((resource) => resource !== name) }));
    const poor = { ...role, metadata: { name: "poor" }, rules: without("replicasets") };
    await grant(plane.admin, poor, "poor");
    const watched = await watchWith(kubeconfig);
    try {
      assert.equal(await watched.watching.listed(30_000), ["replicasets"]);
      await until(() => (watched.watching.status().get("replicasets")?.failures ?? 0) > 3);
      assert.is(watched.warnings.length, 1, watched.warnings.join("\n"));
      assert.match(
        watched.warnings[0] ?? "",
        /may not read replicasets\.apps; .* the verbs list and watch on replicasets of the API group "apps"/,
      );
      assert.is(who(watched, "10.1.0.1"), "unresolved/unknown-owner");
      await plane.admin.patch(`${ROLES}/poor`, { rules: role.rules });
      await until(() => who(watched, "10.1.0.1") === "shop/user", 4_000);
      assert.equal(watched.infos, ["Kubernetes: replicasets are in step again"]);
    } finally {
      await watched.watching.stop();
    }
  },
);

scenario("a token that is none is told as such", async ({ plane }) => {
  const text = readFileSync(plane.kubeconfig, "utf8").replace(/"token": "[^"]*"/, '"token": "wrong"');
  writeFileSync(`${plane.folder}/wrong.kubeconfig`, text);
  const watched = await watchWith(`${plane.folder}/wrong.kubeconfig`);
  try {
    assert.equal(await watched.watching.listed(30_000), [...RESOURCES]);
    for (const warning of watched.warnings) assert.match(warning, /does not accept Sidelight's token or certificate/);
  } finally {
    await watched.watching.stop();
  }
});

test.run();
