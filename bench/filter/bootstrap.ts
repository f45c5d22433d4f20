/**
 * One Envoy with a listener for each variant. They share process, clusters and upstream connections, so that all that
 * differs between them is what a request passes: between two processes chance alone makes a difference of its own.
 */
import { projectRoot } from "../../provision/build.ts";
import { SERVICES } from "./requests.ts";
import type { Side } from "./requests.ts";
import { receiverOf } from "./variants.ts";
import type { ReceiverName, Variant } from "./variants.ts";

export interface Parts {
  readonly side: Side;
  readonly protocol: "http1" | "http2" | "grpc";
  readonly variants: readonly Variant[];
  /** Path of the empty filter's module. */
  readonly emptyFilter: string;
  /** Ports of 127.0.0.1. */
  readonly app: number;
  readonly receivers: Readonly<Partial<Record<ReceiverName, number>>>;
}

const TYPE = "type.googleapis.com/envoy";

/** Reads what the others read; it keeps nothing and tells no one. */
const LUA = `
function envoy_on_request(handle)
  local headers = handle:headers()
  local method = headers:get(":method")
  local path = headers:get(":path")
end
function envoy_on_response(handle)
  local status = handle:headers():get(":status")
end`;

/** A bootstrap whose listeners are called as the variants. */
export function benchBootstrap(parts: Parts): object {
  return {
    node: {
      ...{ id: "orders-1", cluster: "orders" },
      metadata: { NAMESPACE: "shop", WORKLOAD_NAME: "orders", NAME: "orders-1", INSTANCE_IPS: "127.0.0.1" },
    },
    // Envoy's own sums over its statistics are not to fall into some of the rounds.
    stats_flush_interval: "60s",
    static_resources: {
      listeners: parts.variants.map((variant) => listener(variant, parts)),
      clusters: [
        ...applications(parts),
        ...Object.entries(parts.receivers).map(([name, port]) => cluster(name, port, true)),
      ],
    },
  };
}

function listener(variant: Variant, parts: Parts): object {
  return {
    name: variant,
    traffic_direction: parts.side.toUpperCase(),
    address: address(0),
    // Each worker gets as many of the few connections as the others.
    connection_balance_config: { exact_balance: {} },
    filter_chains: [{ filters: [{ name: "http", typed_config: connectionManager(variant, parts) }] }],
  };
}

function connectionManager(variant: Variant, parts: Parts): object {
  const router = {
    name: "envoy.filters.http.router",
    typed_config: { "@type": `${TYPE}.extensions.filters.http.router.v3.Router` },
  };
  return {
    "@type": `${TYPE}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: parts.side,
    codec_type: "AUTO",
    use_remote_address: true,
    skip_xff_append: true,
    route_config: { virtual_hosts: virtualHosts(parts.side) },
    http_filters: [...filters(variant, parts), router],
    access_log: accessLogs(variant, parts),
  };
}

function virtualHosts(side: Side): object[] {
  const host = (name: string, domains: readonly string[], to: string): object => {
    return { name, domains, routes: [{ match: { prefix: "/" }, route: { cluster: to } }] };
  };
  if (side === "inbound") return [host("inbound", ["*"], INBOUND_CLUSTER)];
  return SERVICES.map((service) => host(service, [`${service}.example`], service));
}

function filters(variant: Variant, parts: Parts): object[] {
  const type = `${TYPE}.extensions.filters.http.wasm.v3.Wasm`;
  if (variant === "empty filter") return [wasm(type, variant, { file: parts.emptyFilter })];
  if (variant === "Sidelight filter") return [wasm(type, variant, sidelight(parts.side))];
  if (variant !== "Lua") return [];
  const lua = { "@type": `${TYPE}.extensions.filters.http.lua.v3.Lua`, default_source_code: { inline_string: LUA } };
  return [{ name: "lua", typed_config: lua }];
}

function accessLogs(variant: Variant, parts: Parts): object[] {
  const type = `${TYPE}.extensions.access_loggers.wasm.v3.WasmAccessLog`;
  if (variant === "empty access logger") return [wasm(type, variant, { file: parts.emptyFilter })];
  if (variant === "Sidelight access logger") return [wasm(type, variant, sidelight(parts.side))];
  const receiver = receiverOf(variant);
  return receiver?.startsWith("access-log") ? [grpcAccessLog(parts.protocol, receiver)] : [];
}

interface Module {
  readonly file: string;
  readonly configuration?: object;
}

function sidelight(side: Side): Module {
  return { file: `${projectRoot}/build/filter/sidelight.wasm`, configuration: { cluster: "sidelight", side } };
}

/** A module in a VM of its own: sharing one, two variants would tick for each other. */
function wasm(type: string, name: Variant, { file, configuration = {} }: Module): object {
  const config = {
    name,
    root_id: name,
    failure_policy: "FAIL_OPEN",
    configuration: { "@type": "type.googleapis.com/google.protobuf.StringValue", value: JSON.stringify(configuration) },
    vm_config: { vm_id: name, runtime: "envoy.wasm.runtime.v8", code: { local: { filename: file } } },
  };
  return { name, typed_config: { "@type": type, config } };
}

/** As its documentation has it: flushed each second or at 16 KB. RPCs need the trailer that has their status. */
function grpcAccessLog(protocol: Parts["protocol"], receiver: ReceiverName): object {
  const grpcStatus = protocol === "grpc" ? ["grpc-status"] : [];
  return {
    name: "envoy.access_loggers.http_grpc",
    typed_config: {
      "@type": `${TYPE}.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig`,
      common_config: {
        log_name: "bench",
        transport_api_version: "V3",
        grpc_service: { envoy_grpc: { cluster_name: receiver } },
      },
      additional_response_headers_to_log: grpcStatus,
      additional_response_trailers_to_log: grpcStatus,
    },
  };
}

const INBOUND_CLUSTER = "inbound|8080||";

function applications({ side, protocol, app }: Parts): object[] {
  const names = side === "inbound" ? [INBOUND_CLUSTER] : SERVICES;
  return names.map((name) => cluster(name, app, protocol !== "http1"));
}

function cluster(name: string, port: number, isHttp2: boolean): object {
  const options = {
    "@type": `${TYPE}.extensions.upstreams.http.v3.HttpProtocolOptions`,
    explicit_http_config: isHttp2 ? { http2_protocol_options: {} } : { http_protocol_options: {} },
  };
  return {
    ...{ name, type: "STATIC", connect_timeout: "1s" },
    typed_extension_protocol_options: { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": options },
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address: address(port) } }] }] },
  };
}

function address(port: number): object {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}
