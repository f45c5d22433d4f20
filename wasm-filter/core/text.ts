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
  return size == sizeOf(value) && memory.compare(at, bytesOf(value), size) == 0;
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
