/** What the demo makes in a cluster, held against what the demo says of itself elsewhere. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { IMAGES, SIDELIGHT_NAMESPACE } from "../../demo/kubernetes/names.ts";
import type { KubernetesObject } from "../../demo/kubernetes/objects.ts";
import { backOfficeObjects, loadObjects, shopObjects } from "../../demo/kubernetes/shop-objects.ts";
import { parseLoadConfig } from "../../demo/load/config.ts";
import { parseShopConfig } from "../../demo/shop/config.ts";
import { SERVICE_NAMES, STORE_NAMES } from "../../demo/shop/names.ts";
import { projectRoot } from "../../provision/build.ts";

interface Template {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly { readonly image: string; readonly args: readonly string[] }[] };
}

const all = [...shopObjects(), ...backOfficeObjects(), ...loadObjects(30)];
const ofKind = (objects: readonly KubernetesObject[], kind: string) => objects.filter((object) => object.kind === kind);
const names = (objects: readonly KubernetesObject[]) => objects.map(({ metadata }) => metadata.name);
const templateOf = (object: KubernetesObject) => (object["spec"] as { template: Template }).template;
const dataOf = (object: KubernetesObject | undefined) => object?.["data"] as Readonly<Record<string, string>>;

test("every service and every store is a workload behind a Service of its name", () => {
  assert.equal(names(ofKind(shopObjects(), "Deployment")), [...SERVICE_NAMES]);
  assert.equal(names(ofKind(shopObjects(), "StatefulSet")), [...STORE_NAMES]);
  assert.equal(names(ofKind(shopObjects(), "Service")).sort(), [...SERVICE_NAMES, ...STORE_NAMES].sort());
});

test("each service's process understands its configuration, and the load does", () => {
  const [shop] = ofKind(shopObjects(), "ConfigMap");
  for (const name of SERVICE_NAMES) {
    const config = parseShopConfig(JSON.parse(dataOf(shop)[`${name}.json`] ?? ""));
    assert.equal(Object.keys(config.services), [name]);
    assert.is(config.services[name]?.outbound, undefined, "the mesh leads to the sidecar");
  }
  const [load] = ofKind(loadObjects(30), "ConfigMap");
  assert.is(parseLoadConfig(JSON.parse(dataOf(load)["load.json"] ?? "")).rate, 30);
});

test("services get sidecars and stores do not", () => {
  for (const object of [...ofKind(shopObjects(), "Deployment"), ...ofKind(shopObjects(), "StatefulSet")]) {
    const refuses = templateOf(object).metadata.labels["sidecar.istio.io/inject"] === "false";
    assert.is(refuses, object.kind === "StatefulSet", object.metadata.name);
  }
});

test("images are those that are built and loaded, and those of Sidelight are the manifest's", () => {
  const images = all.filter((object) => object["spec"] !== undefined && "template" in (object["spec"] as object));
  const used = new Set(images.flatMap((object) => templateOf(object).spec.containers.map(({ image }) => image)));
  const manifest = readFileSync(join(projectRoot, "deploy", "sidelight.yaml"), "utf8");
  assert.match(manifest, `image: ${IMAGES.sidelight}\n`);
  assert.match(manifest, `image: ${IMAGES.tap}\n`);
  assert.match(manifest, `kind: Namespace\nmetadata:\n  name: ${SIDELIGHT_NAMESPACE}\n`);
  assert.equal(used, new Set([IMAGES.shop, IMAGES.stores]));
});

test("the programs that pods start are those that the image has", () => {
  const dockerfile = readFileSync(join(projectRoot, "demo", "images", "shop.Dockerfile"), "utf8");
  const built = new Set([...dockerfile.matchAll(/([\w-]+)=demo\/\S+\.ts/g)].map(([, name]) => `${name}.mjs`));
  const started = ofKind(all, "Deployment").map((object) => templateOf(object).spec.containers[0]?.args[0] ?? "");
  assert.equal(new Set(started), built);
  const script = readFileSync(join(projectRoot, "demo", "images", "store.sh"), "utf8");
  for (const object of ofKind(all, "StatefulSet")) {
    assert.match(script, `\n${templateOf(object).spec.containers[0]?.args[0]})\n`);
  }
});

test.run();
