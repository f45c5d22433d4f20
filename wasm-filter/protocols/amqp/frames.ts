import { Flow, stateOf } from "../../packet/flow";
import { u16be, u32be } from "../../packet/bytes";
import { Verdict } from "../../packet/parsers";
import { Class, senderOf } from "./methods";

/** Frames (AMQP 0-9-1, 4.2.3): type, channel, size, payload, and a byte that ends them. */
export namespace Frame {
  export const METHOD: u32 = 1;
  export const HEADER: u32 = 2;
  export const BODY: u32 = 3;
  export const HEARTBEAT: u32 = 8;
}

/**
 * Where one side is within its frames.
 *
 *     START --protocol header; of a server a frame--> HEAD
 *     HEAD --a method--> METHOD --read as far as it matters--> END --0xCE--> HEAD
 *       `----header, body, heartbeat, skipped-----------------´
 *
 *     a gap, or what is no frame: LOST --a segment that begins with a frame--> HEAD
 */
export namespace Phase {
  export const START: u32 = 0;
  export const HEAD: u32 = 1;
  export const METHOD: u32 = 2;
  export const END: u32 = 3;
  export const LOST: u32 = 4;
  export const CLOSED: u32 = 5;
}

@unmanaged
export class Part {
  phase: u8;
  type: u8;
  channel: u16;
  /** Bytes of the frame that are not yet read or skipped, with the one that ends it. */
  left: u32;
}

export const HEAD_BYTES: u32 = 7;
const END_BYTE: u32 = 0xce;
/** Servers take frames of 128 KB unless they are told otherwise. */
const MOST_BYTES: u32 = 16 << 20;

export function partOf(flow: Flow, side: u32): Part {
  return changetype<Part>(stateOf(flow) + <usize>side * offsetof<Part>());
}

/** Bytes of the payload of the frame that begins here. */
export function payloadBytes(at: usize): u32 {
  return u32be(at + 3);
}

export function isFrameHead(at: usize): bool {
  const type: u32 = load<u8>(at);
  if (type == Frame.HEARTBEAT) return load<u16>(at, 1) == 0 && payloadBytes(at) == 0;
  return type - 1 < 3 && payloadBytes(at) <= MOST_BYTES;
}

export function isFrameEnd(at: usize): bool {
  return load<u8>(at) == END_BYTE;
}

/**
 * Whether frames begin here: NO, MORE where they might, YES where one of them is a method that only this side sends. A
 * frame counts only where its end is there.
 */
export function looksLikeFrames(side: u32, at: usize, size: u32): u32 {
  let verdict: u32 = Verdict.MORE;
  let from: u32 = 0;
  while (from + HEAD_BYTES <= size) {
    if (!isFrameHead(at + from)) return Verdict.NO;
    const payload = payloadBytes(at + from);
    const next = from + HEAD_BYTES + payload + 1;
    if (next > size) break;
    if (!isFrameEnd(at + next - 1)) return Verdict.NO;
    if (load<u8>(at + from) == Frame.METHOD) {
      if (payload < 4) return Verdict.NO;
      const sender = senderOf(u16be(at + from + HEAD_BYTES), u16be(at + from + HEAD_BYTES + 2));
      if (sender == Class.NONE || sender == (side ^ 1)) return Verdict.NO;
      if (sender == side) verdict = Verdict.YES;
    }
    from = next;
  }
  return from < size && load<u8>(at + from) > Frame.HEARTBEAT ? Verdict.NO : verdict;
}

/** "AMQP" and version 0-9-1, or one of those before that are framed alike; NO for AMQP 1.0, which is something else. */
export function looksLikeProtocol(at: usize, size: u32): u32 {
  for (let i: u32 = 0; i < min(size, 4); i++) if (load<u8>(at + i) != load<u8>(AMQP + i)) return Verdict.NO;
  if (size < PROTOCOL_BYTES) return Verdict.MORE;
  const version = u32be(at + 4);
  return version == 0x000901 || version == 0x01010009 || version == 0x01010901 ? Verdict.YES : Verdict.NO;
}
const AMQP = memory.data<u8>([0x41, 0x4d, 0x51, 0x50]);
export const PROTOCOL_BYTES: u32 = 8;
