import { bucketOf } from "./histogram";
import { HANDSHAKE, addLatency } from "./latency";
import { IS_TAP, MAX_COUNTERS } from "./limits";

/**
 * What only a tap sees of an edge, beside the counter of the same number (Counter in ingest.proto). The filter has no
 * memory for it and never calls this.
 */
@unmanaged
export class Wire {
  /** First cell of its handshakes, number + 1, as a counter has its latencies. */
  handshakes: u32;
  refused: u32;
  resets: u32;
  retransmissions: u32;
  /** Answers to requests that were not seen. */
  unasked: u32;
  /** Connections that were open before they were seen. */
  joined: u32;
  /** Whether there is a handshake that no batch tells yet. */
  shaken: u32;
}

const figures = memory.data(IS_TAP ? MAX_COUNTERS * offsetof<Wire>() : 8, 8);

export function wireAt(counter: u32): Wire {
  return changetype<Wire>(figures + <usize>counter * offsetof<Wire>());
}

/** Counts how long a handshake took. */
export function countHandshake(counter: u32, micros: u32): void {
  wireAt(counter).shaken = 1;
  addLatency(counter, changetype<usize>(wireAt(counter)) + offsetof<Wire>("handshakes"), bucketOf(micros) | HANDSHAKE);
}

export function hasWireNews(counter: u32): bool {
  const wire = wireAt(counter);
  return (wire.shaken | wire.refused | wire.resets | wire.retransmissions | wire.unasked | wire.joined) != 0;
}

/** Empties what a batch has told; the handshakes are emptied with the latencies. */
export function clearWire(wire: Wire): void {
  wire.shaken = 0;
  wire.refused = 0;
  wire.resets = 0;
  wire.retransmissions = 0;
  wire.unasked = 0;
  wire.joined = 0;
}

export function forgetWire(counter: u32): void {
  memory.fill(changetype<usize>(wireAt(counter)), 0, offsetof<Wire>());
}

export function copyWire(to: u32, from: u32): void {
  memory.copy(changetype<usize>(wireAt(to)), changetype<usize>(wireAt(from)), offsetof<Wire>());
}
