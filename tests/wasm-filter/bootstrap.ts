/**
 * The example that users are given, deploy/envoy/sidecar.yaml, on ports of the test's own.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const root = fileURLToPath(new URL("../../", import.meta.url));

interface SocketAddress {
  address: string;
  port_value: number;
}

interface Cluster {
  name: string;
  load_assignment: { endpoints: { lb_endpoints: { endpoint: { address: { socket_address: SocketAddress } } }[] }[] };
  [key: string]: unknown;
}

interface VirtualHost {
  name: string;
  domains: string[];
  routes: unknown[];
}

interface Filter {
  name: string;
  typed_config: { route_config?: { virtual_hosts: VirtualHost[] }; [key: string]: unknown };
}

export interface Listener {
  name: string;
  address: { socket_address: SocketAddress };
  filter_chains: { filters: Filter[] }[];
}

/** An Envoy bootstrap, as far as tests change it. */
export interface Bootstrap {
  static_resources: { listeners: Listener[]; clusters: Cluster[] };
}

/** Ports of 127.0.0.1 that the clusters lead to. */
export interface Upstreams {
  readonly app: number;
  readonly payment: number;
  readonly database: number;
  readonly control: number;
}

/** The example with listeners on free ports, clusters that lead to `upstreams`, and five reports a second. */
export function sidecarBootstrap(upstreams: Upstreams): Bootstrap {
  const text = readFileSync(`${root}deploy/envoy/sidecar.yaml`, "utf8");
  const adapted = text
    .replaceAll("build/filter/", `${root}build/filter/`)
    .replaceAll('{"cluster": "sidelight",', '{"cluster": "sidelight", "interval_ms": 200,');
  const example = parse(adapted) as Bootstrap;
  for (const listener of example.static_resources.listeners) listener.address.socket_address.port_value = 0;
  const ports: Record<string, number> = {
    "inbound|8080||": upstreams.app,
    "payment.shop": upstreams.payment,
    "orders-db.shop": upstreams.database,
    sidelight: upstreams.control,
  };
  for (const cluster of example.static_resources.clusters) {
    const address = cluster.load_assignment.endpoints[0]!.lb_endpoints[0]!.endpoint.address.socket_address;
    address.address = "127.0.0.1";
    address.port_value = ports[cluster.name] ?? 0;
  }
  return example;
}

/** The virtual hosts of a listener's HTTP connection manager. */
export function virtualHosts(bootstrap: Bootstrap, listener: string): VirtualHost[] {
  const found = bootstrap.static_resources.listeners.find(({ name }) => name === listener);
  const hosts = found?.filter_chains[0]?.filters[0]?.typed_config.route_config?.virtual_hosts;
  if (!hosts) throw new Error(`The bootstrap has no HTTP listener "${listener}"`);
  return hosts;
}

/** A copy of a cluster under another name, leading to another port. */
export function addCluster(
  bootstrap: Bootstrap,
  like: string,
  { name, port }: { name: string; port: number },
): Cluster {
  const clusters = bootstrap.static_resources.clusters;
  const copy = structuredClone(clusters.find((cluster) => cluster.name === like)!);
  copy.name = name;
  copy.load_assignment = { ...copy.load_assignment, cluster_name: name } as Cluster["load_assignment"];
  copy.load_assignment.endpoints[0]!.lb_endpoints[0]!.endpoint.address.socket_address.port_value = port;
  clusters.push(copy);
  return copy;
}
