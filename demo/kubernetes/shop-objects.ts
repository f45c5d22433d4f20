/** The shop as objects of a cluster, out of what the demo says of its services and stores elsewhere. */
import type { KubernetesObject } from "./objects.ts";
import { namespace, workload } from "./objects.ts";
import { SERVICE_PORT } from "../shop/http-client.ts";
import { SERVICE_NAMES, STORES_OF, STORE_NAMES } from "../shop/names.ts";
import type { ServiceName, StoreName } from "../shop/names.ts";
import { ENGINES, STORE_PORTS, VERSION } from "../topology.ts";
import type { StoreEngine } from "../topology.ts";
import { BACK_OFFICE, CONTROL_PORT, DEMO_LABEL, IMAGES, LOAD, LOAD_NAMESPACE, SHOP_NAMESPACE } from "./names.ts";

const APP_PORT = 8080;
const CONFIG = "shop";
const CONFIG_FOLDER = "/etc/shop";

/** What stands behind a name of another namespace. */
const address = (name: string, port: number, space: string): string => `${name}.${space}.svc.cluster.local:${port}`;

/** Sidelight calls a workload a store by this label (docs/kubernetes.md). */
const COMPONENTS: Readonly<Record<StoreEngine, string>> = {
  redis: "cache",
  mariadb: "database",
  postgres: "database",
  rabbitmq: "queue",
};

/** How long it takes until every sidecar has heard that a pod ends, and a little more. */
const LINGER_SECONDS = 8;

/** The services and the stores, in a namespace whose pods get sidecars. */
export function shopObjects(): KubernetesObject[] {
  return [
    namespace(SHOP_NAMESPACE, { "istio-injection": "enabled" }),
    {
      ...{ apiVersion: "v1", kind: "ConfigMap" },
      metadata: { name: CONFIG, namespace: SHOP_NAMESPACE, labels: DEMO_LABEL },
      data: Object.fromEntries(SERVICE_NAMES.map((name) => [`${name}.json`, JSON.stringify(configOf(name))])),
    },
    ...STORE_NAMES.flatMap(store),
    ...SERVICE_NAMES.flatMap(service),
  ];
}

/** The back office, which has to be there before the shop, and the shoppers, who come last. */
export function backOfficeObjects(): KubernetesObject[] {
  return [
    namespace(LOAD_NAMESPACE),
    ...workload("Deployment", {
      ...outside(BACK_OFFICE),
      args: ["back-office.mjs", `0.0.0.0:${CONTROL_PORT}`],
      readiness: ready("/counters"),
      volume: undefined,
    }),
  ];
}

/** @param rate requests a second */
export function loadObjects(rate: number): KubernetesObject[] {
  const config = {
    target: address("edge-router", SERVICE_PORT, SHOP_NAMESPACE),
    rate,
    control: `0.0.0.0:${CONTROL_PORT}`,
  };
  return [
    {
      ...{ apiVersion: "v1", kind: "ConfigMap" },
      metadata: { name: LOAD, namespace: LOAD_NAMESPACE, labels: DEMO_LABEL },
      data: { "load.json": JSON.stringify(config) },
    },
    ...workload("Deployment", {
      ...outside(LOAD),
      args: ["load.mjs", `${CONFIG_FOLDER}/load.json`],
      readiness: ready("/counters"),
      volume: { path: CONFIG_FOLDER, source: { configMap: { name: LOAD } } },
    }),
  ];
}

function outside(name: string) {
  return {
    ...{ namespace: LOAD_NAMESPACE, name, image: IMAGES.shop, servicePort: CONTROL_PORT, memory: "96Mi" },
    ports: { "http-control": CONTROL_PORT },
    lingerSeconds: 0,
  };
}

function ready(path: string): object {
  return { httpGet: { path, port: "http-control" }, periodSeconds: 2, timeoutSeconds: 2 };
}

/** The configuration of the process that has this one service (demo/shop/config.ts). */
function configOf(name: ServiceName): object {
  const stores = STORES_OF[name].map((each) => [each, { host: each, port: STORE_PORTS[ENGINES[each]] }] as const);
  return {
    services: { [name]: { listen: `0.0.0.0:${APP_PORT}`, stores: Object.fromEntries(stores) } },
    control: `0.0.0.0:${CONTROL_PORT}`,
    backOffice: address(BACK_OFFICE, CONTROL_PORT, LOAD_NAMESPACE),
  };
}

function service(name: ServiceName): KubernetesObject[] {
  return workload("Deployment", {
    ...{ namespace: SHOP_NAMESPACE, name, image: IMAGES.shop, servicePort: SERVICE_PORT, memory: "96Mi" },
    args: ["shop.mjs", `${CONFIG_FOLDER}/${name}.json`],
    ports: { http: APP_PORT, "http-control": CONTROL_PORT },
    readiness: ready("/ready"),
    labels: { "app.kubernetes.io/version": VERSION },
    // What is told to the back office is none of the shop's requests.
    annotations: { "traffic.sidecar.istio.io/excludeOutboundPorts": String(CONTROL_PORT) },
    volume: { path: CONFIG_FOLDER, source: { configMap: { name: CONFIG } } },
    lingerSeconds: LINGER_SECONDS,
  });
}

function store(name: StoreName): KubernetesObject[] {
  const engine = ENGINES[name];
  return workload("StatefulSet", {
    ...{ namespace: SHOP_NAMESPACE, name, image: IMAGES.stores, servicePort: STORE_PORTS[engine], memory: "96Mi" },
    args: [engine],
    ports: { "tcp-store": STORE_PORTS[engine] },
    readiness: { tcpSocket: { port: "tcp-store" }, periodSeconds: 2 },
    labels: {
      ...{ "app.kubernetes.io/version": VERSION, "app.kubernetes.io/component": COMPONENTS[engine] },
      // No HTTP is spoken to them.
      "sidecar.istio.io/inject": "false",
    },
    volume: { path: "/data", source: { emptyDir: { sizeLimit: "512Mi" } } },
    lingerSeconds: 0,
  });
}
