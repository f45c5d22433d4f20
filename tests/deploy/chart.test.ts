import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { readConfig } from "../../control/config.ts";
import { RESOURCES, groupOf } from "../../control/kubernetes/resource.ts";
import { projectRoot } from "../../provision/build.ts";
import { renderManifest, manifestFile } from "../../provision/manifest.ts";
import { run } from "../../provision/run.ts";
import { chartFolder, findHelm, objectsIn, only, place, render, renderText, withValues } from "./chart.ts";
import type { KubeObject, Rule } from "./chart.ts";

interface Container {
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly image: string;
  readonly securityContext: object;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface StatefulSetSpec {
  readonly volumeClaimTemplates?: readonly object[];
  readonly template: {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly spec: {
      readonly automountServiceAccountToken: boolean;
      readonly securityContext: object;
      readonly containers: readonly [Container];
      readonly volumes: readonly { readonly name: string }[];
    };
  };
}

const helm = (await findHelm()) ?? "";
const test = suite("The chart");
const scenario = (name: string, work: () => Promise<void>): void => (helm ? test(name, work) : test.skip(name, work));

const podOf = (objects: readonly KubeObject[]): StatefulSetSpec["template"]["spec"] =>
  (only(objects, "StatefulSet").spec as StatefulSetSpec).template.spec;

const environmentOf = (objects: readonly KubeObject[]): Record<string, string> =>
  Object.fromEntries(podOf(objects).containers[0].env.map(({ name, value }) => [name, value]));

async function refusal(values: object): Promise<string> {
  try {
    await renderText(helm, values);
    return "nothing was refused";
  } catch (error) {
    return (error as Error).message;
  }
}

scenario("is what helm lint takes, also in its strict form", async () => {
  await withValues({ objects: { "shop.yaml": "kind: SLO\n" }, optIn: { enabled: true } }, (file) =>
    run(helm, ["lint", "--strict", chartFolder, "--values", file]),
  );
});

scenario("the plain manifest is what it makes, and says so", async () => {
  assert.is(await readFile(manifestFile, "utf8"), await renderManifest(helm), "run `npm run manifest`");
});

scenario("every value is in the schema, and every default is that of control", async () => {
  const values = parse(await readFile(join(chartFolder, "values.yaml"), "utf8")) as Record<string, unknown>;
  const schema = JSON.parse(await readFile(join(chartFolder, "values.schema.json"), "utf8")) as {
    properties: Record<string, unknown>;
  };
  const { global: ofHelm, ...stated } = schema.properties;
  assert.ok(ofHelm);
  assert.equal(Object.keys(stated).sort(), Object.keys(values).sort());
  const { config, warnings } = readConfig(environmentOf(await render(helm)));
  assert.equal(warnings, [], "no variable that control does not know");
  const where = { dataDir: "/data", filter: config.filter, kubernetes: config.kubernetes, observe: config.observe };
  const listens = { grpcListen: { host: "0.0.0.0", port: 9400 }, httpListen: { host: "0.0.0.0", port: 9480 } };
  assert.equal(config, { ...readConfig({}).config, ...where, ...listens });
  assert.is(config.filter.url, "http://sidelight.sidelight.svc:9480");
  assert.is(config.kubernetes.mode, "on");
  assert.equal(config.observe, {
    ...{ ingest: "sidelight.sidelight.svc.cluster.local:9400", service: { name: "sidelight", namespace: "sidelight" } },
    ...{ owner: "sidelight:sidelight:opt-in", rootNamespace: "istio-system", withTcp: false },
  });
});

scenario("all values together make settings that control takes", async () => {
  const token = { name: "token", key: "it" };
  const objects = await render(helm, {
    listenAddress: "[::]",
    store: { engine: "influxdb", influxdb: { url: "http://influxdb:8086", org: "shop", tokenSecret: token } },
    sink: { url: "http://victoria-metrics:8428", tokenSecret: token },
    objects: { "shop.yaml": "kind: SLO\n" },
    objectConfigMaps: ["more-objects"],
    secrets: ["slack.shop"],
    routes: "/customers/{id}\n",
    openApiConfigMaps: ["openapi"],
    inventory: "workloads: []\n",
    publicUrl: "https://sidelight.example",
    traceUrl: "https://tempo.example/trace/{traceId}",
    exemplars: false,
    liveRequests: false,
    optIn: { tcp: true },
  });
  const { config, warnings } = readConfig(environmentOf(objects));
  assert.equal(warnings, []);
  assert.is(config.grpcListen.host, "::");
  assert.is(config.store.engine === "influxdb" && config.store.org, "shop");
  assert.is(config.sink?.url, "http://victoria-metrics:8428");
  assert.not(config.exemplars || config.tap);
  assert.is(config.observe?.withTcp, true);
  const { containers, volumes } = podOf(objects);
  const mounts = containers[0].volumeMounts;
  for (const [name, path] of Object.entries({
    objects: config.alertsDir,
    openapi: config.openApiDir,
    "secrets-slack-shop": "/etc/sidelight/secrets/slack.shop",
    influxdb: "/etc/sidelight/influxdb",
    sink: "/etc/sidelight/sink",
    files: "/etc/sidelight/files",
  })) {
    const mount = mounts.find((one) => one.name === name);
    assert.equal([mount?.mountPath, mount?.readOnly], [path, true], name);
    assert.ok(
      volumes.some((volume) => volume.name === name),
      name,
    );
  }
  const maps = objects.filter(({ kind }) => kind === "ConfigMap").map(({ data }) => data);
  assert.equal(maps, [
    { "shop.yaml": "kind: SLO\n" },
    { routes: "/customers/{id}\n", "inventory.yaml": "workloads: []\n" },
  ]);
});

scenario("the pod may do nothing that it need not", async () => {
  const { securityContext, containers } = podOf(await render(helm));
  assert.equal(securityContext, {
    ...{ runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 },
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  });
  assert.equal(containers[0].securityContext, {
    ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
    capabilities: { drop: ["ALL"] },
  });
  const writable = containers[0].volumeMounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath);
  assert.equal(writable.sort(), ["/data", "/tmp"]);
});

