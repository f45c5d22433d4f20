/**
 * Protocol Buffers wire format, written into memory that the caller provides and knows to be large enough
 * (https://protobuf.dev/programming-guides/encoding). Fields of value 0 are left out, as proto3 does.
 */
let at: usize = 0;

/** Starts writing at an address. */
export function writeTo(address: usize): void {
  at = address;
}

/** The address behind what was written. */
export function written(): usize {
  return at;
}

export function writeVarint(value: u64): void {
  while (value > 0x7f) {
    store<u8>(at++, (<u8>value) | 0x80);
    value >>= 7;
  }
  store<u8>(at++, <u8>value);
}

/** A uint32, uint64 or enum field. */
export function writeNumber(field: u32, value: u64): void {
  if (!value) return;
  writeVarint(field << 3);
  writeVarint(value);
}

/** A string or bytes field; an empty one is written too, for repeated fields. */
export function writeBytes(field: u32, from: usize, size: u32): void {
  writeVarint((field << 3) | 2);
  writeVarint(size);
  memory.copy(at, from, size);
  at += size;
}

/** Opens a nested message; close it with the value returned. */
export function openMessage(field: u32): usize {
  writeVarint((field << 3) | 2);
  at++;
  return at;
}

/** Closes a nested message: writes its size before it, for which it moves up where one byte does not do. */
export function closeMessage(start: usize): void {
  const size = <u32>(at - start);
  const extra = <u32>varintSize(size) - 1;
  if (extra) memory.copy(start + extra, start, size);
  at = start - 1;
  writeVarint(size);
  at = start + extra + size;
}

export function varintSize(value: u32): u32 {
  return (38 - clz(value | 1)) / 7;
}
