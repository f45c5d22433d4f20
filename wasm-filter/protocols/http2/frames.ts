import { Flow, Side, stateOf } from "../../packet/flow";
import { u24be, u32be } from "../../packet/bytes";
import { Verdict } from "../../packet/parsers";

/** Frames (RFC 9113, 4 and 6): their heads, and how to tell the beginning of one from anything else. */
export namespace Frame {
  export const DATA: u32 = 0;
  export const HEADERS: u32 = 1;
  export const PRIORITY: u32 = 2;
  export const RST_STREAM: u32 = 3;
  export const SETTINGS: u32 = 4;
  export const PUSH_PROMISE: u32 = 5;
  export const PING: u32 = 6;
  export const GOAWAY: u32 = 7;
  export const WINDOW_UPDATE: u32 = 8;
  export const CONTINUATION: u32 = 9;
}

export namespace Flag {
  export const END_STREAM: u32 = 1;
  export const ACK: u32 = 1;
  export const END_HEADERS: u32 = 4;
  export const PADDED: u32 = 8;
  export const PRIORITY: u32 = 32;
}

/**
 * Where one side is within its frames.
 *
 *     START --the preface; of a server a frame--> FRAME
 *     FRAME --HEADERS, PUSH_PROMISE--> BLOCK --END_HEADERS--> FRAME
 *       |                              ^ |
 *       |                CONTINUATION -´ `--its end--> CONTINUES
 *       |-----DATA with END_STREAM---> LAST_DATA --passed--> FRAME
 *       `-----any other, skipped-----------------------------> FRAME
 *
 *     a gap, or what is no frame: LOST --a segment that begins with frames--> FRAME
 */
export namespace Phase {
  export const START: u32 = 0;
  export const FRAME: u32 = 1;
  export const BLOCK: u32 = 2;
  export const CONTINUES: u32 = 3;
  export const LAST_DATA: u32 = 4;
  export const LOST: u32 = 5;
  export const CLOSED: u32 = 6;
}

@unmanaged
export class Way {
  phase: u8;
  /** Type, flags and padding of the frame that began the header block. */
  type: u8;
  flags: u8;
  padding: u8;
  /** Whose block it is, or whose last data. */
  stream: u32;
  /** Bytes of the block that have yet to come in this frame. */
  left: u32;
}

export const HEAD_BYTES: u32 = 9;
/** SETTINGS_MAX_FRAME_SIZE that nearly everybody leaves as it is. Only where a frame's beginning is looked for. */
const USUAL_FRAME: u32 = 16384;

/** Of the frame whose head was read last. */
export let frameBytes: u32 = 0;
export let frameType: u32 = 0;
export let frameFlags: u32 = 0;
export let frameStream: u32 = 0;

export function readHead(at: usize): void {
  frameBytes = u24be(at);
  frameType = load<u8>(at, 3);
  frameFlags = load<u8>(at, 4);
  frameStream = u32be(at + 5) & 0x7fffffff;
}

/** Bytes between the head and the header block of the frame whose head was read last. */
export function prefixBytes(): u32 {
  const padding: u32 = frameFlags & Flag.PADDED ? 1 : 0;
  if (frameType == Frame.PUSH_PROMISE) return padding + 4;
  return padding + (frameFlags & Flag.PRIORITY ? 5 : 0);
}

/** Whether the frame whose head was read last cannot be one. */
export function isBadFrame(): bool {
  switch (frameType) {
    case Frame.DATA:
    case Frame.HEADERS:
    case Frame.PUSH_PROMISE:
    case Frame.CONTINUATION:
      return frameStream == 0;
    case Frame.PRIORITY:
      return frameStream == 0 || frameBytes != 5;
    case Frame.RST_STREAM:
      return frameStream == 0 || frameBytes != 4;
    case Frame.SETTINGS:
      return frameStream != 0 || frameBytes % 6 != 0;
    case Frame.PING:
      return frameStream != 0 || frameBytes != 8;
    case Frame.GOAWAY:
      return frameStream != 0 || frameBytes < 8;
    case Frame.WINDOW_UPDATE:
      return frameBytes != 4;
    default:
      return false;
  }
}

/** The flags that frames of a type may have, a byte a type. */
const flags = memory.data<u8>([9, 45, 0, 0, 1, 12, 1, 0, 0, 4]);

/**
 * Whether frames begin here, and nothing but frames: NO, MORE where they might, YES where one of them begins a header block
 * that can only be of this side.
 */
export function looksLikeFrames(side: u32, at: usize, size: u32): u32 {
  let verdict: u32 = Verdict.MORE;
  let from: u32 = 0;
  while (from < size) {
    if (size - from < HEAD_BYTES) return couldBeHead(at + from, size - from) ? verdict : Verdict.NO;
    readHead(at + from);
    if (!isUsualFrame(at + from)) return Verdict.NO;
    from += HEAD_BYTES;
    if (frameType == Frame.HEADERS && verdict == Verdict.MORE) {
      verdict = looksLikeBlock(side, at + from, min(size - from, frameBytes));
      if (verdict == Verdict.NO) return Verdict.NO;
    }
    from += frameBytes;
  }
  return verdict;
}

function isUsualFrame(at: usize): bool {
  if (frameBytes > USUAL_FRAME || frameType > Frame.CONTINUATION || isBadFrame()) return false;
  return (frameFlags & ~(<u32>load<u8>(flags + frameType))) == 0 && load<u8>(at, 5) < 0x80;
}

/** Whether bytes that are too few for a head may be the beginning of one. */
function couldBeHead(at: usize, size: u32): bool {
  return load<u8>(at) == 0 && (size < 4 || load<u8>(at, 3) <= Frame.CONTINUATION);
}

/** Blocks of either side begin with one of its pseudo fields, mostly by an index of the fixed table that says which. */
function looksLikeBlock(side: u32, at: usize, size: u32): u32 {
  const prefix = prefixBytes();
  if (prefix >= frameBytes) return Verdict.NO;
  for (let i = prefix; i < size; i++) {
    const byte: u32 = load<u8>(at + i);
    if ((byte & 0xe0) == 0x20) continue;
    const index = byte & 0x80 ? byte & 0x7f : byte & 0x40 ? byte & 0x3f : byte & 0x0f;
    if (index - 1 < 7) return side == Side.CLIENT && frameStream & 1 ? Verdict.YES : Verdict.NO;
    if (index - 8 < 7) return side == Side.SERVER ? Verdict.YES : Verdict.NO;
    return Verdict.MORE;
  }
  return Verdict.MORE;
}

export function wayOf(flow: Flow, side: u32): Way {
  return changetype<Way>(stateOf(flow) + <usize>side * offsetof<Way>());
}
