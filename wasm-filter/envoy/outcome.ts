import { Outcome } from "../core/counters";
import { rpcOutcome } from "../core/rpc";

/** Bits of the attribute response.flags (envoy/stream_info/stream_info.h, CoreResponseFlag). */
namespace Flag {
  export const NO_HEALTHY_UPSTREAM: u64 = 1 << 1;
  export const UPSTREAM_REQUEST_TIMEOUT: u64 = 1 << 2;
  export const LOCAL_RESET: u64 = 1 << 3;
  export const UPSTREAM_REMOTE_RESET: u64 = 1 << 4;
  export const UPSTREAM_CONNECTION_FAILURE: u64 = 1 << 5;
  export const UPSTREAM_CONNECTION_TERMINATION: u64 = 1 << 6;
  export const UPSTREAM_OVERFLOW: u64 = 1 << 7;
  export const NO_ROUTE: u64 = 1 << 8;
  export const DOWNSTREAM_CONNECTION_TERMINATION: u64 = 1 << 14;
  export const STREAM_IDLE_TIMEOUT: u64 = 1 << 16;
  export const DURATION_TIMEOUT: u64 = 1 << 22;
  export const UPSTREAM_PROTOCOL_ERROR: u64 = 1 << 23;
  export const NO_CLUSTER: u64 = 1 << 24;
  export const DNS_FAILED: u64 = 1 << 26;
  export const DOWNSTREAM_REMOTE_RESET: u64 = 1 << 28;
}

/** The proxy could not get the request to a server. */
const NOT_REACHED: u64 =
  Flag.NO_HEALTHY_UPSTREAM |
  Flag.UPSTREAM_CONNECTION_FAILURE |
  Flag.UPSTREAM_OVERFLOW |
  Flag.NO_ROUTE |
  Flag.NO_CLUSTER |
  Flag.DNS_FAILED;

/** It did, but the server's answer never came. */
const NO_ANSWER: u64 =
  Flag.UPSTREAM_REQUEST_TIMEOUT |
  Flag.LOCAL_RESET |
  Flag.UPSTREAM_REMOTE_RESET |
  Flag.UPSTREAM_CONNECTION_TERMINATION |
  Flag.STREAM_IDLE_TIMEOUT |
  Flag.DURATION_TIMEOUT |
  Flag.UPSTREAM_PROTOCOL_ERROR;

/** The client did not wait for it. */
const CLIENT_GONE: u64 = Flag.DOWNSTREAM_CONNECTION_TERMINATION | Flag.DOWNSTREAM_REMOTE_RESET;

/** Whether the flags have to be asked for: a good answer came from the server, whatever befell it later. */
export function httpNeedsFlags(status: u32): bool {
  return status == 0 || status >= 400;
}

/** The outcome of an HTTP request. `flags` is 0 where httpNeedsFlags says that they do not matter. */
export function httpOutcome(status: u32, flags: u64): u32 {
  const local = localOutcome(flags);
  if (local) return local;
  if (status == 0 || isClientGone(status, flags)) return Outcome.NO_ANSWER;
  if (status < 400) return Outcome.SUCCESS;
  return status < 500 ? Outcome.CLIENT_ERROR : Outcome.SERVER_ERROR;
}

/** Envoy says 0, newer ones 499, for a client that left before there was an answer. */
function isClientGone(status: u32, flags: u64): bool {
  return status == 499 && (flags & CLIENT_GONE) != 0;
}

/** What the proxy itself decided, 0 where the status is the server's. */
function localOutcome(flags: u64): u32 {
  if (flags & NOT_REACHED) return Outcome.NOT_REACHED;
  return flags & NO_ANSWER ? Outcome.NO_ANSWER : 0;
}

/** The outcome of an RPC by its grpc-status. `flags` may be 0 for OK. */
export function grpcOutcome(status: u32, flags: u64): u32 {
  if (status == 0) return Outcome.SUCCESS;
  const local = localOutcome(flags);
  if (local) return local;
  if (flags & CLIENT_GONE) return Outcome.NO_ANSWER;
  return rpcOutcome(status);
}

/**
 * The outcome of a TCP connection that closed: one that was connected is a success however it ended, since what its bytes
 * said is not known. Flags of attempts that failed stay where a later one succeeded.
 */
export function tcpOutcome(wasConnected: bool, flags: u64): u32 {
  if (wasConnected) return Outcome.SUCCESS;
  return flags & NOT_REACHED ? Outcome.NOT_REACHED : Outcome.NO_ANSWER;
}
