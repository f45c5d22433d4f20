import { bytesOf, sizeOf, text, Text } from "../core/text";
import { answerAt, answerSize, isAnswered, replyAddress, replySize } from "./answers";
import { proxy_get_property } from "./env";

/** Envoy's attributes that the filter reads, as property paths (parts joined by NUL). */
export namespace Attribute {
  export const REQUEST_DURATION: Text = text("request\0duration");
  export const REQUEST_TIME: Text = text("request\0time");
  export const REQUEST_BYTES: Text = text("request\0total_size");
  export const RESPONSE_BYTES: Text = text("response\0total_size");
  export const RESPONSE_CODE: Text = text("response\0code");
  export const RESPONSE_FLAGS: Text = text("response\0flags");
  export const GRPC_STATUS: Text = text("response\0grpc_status");
  export const SOURCE_ADDRESS: Text = text("source\0address");
  export const CONNECTION_ID: Text = text("connection\0id");
  export const PEER_URI_SAN: Text = text("connection\0uri_san_peer_certificate");
  export const TLS_VERSION: Text = text("connection\0tls_version");
  export const SERVER_NAME: Text = text("connection\0requested_server_name");
  export const UPSTREAM_ADDRESS: Text = text("upstream\0address");
  export const UPSTREAM_LOCAL_ADDRESS: Text = text("upstream\0local_address");
  export const CLUSTER_NAME: Text = text("xds\0cluster_name");
  export const LISTENER_DIRECTION: Text = text("xds\0listener_direction");
  export const PLUGIN_NAME: Text = text("plugin_name");
  export const NODE_ID: Text = text("xds\0node\0id");
  export const NODE_NAMESPACE: Text = text("xds\0node\0metadata\0NAMESPACE");
  export const NODE_WORKLOAD: Text = text("xds\0node\0metadata\0WORKLOAD_NAME");
  export const NODE_POD: Text = text("xds\0node\0metadata\0NAME");
  export const NODE_ADDRESSES: Text = text("xds\0node\0metadata\0INSTANCE_IPS");
}

/** Reads an attribute of the current context; true when it has a value, which then is the last answer. */
export function hasAttribute(path: Text): bool {
  return isAnswered(proxy_get_property(bytesOf(path), sizeOf(path), replyAddress(), replySize()));
}

/** An integer, duration or time; `missing` where there is none or it is no number. */
export function numberAttribute(path: Text, missing: i64): i64 {
  return hasAttribute(path) && answerSize() == 8 ? load<i64>(answerAt()) : missing;
}
