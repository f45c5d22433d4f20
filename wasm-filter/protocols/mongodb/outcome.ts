import { Outcome } from "../../core/counters";

/**
 * Codes that say that the server could not, whatever it was asked (mongo/base/error_codes.yml): internal errors, hosts that are
 * not reached, time that ran out, no primary, shutdown, room. All others tell the caller something of its request.
 */
const SERVER_CODES = memory.data<u16>([
  1, 6, 7, 8, 24, 46, 50, 64, 89, 91, 96, 112, 133, 134, 146, 189, 202, 262, 9001, 10058, 10107, 11600, 11601, 11602,
  13435, 13436, 14031, 0,
]);

/** The outcome of a command that failed; 0 is no code. */
export function failure(code: u32): u32 {
  if (!code) return Outcome.SERVER_ERROR;
  for (let at = SERVER_CODES; load<u16>(at); at += 2) if (load<u16>(at) == code) return Outcome.SERVER_ERROR;
  return Outcome.CLIENT_ERROR;
}