scenario("it may read what the inventory watches, and nothing else", async () => {
  const { rules = [] } = only(await render(helm, { optIn: { enabled: false } }), "ClusterRole");
  const stated = rules.flatMap(({ apiGroups, resources }) => resources.map((name) => `${apiGroups.join()}/${name}`));
  assert.equal(stated.sort(), RESOURCES.map((name) => `${groupOf(name)}/${name}`).sort());
  for (const { verbs } of rules) assert.equal(verbs, ["list", "watch"]);
  const page = await readFile(join(projectRoot, "docs", "kubernetes.md"), "utf8");
  const inDocs = parse(/```yaml\n(apiVersion: rbac[^]*?)```/.exec(page)?.[1] ?? "") as { rules: Rule[] };
  assert.equal(rules, inDocs.rules, "the role of docs/kubernetes.md");
});

scenario("without the inventory it has no role and no token", async () => {
  const objects = await render(helm, { kubernetes: { inventory: false } });
  assert.equal(
    objects.filter(({ kind }) => /Role/.test(kind)),
    [],
  );
  assert.is(podOf(objects).automountServiceAccountToken, false);
  assert.is(environmentOf(objects)["SIDELIGHT_KUBERNETES"], "off");
});

scenario("opting in adds what is to be written: plugins, events, and one lease of its own namespace", async () => {
  const objects = await render(helm);
  const role = objects.find(({ kind, metadata }) => kind === "ClusterRole" && metadata.name.endsWith(":opt-in"));
  assert.equal(
    role?.rules?.flatMap(({ apiGroups, resources, verbs }) => [[[...apiGroups, ...resources].join("/"), verbs.join()]]),
    [
      ["extensions.istio.io/wasmplugins", "list,watch,create,patch,delete"],
      ["events.k8s.io/events", "create"],
      ["rbac.authorization.k8s.io/clusterroles", "get"],
    ],
  );
  const { rules = [], metadata } = only(objects, "Role");
  assert.is(metadata.namespace, "sidelight");
  assert.equal(
    rules.map(({ resources, resourceNames, verbs }) => [resources, resourceNames, verbs]),
    [
      [["leases"], undefined, ["create"]],
      [["leases"], ["sidelight"], ["get", "update"]],
    ],
  );
});

