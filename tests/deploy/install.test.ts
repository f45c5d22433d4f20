/** The chart and the manifest on a real API server, by real helm and kubectl, and control with exactly the account that they make. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { RESOURCES } from "../../control/kubernetes/resource.ts";
import { manifestFile } from "../../provision/manifest.ts";
import { ControlProcess } from "../control/control-process.ts";
import { until } from "../control/until.ts";
import { findKubernetes, startControlPlane } from "../kubernetes/control-plane.ts";
import type { ControlPlane } from "../kubernetes/control-plane.ts";
import { createDeployment, createNamespace, createPod } from "../kubernetes/objects.ts";
import { findTools } from "../kubernetes/tools.ts";
import { watchWith } from "../kubernetes/watched.ts";
import { loud } from "../loud.ts";
import { chartFolder, objectsIn, only, withValues } from "./chart.ts";

const DRY_RUN = ["apply", "--dry-run=server", "--validate=strict", "-f", "-"];
const ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles";

const test = suite<{ plane: ControlPlane }>("Installed on a real API server");
const servers = await findKubernetes();
const tools = servers && (await findTools());

type Work = (parts: { readonly plane: ControlPlane } & NonNullable<typeof tools>) => Promise<void>;
const scenario = (name: string, work: Work): void =>
  tools ? test(name, ({ plane }) => work({ plane, ...tools })) : test.skip(name);

test.before(
  loud(async (context) => {
    if (servers && tools) context.plane = await startControlPlane(servers);
  }),
);
test.after(async ({ plane }) => {
  if (tools) await plane.remove();
});

scenario("the manifest is applied as it is, and again without a change", async ({ plane, kubectl }) => {
  const { kubeconfig } = plane;
  const text = await readFile(manifestFile, "utf8");
  const first = await kubectl(kubeconfig, ["apply", "--validate=strict", "-f", manifestFile]);
  assert.is(first.match(/ created$/gm)?.length, objectsIn(text).length, first);
  assert.match(first, /^namespace\/sidelight created$/m);
  assert.match(first, /^statefulset.apps\/sidelight created$/m);
  // kubectl says "configured" of what the server adds defaults to; what counts is that nothing was written.
  const versions = async (): Promise<string> =>
    kubectl(kubeconfig, ["get", "-f", manifestFile, "-o", "jsonpath={.items[*].metadata.resourceVersion}"]);
  const before = await versions();
  await kubectl(kubeconfig, ["apply", "--validate=strict", "-f", manifestFile]);
  assert.is(await versions(), before);
});

scenario("all that the chart can make is taken, strictly", async ({ plane, kubectl, helm }) => {
  await createNamespace(plane.admin, "all").catch(() => undefined);
  const values = {
    optIn: { enabled: true },
    store: {
      engine: "influxdb",
      influxdb: { url: "http://influxdb:8086", org: "shop", tokenSecret: { name: "token" } },
    },
    sink: { url: "http://victoria-metrics:8428", tokenSecret: { name: "token" } },
    service: { type: "NodePort", annotations: { team: "shop" } },
    objects: { "shop.yaml": "kind: SLO\n" },
    objectConfigMaps: ["more"],
    secrets: ["slack.shop"],
    routes: "/a/{id}\n",
    inventory: "workloads: []\n",
    openApiConfigMaps: ["openapi"],
    imagePullSecrets: ["registry"],
    networkPolicy: { httpFrom: [{ ipBlock: { cidr: "10.0.0.0/8" } }] },
    persistence: { storageClass: "fast", retain: false },
    podAnnotations: { team: "shop" },
    podLabels: { team: "shop" },
    nodeSelector: { disk: "ssd" },
    tolerations: [{ key: "dedicated", operator: "Exists" }],
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway", labelSelector: {} },
    ],
    affinity: { nodeAffinity: {} },
    priorityClassName: "high",
  };
  const text = await withValues(values, (file) =>
    helm(plane.kubeconfig, ["template", "x", chartFolder, "-n", "all", "--kube-version", "1.36.3", "-f", file]),
  );
  const said = await kubectl(plane.kubeconfig, DRY_RUN, text);
  assert.is(said.match(/ created \(server dry run\)$/gm)?.length, objectsIn(text).length, said);
});

scenario("helm installs, updates and takes away all of it", async ({ plane, helm }) => {
  const { kubeconfig, admin } = plane;
  const on = ["sidelight-two", "-n", "two"];
  const said = await helm(kubeconfig, ["install", ...on, chartFolder, "--create-namespace"]);
  assert.match(said, /STATUS: deployed/);
  assert.match(said, "kubectl -n two rollout status statefulset/sidelight-two");
  assert.match(said, "There is no sign-in");
  const update = ["upgrade", ...on, chartFolder, "--reuse-values", "--set", "logLevel=debug,persistence.enabled=true"];
  assert.match(await helm(kubeconfig, update), /REVISION: 2/);
  type Labelled = { readonly items: readonly { readonly metadata: { readonly name: string } }[] };
  const mine = async (): Promise<string[]> => {
    const selector = "?labelSelector=app.kubernetes.io%2Finstance%3Dsidelight-two";
    const lists = await Promise.all(
      [
        ...["/apis/apps/v1/statefulsets", "/apis/apps/v1/daemonsets"],
        ...["/api/v1/services", "/api/v1/serviceaccounts", "/api/v1/configmaps"],
        ...["/apis/networking.k8s.io/v1/networkpolicies", "/apis/policy/v1/poddisruptionbudgets"],
        ...["roles", "rolebindings", "clusterroles", "clusterrolebindings"].map(
          (name) => `/apis/rbac.authorization.k8s.io/v1/${name}`,
        ),
      ].map((path) => admin.get<Labelled>(path + selector)),
    );
    return lists.flatMap(({ items }) => items.map(({ metadata }) => metadata.name));
  };
  assert.is((await mine()).length, 13);
  await helm(kubeconfig, ["uninstall", ...on]);
  assert.equal(await mine(), []);
});

scenario("control's pod is let in where only the most restricted may run", async ({ plane, kubectl }) => {
  const set = only(objectsIn(await readFile(manifestFile, "utf8")), "StatefulSet");
  const { metadata, spec } = (set.spec as { template: { metadata: object; spec: { volumes: object[] } } }).template;
  const pod = {
    ...{ apiVersion: "v1", kind: "Pod" },
    metadata: { ...metadata, name: "sidelight-0", namespace: "sidelight" },
    // What the controller adds of the claim.
    spec: { ...spec, volumes: [...spec.volumes, { name: "data", emptyDir: {} }] },
  };
  // With the taps beside it the manifest's namespace lets in more.
  const enforce = (level: string): Promise<string> => {
    const label = `pod-security.kubernetes.io/enforce=${level}`;
    return kubectl(plane.kubeconfig, ["label", "namespace", "sidelight", "--overwrite", label]);
  };
  await enforce("restricted");
  await kubectl(plane.kubeconfig, DRY_RUN, JSON.stringify(pod));
  const root = { ...pod, spec: { ...pod.spec, securityContext: {} } };
  let refused = "";
  await kubectl(plane.kubeconfig, DRY_RUN, JSON.stringify(root)).catch((error: Error) => (refused = error.message));
  assert.match(refused, /violates PodSecurity "restricted/, "the namespace does enforce it");
  await enforce("privileged");
});

scenario(
  "control knows the cluster with the manifest's account, and says nothing of what it may not",
  async ({ plane }) => {
    const { admin } = plane;
    await createNamespace(admin, "shop");
    const replicaSet = await createDeployment(admin, "shop", "user");
    await createPod(admin, { namespace: "shop", name: "user-a", workload: "user", replicaSet, address: "10.1.0.1" });
    const folder = await mkdtemp(join(tmpdir(), "sidelight-installed-"));
    const control = await ControlProcess.start({
      SIDELIGHT_DATA_DIR: join(folder, "data"),
      SIDELIGHT_KUBERNETES: "on",
      SIDELIGHT_KUBECONFIG: await plane.accountToken("sidelight", "sidelight"),
    });
    try {
      type Told = { readonly workloads: readonly { readonly id: string }[] };
      await until(async () => {
        const { workloads } = await control.json<Told>("/api/v1/workloads");
        return workloads.some(({ id }) => id === "shop/user");
      });
      const complaints = control.log.filter(({ level }) => level !== "info").map(({ msg }) => msg);
      assert.equal(complaints, []);
    } finally {
      await control.end("SIGTERM");
      await rm(folder, { recursive: true });
    }
  },
);

scenario("of the role every resource is needed", async ({ plane }) => {
  const kubeconfig = await plane.accountToken("sidelight", "sidelight");
  const path = `${ROLES}/sidelight:sidelight:inventory`;
  type Rules = readonly { readonly resources: readonly string[] }[];
  const { rules } = await plane.admin.get<{ readonly rules: Rules }>(path);
  for (const name of RESOURCES) {
    const less = rules.map((rule) => ({ ...rule, resources: rule.resources.filter((other) => other !== name) }));
    await plane.admin.patch(path, { rules: less.filter(({ resources }) => resources.length > 0) });
    const { watching } = await watchWith(kubeconfig);
    assert.equal(await watching.listed(30_000), [name]);
    await watching.stop();
  }
  await plane.admin.patch(path, { rules });
});

test.run();
