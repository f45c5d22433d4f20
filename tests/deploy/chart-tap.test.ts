/** What the chart makes of the tap: a pod a node that may read packets and nothing else, and control that hears it. */
import { readFile } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { manifestFile } from "../../provision/manifest.ts";
import { readLiveSettings } from "../../tap/settings.ts";
import { findHelm, objectsIn, only, render } from "./chart.ts";
import type { KubeObject } from "./chart.ts";

interface PodSpec {
  readonly hostNetwork?: boolean;
  readonly dnsPolicy?: string;
  readonly automountServiceAccountToken: boolean;
  readonly serviceAccountName: string;
  readonly securityContext: object;
  readonly nodeSelector?: object;
  readonly tolerations?: readonly object[];
  readonly volumes?: readonly object[];
  readonly containers: readonly [
    {
      readonly image: string;
      readonly args: readonly string[];
      readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
      readonly securityContext: object;
      readonly readinessProbe: object;
    },
  ];
}

const helm = (await findHelm()) ?? "";
const test = suite("The chart's tap");
const scenario = (name: string, work: () => Promise<void>): void => (helm ? test(name, work) : test.skip(name, work));

const podOf = (objects: readonly KubeObject[]): PodSpec =>
  (only(objects, "DaemonSet").spec as { template: { spec: PodSpec } }).template.spec;

scenario("it may capture and nothing else: no token, no volume, no capability but NET_RAW", async () => {
  const objects = await render(helm);
  const { securityContext, containers, volumes, automountServiceAccountToken, serviceAccountName } = podOf(objects);
  const unprivileged = { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000 };
  assert.equal(securityContext, { ...unprivileged, seccompProfile: { type: "RuntimeDefault" } });
  assert.equal(containers[0].securityContext, {
    // Without, tcpdump could not gain the capability that its file has.
    ...{ allowPrivilegeEscalation: true, readOnlyRootFilesystem: true },
    capabilities: { drop: ["ALL"], add: ["NET_RAW"] },
  });
  assert.is(volumes, undefined);
  assert.is(automountServiceAccountToken, false);
  const bound = objects.filter(({ kind }) => kind.endsWith("Binding")).map((object) => JSON.stringify(object));
  assert.ok(bound.length > 0 && bound.every((text) => !text.includes(`"${serviceAccountName}"`)), "no role");
});

scenario("it is on every node's network, tells control by its name, and says whose node it is", async () => {
  const { hostNetwork, dnsPolicy, tolerations, nodeSelector, containers } = podOf(await render(helm));
  assert.equal([hostNetwork, dnsPolicy], [true, "ClusterFirstWithHostNet"]);
  assert.equal(tolerations, [{ operator: "Exists" }]);
  assert.equal(nodeSelector, { "kubernetes.io/os": "linux" });
  const [{ args, env, image }] = containers;
  assert.equal(args, ["--live"]);
  assert.is(image, "localhost/sidelight-tap:0.1.0");
  const [name, ...rest] = env;
  assert.equal(name, { name: "SIDELIGHT_TAP_NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } });
  const stated = Object.fromEntries(rest.map(({ name: variable, value }) => [variable, value]));
  assert.equal(readLiveSettings({}, { ...stated, SIDELIGHT_TAP_NODE: "node-1" }), {
    ...readLiveSettings({}, { SIDELIGHT_TAP_CONTROL: "sidelight.sidelight.svc:9400", SIDELIGHT_TAP_NODE: "node-1" }),
    health: "127.0.0.1:9410",
  });
});

scenario("all its values together make settings that it takes", async () => {
  const objects = await render(helm, {
    ports: { grpc: 9500 },
    tap: {
      ...{ interfaces: ["eth0", "cni0"], filter: "not net 10.20.0.0/16", bufferMb: 64, healthPort: 9999 },
      ...{ image: { repository: "registry.example/tap", tag: "7" }, nodeSelector: { tapped: "yes" }, tolerations: [] },
    },
  });
  const { containers, tolerations } = podOf(objects);
  const [{ env, image, readinessProbe }] = containers;
  const { capture, control } = readLiveSettings({}, Object.fromEntries(env.map(({ name, value }) => [name, value])));
  assert.equal(capture.interfaces, ["eth0", "cni0"]);
  assert.is(capture.bufferMb, 64);
  assert.is(capture.filter, "(not net 10.20.0.0/16) and not tcp port 9500");
  assert.is(control, "sidelight.sidelight.svc:9500");
  assert.is(image, "registry.example/tap:7");
  assert.is(tolerations, undefined);
  assert.equal(readinessProbe, {
    httpGet: { host: "127.0.0.1", path: "/readyz", port: 9999 },
    ...{ periodSeconds: 5, timeoutSeconds: 5 },
  });
});

scenario("the policy lets taps through, which come from the addresses of nodes", async () => {
  const grpcFrom = async (values: object): Promise<unknown> => {
    const { ingress } = only(await render(helm, values), "NetworkPolicy").spec as {
      readonly ingress: readonly { readonly ports: readonly { readonly port: string }[]; readonly from?: unknown }[];
    };
    return ingress.find(({ ports }) => ports[0]?.port === "grpc")?.from;
  };
  const pods = [{ namespaceSelector: {} }];
  const nodes = [{ ipBlock: { cidr: "10.0.0.0/24" } }];
  assert.is(await grpcFrom({}), undefined);
  assert.equal(await grpcFrom({ tap: { enabled: false } }), pods);
  assert.equal(await grpcFrom({ networkPolicy: { grpcFrom: nodes } }), nodes);
});

scenario("without it, or without anybody who names addresses, nothing of it is there", async () => {
  for (const values of [{ tap: { enabled: false } }, { kubernetes: { inventory: false } }]) {
    const labels = (await render(helm, values)).map(({ metadata }) => metadata.labels ?? {});
    assert.not(labels.some((each) => each["app.kubernetes.io/component"] === "tap"));
  }
  const file = { kubernetes: { inventory: false }, inventory: "workloads: []\n" };
  assert.ok(podOf(await render(helm, file)));
});

test("the manifest's namespace lets its pods in", async () => {
  const { metadata } = only(objectsIn(await readFile(manifestFile, "utf8")), "Namespace");
  assert.is(metadata.labels?.["pod-security.kubernetes.io/enforce"], "privileged");
});

test.run();