scenario("all objects carry the usual labels, and what has a namespace says it", async () => {
  for (const { kind, metadata } of await render(helm, { routes: "/a\n" })) {
    for (const label of ["name", "instance", "version", "component", "part-of", "managed-by"]) {
      assert.ok(metadata.labels?.[`app.kubernetes.io/${label}`], `${kind}: ${label}`);
    }
    assert.is(metadata.namespace, kind.startsWith("ClusterRole") ? undefined : "sidelight", kind);
  }
});

scenario("what is kept may be on an emptyDir, or go with the release", async () => {
  const claims = (values: object) => async (): Promise<unknown> =>
    (only(await render(helm, values), "StatefulSet").spec as StatefulSetSpec).volumeClaimTemplates;
  assert.is(((await claims({})()) as readonly object[]).length, 1);
  const without = { persistence: { enabled: false } };
  assert.is(await claims(without)(), undefined);
  assert.ok(podOf(await render(helm, without)).volumes.some(({ name }) => name === "data"));
  const spec = only(await render(helm, { persistence: { retain: false } }), "StatefulSet").spec as {
    readonly persistentVolumeClaimRetentionPolicy: object;
  };
  assert.equal(spec.persistentVolumeClaimRetentionPolicy, { whenDeleted: "Delete", whenScaled: "Retain" });
});

scenario("wrong values are refused by name, before anything is installed", async () => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ imag: {} }, /additional properties 'imag' not allowed/i],
    [{ logLevel: "loud" }, /\/logLevel.*one of .*'debug'/s],
    [{ persistence: { size: "24G" } }, /\/persistence\/size/],
    [{ filterUrl: "oci://registry.example/filter:1" }, /\/filterUrl/],
    [{ ports: { grpc: 80 } }, /\/ports\/grpc/],
    [{ objects: { "shop.txt": "kind: SLO" } }, /shop\.txt/],
    [{ store: { engine: "mysql" } }, /\/store\/engine.*'duckdb', 'influxdb'/s],
    [{ store: { engine: "influxdb" } }, /store\.influxdb\.url: say where InfluxDB is/],
    [
      { store: { engine: "influxdb", influxdb: { url: "http://influxdb:8086", org: "shop" } } },
      /store\.influxdb\.tokenSecret\.name: name the Secret/,
    ],
    [{ persistence: { size: "20Gi" } }, /persistence\.size: 20Gi is less than store\.maxMb and inboxMaxMb/],
    [{ serviceAccount: { create: false } }, /serviceAccount\.name: say which ServiceAccount/],
    [{ tap: { maxUnavailable: "0%" } }, /\/tap\/maxUnavailable/],
    [{ tap: { interfaces: ["eth0 or lo"] } }, /\/tap\/interfaces\/0/],
  ];
  for (const [values, expected] of cases) assert.match(await refusal(values), expected, JSON.stringify(values));
});

scenario("two releases in one cluster share no name", async () => {
  const names = async (release: string, namespace: string): Promise<string[]> => {
    const text = await run(helm, ["template", release, chartFolder, ...place(namespace)]);
    return objectsIn(text).map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""} ${metadata.name}`);
  };
  const both = [
    ...(await names("sidelight", "one")),
    ...(await names("sidelight", "two")),
    ...(await names("a", "one")),
  ];
  assert.is(new Set(both).size, both.length);
});

test.run();
