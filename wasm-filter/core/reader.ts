/**
 * Protocol Buffers wire format, read without trust: each function stops at the end given and says `failed` instead of
 * reading past it.
 */
let at: usize = 0;
let end: usize = 0;
let bad: bool = false;

/** Starts reading a message. */
export function readFrom(address: usize, size: u32): void {
  at = address;
  end = address + size;
  bad = false;
}

export function failed(): bool {
  return bad;
}

/** The next field's number, its wire type in the low three bits as they stand; 0 at the end or after a failure. */
export function nextTag(): u32 {
  if (bad || at >= end) return 0;
  const tag = readVarint();
  if (tag >> 3 == 0 || tag > 0xffffffff) return fail();
  return <u32>tag;
}

export function readVarint(): u64 {
  let value: u64 = 0;
  for (let shift: u64 = 0; shift < 64; shift += 7) {
    if (at >= end) return fail();
    const byte: u64 = load<u8>(at++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return fail();
}

/** A uint32, bool or enum; what is larger is taken for the largest. */
export function readNumber(): u32 {
  return <u32>min<u64>(readVarint(), u32.MAX_VALUE);
}

/** The size of a length-delimited field, whose bytes then lie at `readAt() - size`. */
export function readSize(): u32 {
  const size = readVarint();
  if (bad || size > <u64>(end - at)) return fail();
  at += <usize>size;
  return <u32>size;
}

export function readAt(): usize {
  return at;
}

/** Whether a message can be read to its end, to be asked before any of it takes effect. */
export function isReadable(address: usize, size: u32): bool {
  readFrom(address, size);
  for (let tag = nextTag(); tag; tag = nextTag()) skip(tag);
  return !bad;
}

/** Skips a field that this version does not know. */
export function skip(tag: u32): void {
  const type = tag & 7;
  if (type == 0) readVarint();
  else if (type == 2) readSize();
  else if (type == 1) advance(8);
  else if (type == 5) advance(4);
  else fail();
}

function advance(by: u32): void {
  if (<usize>by > end - at) fail();
  else at += by;
}

function fail(): u32 {
  bad = true;
  at = end;
  return 0;
}
