import { SLACK, UNPACKED_BYTES } from "./limits";

/**
 * Where compressed content is unpacked, as far as there is room: it is looked at at once, and not kept. What is compressed well
 * costs no more than what fits.
 */
const buffer: usize = heap.alloc(UNPACKED_BYTES + SLACK);
const end: usize = buffer + UNPACKED_BYTES;
let at: usize = buffer;

export function startUnpacked(): void {
  at = buffer;
}

export function unpackedAt(): usize {
  return buffer;
}

export function unpackedBytes(): u32 {
  return <u32>(at - buffer);
}

export function isUnpackedFull(): bool {
  return at == end;
}

export function putByte(byte: u32): void {
  if (at < end) store<u8>(at++, <u8>byte);
}

export function putBytes(from: usize, size: u32): void {
  const step = min<usize>(size, end - at);
  memory.copy(at, from, step);
  at += step;
}

/** Repeats what was unpacked `distance` bytes ago; false where that is before its beginning. */
export function repeat(distance: u32, size: u32): bool {
  if (!distance || distance > unpackedBytes()) return false;
  for (let step = min<usize>(size, end - at); step; step--) {
    store<u8>(at, load<u8>(at - distance));
    at++;
  }
  return true;
}
