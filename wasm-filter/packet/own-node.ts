import { MAX_OWN_ADDRESSES } from "./limits";

/**
 * Addresses of the Kubernetes node that is listened to, 16 bytes each. What it asks of its pods is for the most part its kubelet's
 * probes: a connection that it opens counts once it carries something that is no probe (docs/decisions/0106).
 */
const own: usize = heap.alloc(<usize>MAX_OWN_ADDRESSES * 16);
let count: u32 = 0;

/** Takes `bytes` bytes of addresses at `at`; those that find no room are not known. */
export function setOwnAddresses(at: usize, bytes: u32): void {
  count = min(bytes >> 4, MAX_OWN_ADDRESSES);
  memory.copy(own, at, (<usize>count) << 4);
}

/** Whether the 16 bytes at `at` are an address of the node. */
export function isOwnAddress(at: usize): bool {
  const high = load<u64>(at);
  const low = load<u64>(at, 8);
  for (let place = own; place < own + ((<usize>count) << 4); place += 16) {
    if (load<u64>(place, 8) == low && load<u64>(place) == high) return true;
  }
  return false;
}
