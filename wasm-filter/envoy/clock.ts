import { proxy_get_current_time_nanoseconds } from "./env";
import { OK } from "./host";

const buffer = memory.data(8, 8);
let last: u64 = 0;

/** Milliseconds since the epoch by the host's clock; the last known time where the host does not say. */
export function nowMillis(): u64 {
  if (proxy_get_current_time_nanoseconds(buffer) == OK) last = load<u64>(buffer) / 1_000_000;
  return last;
}
