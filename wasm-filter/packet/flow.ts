import { MAX_FLOWS } from "./limits";

/** The two ends of a conversation, as parsers know them. */
export namespace Side {
  export const CLIENT: u32 = 0;
  export const SERVER: u32 = 1;
}

/** What a flow went through, as bits. */
export namespace State {
  export const SYN: u16 = 1;
  export const SYN_ACK: u16 = 2;
  /** Both ends have confirmed, or data moved. */
  export const OPEN: u16 = 4;
  /** It was open before it was seen. */
  export const JOINED: u16 = 8;
  /** It was reset, or both ends closed it. */
  export const CLOSED: u16 = 16;
  /** Which end is the client is known for sure. */
  export const ORIENTED: u16 = 32;
  /** It is in a counter of TCP as open. */
  export const COUNTED: u16 = 64;
  /** Bytes are missing before its protocol was known. */
  export const JOINED_LATE: u16 = 128;
  export const RESET: u16 = 256;
  /** It is another flow as it goes on behind a translation of addresses, and counts nothing (crossings.ts). */
  export const COPY: u16 = 512;
  /** The node itself opened it, and has sent nothing, or what a probe sends: it counts nothing so far (probes.ts). */
  export const MAYBE_PROBE: u16 = 1024;
  /** The server spoke before it was asked anything. */
  export const GREETED: u16 = 2048;
  /** Of a MAYBE_PROBE: what it has sent so far is what a probe sends (probes.ts). */
  export const LIKE_PROBE: u16 = 4096;
  /** Of a MAYBE_PROBE: it is one, and will count nothing. */
  export const PROBE: u16 = 8192;
}

/** Numbers of no parser: not yet known, and given up. Those of parsers are in between. */
export const UNDETECTED: u32 = 0;
export const OPAQUE: u32 = 255;

/**
 * One conversation, both directions of it. `Half`s follow, then STATE_BYTES that belong to its parser:
 *
 *     Flow | Half of end 0 | Half of end 1 | state of the parser
 *
 * End 0 is the one whose (address, port) is the lower; see `flows.ts`.
 */
@unmanaged
export class Flow {
  /** Addresses of the ends, 16 bytes each. */
  high0: u64;
  low0: u64;
  high1: u64;
  low1: u64;
  /** When its SYN was seen, and its last packet. Microseconds. */
  startMicros: u64;
  lastMicros: u64;
  /** Port of end 0 | port of end 1 << 16, each as a number. */
  ports: u32;
  /** The next flow of its chain, or of the free ones; number + 1. */
  link: u32;
  /** Which numbers of core's tables are meant by `peer` and `counter` (accounts.ts). */
  generation: u32;
  peer: u16;
  counter: u16;
  /** Requests that wait for their answer: the oldest, the newest (number + 1), how many; and how many found no room. */
  oldest: u32;
  newest: u32;
  waiting: u32;
  cut: u32;
  state: u16;
  /** IP protocol, 6 or 17; 0 = the place is free. */
  transport: u8;
  parser: u8;
  /** The end that is the client. */
  client: u8;
  /** How often its protocol was looked for. */
  tries: u8;
  retransmissions: u16;
  /** The server's port and address where a translated copy showed them; port 0 where none did. */
  serverPort: u32;
  serverHigh: u64;
  serverLow: u64;
}

/** What one end sends. */
@unmanaged
export class Half {
  /** Bytes that the parser does not want to see. Before it is known: those that are missing behind what is kept. */
  skip: u64;
  /** Since when something is missing, and when what is kept came. Microseconds. */
  gapMicros: u64;
  keptMicros: u64;
  /** Sequence number of the first byte, of the one that comes next, the highest that the other end confirmed, the FIN's. */
  first: u32;
  next: u32;
  acked: u32;
  fin: u32;
  /** Segments that came too early, number + 1, by sequence; their bytes, and packets of the flow since the first of them. */
  held: u32;
  heldBytes: u32;
  gapPackets: u32;
  /** Bytes that wait for those that follow, in a block (number + 1). */
  block: u32;
  kept: u32;
  /** Bytes that are not yet in a counter. */
  unbilled: u32;
  bits: u32;
  /** The crossing that counts of what this end sends, and when it was seen there last (crossings.ts). */
  crossing: u32;
  crossedMicros: u64;
}

/** Bits of a Half. */
export namespace End {
  /** `next` is known. */
  export const SYNCED: u32 = 1;
  export const FIN: u32 = 2;
  /** The parser was told that no more comes. */
  export const CLOSED: u32 = 4;
  /** `acked` is known. */
  export const ACKED: u32 = 8;
  /** It sent last, of what no parser knows yet; and what it sends until the other one does is of none. */
  export const SPOKE: u32 = 16;
  export const PASSED: u32 = 32;
}

/** What a parser may keep with a flow. */
export const STATE_BYTES: usize = 64;
const HALVES: usize = offsetof<Flow>();
const STATE: usize = HALVES + 2 * offsetof<Half>();
export const FLOW_BYTES: usize = STATE + STATE_BYTES;

const flows: usize = heap.alloc(<usize>MAX_FLOWS * FLOW_BYTES);

export function flowAt(number: u32): Flow {
  return changetype<Flow>(flows + <usize>number * FLOW_BYTES);
}

export function numberOf(flow: Flow): u32 {
  return <u32>((changetype<usize>(flow) - flows) / FLOW_BYTES);
}

/** What an end sends. */
export function halfOf(flow: Flow, end: u32): Half {
  return changetype<Half>(changetype<usize>(flow) + HALVES + <usize>end * offsetof<Half>());
}

/** Where a parser keeps its state: STATE_BYTES, zero when the flow becomes its. */
export function stateOf(flow: Flow): usize {
  return changetype<usize>(flow) + STATE;
}

/** Lets the parser not see the next `bytes` that a side sends; see `parsers.ts`. */
export function skip(flow: Flow, side: u32, bytes: u64): void {
  halfOf(flow, side ^ flow.client).skip = bytes;
}

/** Takes a message of `whole` bytes, of which `size` are there; those that are not will not be shown. */
export function pass(flow: Flow, side: u32, whole: u32, size: u32): u32 {
  if (whole <= size) return whole;
  skip(flow, side, whole - size);
  return size;
}

/** Whether a flow's beginning was not seen: what comes first may be the middle of anything. */
export function wasJoined(flow: Flow): bool {
  return (flow.state & (State.JOINED | State.JOINED_LATE)) != 0;
}

/** Whether one of its ends has ended a flow: else it is still open while its parser is told that no more comes. */
export function isEnded(flow: Flow): bool {
  return (flow.state & State.RESET) != 0 || ((halfOf(flow, 0).bits | halfOf(flow, 1).bits) & End.FIN) != 0;
}

/** Whether the other side has confirmed bytes of this one that were not seen: it may know of more than we do. */
export function isBehind(flow: Flow, side: u32): bool {
  const half = halfOf(flow, side ^ flow.client);
  return (half.bits & End.ACKED) != 0 && <i32>(half.acked - half.next) > 0;
}
