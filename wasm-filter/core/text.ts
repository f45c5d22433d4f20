/**
 * Byte strings in linear memory. A constant is a `Text`: the address of a length (u32) that its bytes follow.
 */
export type Text = usize;

/** Puts a constant of ASCII characters into memory. Only for global initialisers: its memory is never freed. */
export function text(value: string): Text {
  const size = value.length;
  const at = heap.alloc(4 + size);
  store<u32>(at, size);
  String.UTF8.encodeUnsafe(changetype<usize>(value), size, at + 4);
  return at;
}

export function sizeOf(value: Text): u32 {
  return load<u32>(value);
}

export function bytesOf(value: Text): usize {
  return value + 4;
}

/** Whether `size` bytes at `at` are exactly those of `value`. */
export function equals(at: usize, size: u32, value: Text): bool {
  return size == sizeOf(value) && isSame(at, bytesOf(value), size);
}

/**
 * Whether two runs of bytes are the same. Eight at a time wherever they lie, where memory.compare goes byte by byte as
 * soon as the two are aligned differently; the last eight may overlap those before.
 */
export function isSame(a: usize, b: usize, size: u32): bool {
  if (size < 8) {
    for (let i: u32 = 0; i < size; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
    return true;
  }
  const last = size - 8;
  for (let i: u32 = 0; i < last; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
  return load<u64>(a + last) == load<u64>(b + last);
}

/**
 * Copies a few bytes, eight at a time: memory.copy is a call out of the module, which costs more than so little is worth.
 * Up to seven bytes behind the copy are written too.
 */
export function copyRoughly(to: usize, from: usize, size: u32): void {
  for (let i: u32 = 0; i < size; i += 8) store<u64>(to + i, load<u64>(from + i));
}

/** Whether the bytes begin with `prefix`, upper and lower case ASCII letters being the same. `prefix` is lower case. */
export function startsWithIgnoringCase(at: usize, size: u32, prefix: Text): bool {
  const length = sizeOf(prefix);
  if (size < length) return false;
  for (let i: u32 = 0; i < length; i++) {
    if (lower(load<u8>(at + i)) != load<u8>(bytesOf(prefix) + i)) return false;
  }
  return true;
}

/** The lower case of an ASCII letter, every other byte as it is. */
export function lower(byte: u32): u32 {
  return byte - 65 < 26 ? byte | 0x20 : byte;
}

/** FNV-1a over eight bytes a step: good enough to spread keys of a table whose size is bounded. */
export function hash(at: usize, size: u32): u64 {
  let h: u64 = 0xcbf29ce484222325 ^ size;
  let i: u32 = 0;
  for (; i + 8 <= size; i += 8) {
    h = (h ^ load<u64>(at + i)) * 0x9e3779b97f4a7c15;
    h ^= h >> 29;
  }
  for (; i < size; i++) h = (h ^ load<u8>(at + i)) * 0x100000001b3;
  return h ^ (h >> 32);
}
