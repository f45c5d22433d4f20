import { Text, bytesOf, lower, sizeOf, text } from "../../core/text";
import { BAD, count, readCount } from "./line";
import { Type } from "./types";

/** What an array says that may have come unasked: its first element has the name. */
export namespace Push {
  export const NONE: u32 = 0;
  /** A message of a channel, or a key that the client must forget. */
  export const MESSAGE: u32 = 1;
  /** "subscribe", "punsubscribe" and their like: one a channel. */
  export const CONFIRMATION: u32 = 2;
  /** More of it must be seen. */
  export const MORE: u32 = 3;
}

const MESSAGE = text("message");
const SUBSCRIBE = text("subscribe");
const INVALIDATE = text("invalidate");

/** What the array is that begins at `at`. */
export function pushOf(at: usize, size: u32): u32 {
  const line = readCount(at, size);
  if (!line) return Push.MORE;
  if (line == BAD || count < 1) return Push.NONE;
  if (line == size) return Push.MORE;
  if (load<u8>(at + line) != Type.BULK) return Push.NONE;
  const next = readCount(at + line, size - line);
  if (!next) return Push.MORE;
  if (next == BAD || count < 7 || count > 12) return Push.NONE;
  const name = at + line + next;
  const length = <u32>count;
  if (length > size - line - next) return Push.MORE;
  if (length <= 8 && endsWith(name, length, MESSAGE)) return Push.MESSAGE;
  if (endsWith(name, length, SUBSCRIBE)) return Push.CONFIRMATION;
  return endsWith(name, length, INVALIDATE) ? Push.MESSAGE : Push.NONE;
}

function endsWith(at: usize, size: u32, end: Text): bool {
  const length = sizeOf(end);
  if (size < length) return false;
  const from = at + size - length;
  for (let i: u32 = 0; i < length; i++) if (lower(load<u8>(from + i)) != load<u8>(bytesOf(end) + i)) return false;
  return true;
}
