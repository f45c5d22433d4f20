/**
 * The bootstrap of one service's sidecar, as a mesh would give it: an inbound listener before the application, an
 * outbound one that finds services by Host, a TCP listener for each store, the Sidelight filter in all of them, and
 * node metadata and cluster names in Istio's form. deploy/envoy/sidecar.yaml is the same by hand, with explanations.
 */
import { CALLEES, NAMESPACE } from "./topology.ts";
import type { ServicePlace, StoreAddress, Topology } from "./topology.ts";

const API = "type.googleapis.com";

export interface SidecarParts {
  readonly service: ServicePlace;
  readonly topology: Topology;
  /** The compiled filter. */
  readonly filterFile: string;
}

/** An Envoy bootstrap, to be written as JSON. */
export function sidecarBootstrap({ service, topology, filterFile }: SidecarParts): unknown {
  const { name, address, pod } = service;
  const callees = topology.services.filter((other) => CALLEES[name].includes(other.name));
  const stores = topology.stores.filter((store) => service.stores[store.name] !== undefined);
  return {
    node: {
      id: `sidecar~${address}~${pod}.${NAMESPACE}~${NAMESPACE}.svc.cluster.local`,
      cluster: `${name}.${NAMESPACE}`,
      metadata: {
        NAME: pod,
        NAMESPACE,
        WORKLOAD_NAME: name,
        INSTANCE_IPS: address,
        LABELS: { app: name },
      },
    },
    admin: { address: socketAddress(address, service.admin) },
    static_resources: {
      listeners: [
        inboundListener(service, filterFile),
        outboundListener(service, callees, filterFile),
        ...stores.map((store) => storeListener(service, store, filterFile)),
      ],
      clusters: [
        cluster(`inbound|${service.app}||`, { address, port: service.app }),
        ...callees.map((callee) => serviceCluster(service, callee)),
        ...stores.map((store) => storeCluster(service, store)),
        controlCluster(topology),
      ],
    },
  };
}

interface Target {
  readonly address: string;
  readonly port: number;
}

/** Istio's name of the cluster that leads to a service; a store's has its own port, an HTTP service's is 80. */
function clusterName(name: string, port = 80): string {
  return `outbound|${port}||${hostName(name)}`;
}

function hostName(name: string): string {
  return `${name}.${NAMESPACE}.svc.cluster.local`;
}

function inboundListener(service: ServicePlace, filterFile: string) {
  const route = {
    match: { prefix: "/" },
    // How long a request may take is for its caller to say.
    route: { cluster: `inbound|${service.app}||`, timeout: "0s" },
  };
  return {
    name: "inbound",
    traffic_direction: "INBOUND",
    address: socketAddress(service.address, service.inbound),
    filter_chains: [
      {
        filters: [
          httpConnectionManager("inbound", [{ name: "inbound", domains: ["*"], routes: [route] }], {
            filterFile,
            // The peer is whoever holds the connection, whatever a client writes into X-Forwarded-For.
            more: { use_remote_address: true, skip_xff_append: true },
          }),
        ],
      },
    ],
  };
}

function outboundListener(service: ServicePlace, callees: readonly ServicePlace[], filterFile: string) {
  const hosts = callees.map(({ name }) => ({
    name: `${hostName(name)}:80`,
    domains: [name, `${name}:*`, `${name}.${NAMESPACE}`, hostName(name)],
    routes: [{ match: { prefix: "/" }, route: { cluster: clusterName(name), timeout: "30s" } }],
  }));
  return {
    name: "outbound",
    traffic_direction: "OUTBOUND",
    address: socketAddress(service.address, service.outbound),
    filter_chains: [{ filters: [httpConnectionManager("outbound", hosts, { filterFile, more: {} })] }],
  };
}

function storeListener(service: ServicePlace, store: StoreAddress, filterFile: string) {
  const proxy = {
    name: "envoy.filters.network.tcp_proxy",
    typed_config: {
      "@type": `${API}/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy`,
      stat_prefix: store.name,
      cluster: clusterName(store.name, store.port),
    },
  };
  return {
    name: store.name,
    traffic_direction: "OUTBOUND",
    address: socketAddress(service.address, service.stores[store.name] ?? 0),
    filter_chains: [{ filters: [wasm("envoy.extensions.filters.network.wasm.v3.Wasm", "tcp", filterFile), proxy] }],
  };
}

function httpConnectionManager(
  name: "inbound" | "outbound",
  hosts: readonly unknown[],
  { filterFile, more }: { filterFile: string; more: object },
) {
  return {
    name: "envoy.filters.network.http_connection_manager",
    typed_config: {
      "@type": `${API}/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: name,
      codec_type: "AUTO",
      route_config: { name, virtual_hosts: hosts },
      http_filters: [
        wasm("envoy.extensions.filters.http.wasm.v3.Wasm", name, filterFile),
        {
          name: "envoy.filters.http.router",
          typed_config: { "@type": `${API}/envoy.extensions.filters.http.router.v3.Router` },
        },
      ],
      ...more,
    },
  };
}

/** The Sidelight filter in one of its places. All share one VM, and so one stream to control. */
function wasm(type: string, place: "inbound" | "outbound" | "tcp", filterFile: string) {
  const side = place === "inbound" ? "inbound" : "outbound";
  const settings = { cluster: "sidelight", side, ...(place === "tcp" ? { kind: "tcp" } : {}) };
  return {
    name: "sidelight",
    typed_config: {
      "@type": `${API}/${type}`,
      config: {
        name: `sidelight-${place}`,
        root_id: `sidelight-${place}`,
        failure_policy: "FAIL_OPEN",
        configuration: { "@type": `${API}/google.protobuf.StringValue`, value: JSON.stringify(settings) },
        vm_config: { vm_id: "sidelight", runtime: "envoy.wasm.runtime.v8", code: { local: { filename: filterFile } } },
      },
    },
  };
}

function cluster(name: string, { address, port }: Target, more: object = {}) {
  return {
    name,
    type: "STATIC",
    connect_timeout: "2s",
    circuit_breakers: { thresholds: [{ max_connections: 4096, max_pending_requests: 4096, max_requests: 4096 }] },
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socketAddress(address, port) } }] }],
    },
    ...more,
  };
}

function serviceCluster(service: ServicePlace, { name, address, inbound }: ServicePlace) {
  return cluster(clusterName(name), { address, port: inbound }, boundTo(service));
}

function storeCluster(service: ServicePlace, store: StoreAddress) {
  return cluster(clusterName(store.name, store.port), store, boundTo(service));
}

/** From the service's own address, so that the other end sees who really calls. */
function boundTo({ address }: ServicePlace) {
  return { upstream_bind_config: { source_address: { address, port_value: 0 } } };
}

function controlCluster({ control }: Topology) {
  const http2 = {
    "@type": `${API}/envoy.extensions.upstreams.http.v3.HttpProtocolOptions`,
    explicit_http_config: { http2_protocol_options: {} },
  };
  const options = { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http2 };
  const target = { address: control.grpc.host, port: control.grpc.port };
  return cluster("sidelight", target, { typed_extension_protocol_options: options });
}

function socketAddress(address: string, port: number) {
  return { socket_address: { address, port_value: port } };
}
