import { Flow, skip } from "../../packet/flow";
import { NONE, contentLength, isChunked, lineEnd } from "./head";
import { hexValue } from "../../core/routes/path";

/**
 * Where one side of a connection is within its messages.
 *
 *     HEAD --head--> (no body) ------------------------------> HEAD
 *        |---------> SIZED -------the bytes have passed------> HEAD
 *        |---------> CHUNK --"0"--> TRAILER ---empty line----> HEAD
 *        |            | ^----------------,
 *        |            `--size--> CHUNK_DATA
 *        |---------> UNTIL_CLOSE
 *        |---------> EXPECT --100, or bytes-----------------> the body, or the next HEAD (expectation.ts)
 *        `-too long-> LONG_HEAD --empty line--> HEAD, or the body
 *
 *     a gap, or what is no message: LOST --a segment that begins with a message--> HEAD
 */
export namespace Phase {
  export const HEAD: u32 = 0;
  export const SIZED: u32 = 1;
  export const CHUNK: u32 = 2;
  export const CHUNK_DATA: u32 = 3;
  export const TRAILER: u32 = 4;
  export const UNTIL_CLOSE: u32 = 5;
  export const LONG_HEAD: u32 = 6;
  export const LOST: u32 = 7;
  /** The client has announced a body, and may wait for a word before it sends it. */
  export const EXPECT: u32 = 8;
}

/** What is known of one side. Two of them are the state of a flow. */
@unmanaged
export class Message {
  phase: u8;
  /** Of a client: whether it sends requests before the answers came. Of a server: whether an answer may have been missed. */
  flag: u8;
  /** Of the answer that is under way. */
  status: u16;
  filler: u32;
  /** The body that is yet to come: that of a head too long to be read at once, or one that is EXPECT. */
  bodyBytes: u64;
}

/** A line of a chunked body that is longer is none. */
const LONGEST_LINE: u32 = 4096;

/** In place of the bytes of a body of which its chunks alone say where it ends. */
export const IN_CHUNKS: u64 = u64.MAX_VALUE;

/** The bytes of the body that the last head announced, or IN_CHUNKS. */
export function announcedBody(): u64 {
  if (isChunked) return IN_CHUNKS;
  return contentLength == NONE ? 0 : contentLength;
}

/** Lets a body of so many bytes begin, or IN_CHUNKS; true where there is none, and the message is complete. */
export function beginBody(message: Message, flow: Flow, side: u32, bytes: u64): bool {
  if (bytes == IN_CHUNKS) {
    message.phase = <u8>Phase.CHUNK;
    return false;
  }
  if (!bytes) {
    message.phase = <u8>Phase.HEAD;
    return true;
  }
  message.phase = <u8>Phase.SIZED;
  skip(flow, side, bytes);
  return false;
}

/** The message that `readBody` read is complete: phase is HEAD. LOST where it is no body of HTTP. */
export function readBody(message: Message, flow: Flow, side: u32, at: usize): u32 {
  const size = bodySize;
  switch (<u32>message.phase) {
    case Phase.SIZED:
      message.phase = <u8>Phase.HEAD;
      return 0;
    case Phase.CHUNK_DATA:
      message.phase = <u8>Phase.CHUNK;
      return size ? readChunkSize(message, flow, side, at) : 0;
    case Phase.CHUNK:
      return readChunkSize(message, flow, side, at);
    case Phase.TRAILER:
      return readTrailer(message, at);
    default:
      return size;
  }
}

/** How many bytes `readBody` may read. */
export let bodySize: u32 = 0;
export function setBodySize(size: u32): void {
  bodySize = size;
}

function readChunkSize(message: Message, flow: Flow, side: u32, at: usize): u32 {
  const end = lineEnd(at, bodySize);
  if (!end) {
    if (bodySize > LONGEST_LINE) message.phase = <u8>Phase.LOST;
    return 0;
  }
  let bytes: u64 = 0;
  let from = at;
  for (; from < end && from < at + 15; from++) {
    const digit = hexValue(load<u8>(from));
    if (digit > 15) break;
    bytes = (bytes << 4) | digit;
  }
  if (from == at) {
    message.phase = <u8>Phase.LOST;
    return 0;
  }
  if (bytes) {
    // The line end behind the data is one of two kinds: that of the size says which.
    skip(flow, side, bytes + 1 + u64(load<u8>(end - 1) == 13));
    message.phase = <u8>Phase.CHUNK_DATA;
  } else {
    message.phase = <u8>Phase.TRAILER;
  }
  return <u32>(end + 1 - at);
}

function readTrailer(message: Message, at: usize): u32 {
  const end = lineEnd(at, bodySize);
  if (!end) return 0;
  const length = <u32>(end - at);
  if (!length || (length == 1 && load<u8>(at) == 13)) message.phase = <u8>Phase.HEAD;
  return <u32>(end + 1 - at);
}
