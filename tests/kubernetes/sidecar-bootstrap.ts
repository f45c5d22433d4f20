/** What a stock Envoy begins with to be a sidecar of Istio, with all else from istiod. */

export interface SidecarWish {
  readonly namespace: string;
  /** The workload's, which is also its label "app". */
  readonly name: string;
  readonly pod: string;
  readonly address: string;
  /** istiod's, of 127.0.0.1. */
  readonly xdsPort: number;
  /** Where the filter is fetched from, likewise. */
  readonly filterPort: number;
}

const HTTP2 = {
  "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    explicit_http_config: { http2_protocol_options: {} },
  },
};
const ADS = { ads: {}, resource_api_version: "V3", initial_fetch_timeout: "0s" };

export function sidecarBootstrap({ namespace, name, pod, address, xdsPort, filterPort }: SidecarWish): object {
  return {
    node: {
      id: `sidecar~${address}~${pod}.${namespace}~${namespace}.svc.cluster.local`,
      cluster: `${name}.${namespace}`,
      metadata: {
        ...{ NAMESPACE: namespace, NAME: pod, WORKLOAD_NAME: name, INSTANCE_IPS: address, LABELS: { app: name } },
        ...{ CLUSTER_ID: "Kubernetes", ISTIO_VERSION: "1.31.0", MESH_ID: "cluster.local", INTERCEPTION_MODE: "NONE" },
      },
    },
    // What leaves the pod comes from its address.
    cluster_manager: { upstream_bind_config: { source_address: { address, port_value: 0 } } },
    dynamic_resources: {
      ...{ lds_config: ADS, cds_config: ADS },
      ads_config: {
        ...{ api_type: "DELTA_GRPC", transport_api_version: "V3", set_node_on_first_message_only: true },
        grpc_services: [{ envoy_grpc: { cluster_name: "xds-grpc" } }],
      },
    },
    static_resources: {
      clusters: [
        { ...cluster("xds-grpc", xdsPort), typed_extension_protocol_options: HTTP2 },
        // What istiod names as the cluster to fetch a module through, and Istio's agent would replace.
        cluster("_", filterPort),
      ],
    },
  };
}

function cluster(name: string, port: number): object {
  const address = { socket_address: { address: "127.0.0.1", port_value: port } };
  return {
    ...{ name, type: "STATIC", connect_timeout: "1s" },
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
  };
}
