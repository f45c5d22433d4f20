import { Outcome } from "./counters";

/** Status codes of gRPC, and what each says of the one who called. */

/** UNKNOWN, which also stands for what is no status. */
export const RPC_UNKNOWN: u32 = 2;
export const LAST_RPC_STATUS: u32 = 16;

/**
 * Codes that tell the caller something of its request: CANCELLED, INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS,
 * PERMISSION_DENIED, FAILED_PRECONDITION, ABORTED, OUT_OF_RANGE, UNAUTHENTICATED.
 */
const CLIENT_STATUSES: u32 =
  (1 << 1) | (1 << 3) | (1 << 5) | (1 << 6) | (1 << 7) | (1 << 9) | (1 << 10) | (1 << 11) | (1 << 16);

/** The outcome of an RPC whose server answered with this grpc-status. */
export function rpcOutcome(status: u32): u32 {
  if (status == 0) return Outcome.SUCCESS;
  return (CLIENT_STATUSES >> status) & 1 ? Outcome.CLIENT_ERROR : Outcome.SERVER_ERROR;
}
