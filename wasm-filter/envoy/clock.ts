import { proxy_get_current_time_nanoseconds } from "./env";
import { OK } from "./host";

const buffer = memory.data(8, 8);
let last: u64 = 0;

/** Nanoseconds since the epoch by the host's clock; the last known time where the host does not say. */
export function nowNanos(): u64 {
  if (proxy_get_current_time_nanoseconds(buffer) == OK) last = load<u64>(buffer);
  return last;
}

/** The same in milliseconds. */
export function nowMillis(): u64 {
  return nowNanos() / 1_000_000;
}
