import { KeyTable } from "./key-table";
import { MAX_STRINGS, STRING_BYTES } from "./limits";
import { Text, bytesOf, hash, isSame, sizeOf, text } from "./text";

/**
 * Interned strings: each distinct one is kept once and known by a number below MAX_STRINGS. Number 0 is the empty
 * string. Callers pass at most MAX_STRING bytes of valid UTF-8 (clean.ts).
 *
 *     places  (u32 offset, u32 size) x MAX_STRINGS
 *     bytes   one after the other, in the order of the numbers
 */
const table = new KeyTable<u64>(memory.data(MAX_STRINGS * 12, 8), MAX_STRINGS);
const places = memory.data(MAX_STRINGS * 8, 8);
const bytes = memory.data(STRING_BYTES, 8);
let used: u32 = 0;

/** The number of a string, or -1 when it is new and there is no room for it. */
export function intern(at: usize, size: u32): i32 {
  let key = hash(at, size);
  let number = table.find(key);
  while (number >= 0) {
    if (stringSize(number) == size && isSame(stringAt(number), at, size)) return number;
    number = table.find(++key);
  }
  if (table.size == MAX_STRINGS || used + size > STRING_BYTES) return -1;
  const place = places + ((<usize>table.size) << 3);
  store<u32>(place, used);
  store<u32>(place, size, 4);
  memory.copy(bytes + used, at, size);
  used += size;
  return table.add(key);
}

/** Interns a constant. Only while the tables are built: then there is room. */
export function internText(value: Text): u32 {
  return <u32>intern(bytesOf(value), sizeOf(value));
}

export function stringAt(number: u32): usize {
  return bytes + load<u32>(places + ((<usize>number) << 3));
}

export function stringSize(number: u32): u32 {
  return load<u32>(places + ((<usize>number) << 3), 4);
}

/** Whether new strings may soon be refused. */
export function stringsUnderPressure(): bool {
  return table.size > (MAX_STRINGS / 4) * 3 || used > (STRING_BYTES / 4) * 3;
}

/**
 * Keeps the strings whose entry in `renumbering` (u16 a string) is not 0, and the fixed ones; writes the new numbers
 * there. New numbers are never above the old ones, so everything moves down in place.
 */
export function compactStrings(renumbering: usize): void {
  const before = table.size;
  table.clear();
  used = 0;
  for (let number: u32 = 0; number < before; number++) {
    const mark = renumbering + ((<usize>number) << 1);
    if (number >= FIXED_STRINGS && !load<u16>(mark)) continue;
    store<u16>(mark, <u16>moveDown(stringAt(number), stringSize(number)));
  }
}

function moveDown(at: usize, size: u32): u32 {
  let key = hash(at, size);
  while (table.find(key) >= 0) key++;
  memory.copy(bytes + used, at, size);
  const place = places + ((<usize>table.size) << 3);
  store<u32>(place, used);
  store<u32>(place, size, 4);
  used += size;
  return table.add(key);
}

/** The empty string. */
export const EMPTY: u32 = internText(text(""));
/** What is counted where a table is full, or where a client could otherwise mint names. */
export const OTHER: u32 = internText(text("~other"));
/** Methods of RFC 9110 and RFC 5789; every other one is OTHER. */
const FIRST_METHOD: u32 = internText(text("GET"));
internText(text("HEAD"));
internText(text("POST"));
internText(text("PUT"));
internText(text("DELETE"));
internText(text("OPTIONS"));
internText(text("PATCH"));
internText(text("TRACE"));
export const CONNECT: u32 = internText(text("CONNECT"));
const FIXED_STRINGS: u32 = CONNECT + 1;

/** The number of an HTTP method's name. */
export function methodNumber(at: usize, size: u32): u32 {
  for (let number = FIRST_METHOD; number < FIXED_STRINGS; number++) {
    if (stringSize(number) == size && isSame(stringAt(number), at, size)) return number;
  }
  return OTHER;
}
