import { Loss, lose } from "./losses";
import { MAX_STRING } from "./limits";

const buffer = memory.data(256, 8);
let length: u32 = 0;

/**
 * Copies a value that came from outside into a buffer of this module: at most MAX_STRING bytes, control characters and
 * everything that is not UTF-8 replaced by "?". The result lies at `cleanAt` and is good until the next call.
 *
 * @returns the size of the cleaned value
 */
export function clean(at: usize, size: u32): u32 {
  if (size <= MAX_STRING && isPrintable(at, size)) {
    memory.copy(buffer, at, size);
    length = size;
    return size;
  }
  length = 0;
  const end = at + size;
  while (at < end) {
    const sequence = utf8Length(at, <u32>(end - at));
    const step = sequence ? sequence : 1;
    if (length + step > MAX_STRING) {
      lose(Loss.VALUES_CUT);
      break;
    }
    if (sequence) memory.copy(buffer + length, at, step);
    else store<u8>(buffer + length, 63);
    length += step;
    at += step;
  }
  return length;
}

/** Whether all bytes are printable ASCII, as those of nearly every value are. Looks at eight at a time. */
function isPrintable(at: usize, size: u32): bool {
  if (size < 8) {
    for (let i: u32 = 0; i < size; i++) if (<u32>load<u8>(at + i) - 0x20 > 0x5e) return false;
    return true;
  }
  const last = size - 8;
  for (let i: u32 = 0; i < last; i += 8) if (hasUnprintable(load<u64>(at + i))) return false;
  return !hasUnprintable(load<u64>(at + last));
}

/**
 * Whether one of eight bytes is below 0x20 or above 0x7e: its highest bit is set, or becomes so when 1 is added or 0x20
 * taken away. What is carried from one byte to the next comes only from a byte that is itself unprintable.
 */
function hasUnprintable(eight: u64): bool {
  return ((eight | (eight + 0x0101010101010101) | (eight - 0x2020202020202020)) & 0x8080808080808080) != 0;
}

/** Where the last cleaned value lies. */
export function cleanAt(): usize {
  return buffer;
}

/** Makes the cleaned value lower case, as host names are compared. */
export function cleanToLower(): void {
  for (let i: u32 = 0; i < length; i++) {
    const byte = load<u8>(buffer + i);
    if (byte - 65 < 26) store<u8>(buffer + i, byte | 0x20);
  }
}

/** Bytes of the printable UTF-8 sequence at `at` (RFC 3629: no overlong forms, no surrogates), 0 where there is none. */
export function utf8Length(at: usize, available: u32): u32 {
  const first: u32 = load<u8>(at);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  if (first < 0xc2 || first > 0xf4) return 0;
  const size: u32 = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (size > available) return 0;
  const second: u32 = load<u8>(at + 1);
  let low: u32 = 0x80;
  let high: u32 = 0xbf;
  if (first == 0xe0) low = 0xa0;
  else if (first == 0xed) high = 0x9f;
  else if (first == 0xf0) low = 0x90;
  else if (first == 0xf4) high = 0x8f;
  if (second < low || second > high) return 0;
  for (let i: u32 = 2; i < size; i++) {
    if ((load<u8>(at + i) & 0xc0) != 0x80) return 0;
  }
  return size;
}
