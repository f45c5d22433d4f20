import { bytesOf, text } from "../../core/text";
import { Field, isRead } from "./fields";

/**
 * The table of header fields that one direction's header blocks refer to (RFC 7541, 2.3): a fixed part, and the fields that
 * the sender added. Of these the newest is the first, so an index means the same whatever older ones were evicted, and
 * nothing need be evicted here: a sender does not refer to what is gone. What was added before we looked, and what found no
 * room, is unknown, and never taken for something else.
 *
 *     Table | text (header-block.ts) | path | entries, a ring of 8 bytes each | values, a ring of bytes
 */
export const TEXT_BYTES: u32 = 768;
export const PATH_BYTES: u32 = 768;
const MAX_ENTRIES: u32 = 256;
const VALUE_BYTES: u32 = 4096;
/** Of both directions: they share a block. */
export const TABLE_BYTES: usize = 8192;
/** SETTINGS_HEADER_TABLE_SIZE until the sender says otherwise. */
export const DEFAULT_LIMIT: u32 = 4096;

const TABLE_HEAD: usize = 64;
const PATHS: usize = TABLE_HEAD + TEXT_BYTES;
const ENTRIES: usize = PATHS + PATH_BYTES;
const VALUES: usize = ENTRIES + MAX_ENTRIES * 8;

/** What is known of one direction: its table, the field that is being read (header-block.ts), what the block says. */
@unmanaged
export class Table {
  /** Entries added ever, how many of them are known, bytes of values written ever, the size that the sender keeps to. */
  added: u32;
  known: u32;
  written: u32;
  limit: u32;
  /** The field that is being read. */
  number: u32;
  left: u32;
  kept: u32;
  nameBytes: u32;
  step: u8;
  shift: u8;
  field: u8;
  form: u8;
  isHuffman: u8;
  /** What the block says, as bits (Said). */
  said: u8;
  method: u16;
  status: u16;
  pathSize: u16;
  rpcStatus: u32;
}

@unmanaged
class Entry {
  /** Bytes written ever when its value was. */
  at: u32;
  size: u16;
  field: u8;
  /** Bytes of its name; 255 may be more. */
  nameBytes: u8;
}

export function textOf(table: Table): usize {
  return changetype<usize>(table) + TABLE_HEAD;
}

export function pathOf(table: Table): usize {
  return changetype<usize>(table) + PATHS;
}

export function startTable(table: Table): void {
  memory.fill(changetype<usize>(table), 0, TABLE_HEAD);
  table.limit = DEFAULT_LIMIT;
}

/** Entries may have been added that were not seen. */
export function forgetEntries(table: Table): void {
  table.known = 0;
}

/** What the entry that was found last says: its field, its value, and how long its name is. */
export let foundField: u32 = 0;
export let foundAt: usize = 0;
export let foundSize: u32 = 0;
export let foundName: u32 = 0;

const FIXED: u32 = 61;
const LONGEST_FIXED_NAME: u32 = 27;
/** Values of the fixed entries that are read, one after the other. */
const VALUES_FIXED = text("GETPOST/index.html200204206304400404500");

/** Finds an entry by its index, which is not 0. */
export function find(table: Table, index: u32): void {
  if (index <= FIXED) return findFixed(index);
  const back = index - FIXED;
  foundField = Field.UNKNOWN;
  foundName = 0;
  if (back > table.known) return;
  const entry = entryAt(table, table.added - back);
  foundName = entry.nameBytes;
  // A value that others were written over is not known any more, though its name is.
  if (isRead(entry.field) && table.written - entry.at > VALUE_BYTES) return;
  foundField = entry.field;
  foundAt = valueAt(table, entry.at);
  foundSize = entry.size;
}

function findFixed(index: u32): void {
  foundName = LONGEST_FIXED_NAME;
  foundField = Field.OTHER;
  foundSize = 0;
  if (index == 2 || index == 3) found(Field.METHOD, index == 2 ? 0 : 3, index + 1);
  else if (index == 4 || index == 5) found(Field.PATH, 7, index == 4 ? 1 : 11);
  else if (index >= 8 && index <= 14) found(Field.STATUS, 18 + 3 * (index - 8), 3);
  else if (index == 31) foundField = Field.CONTENT_TYPE;
  else if (index == 58) foundField = Field.USER_AGENT;
}

function found(field: u32, from: u32, size: u32): void {
  foundField = field;
  foundAt = bytesOf(VALUES_FIXED) + from;
  foundSize = size;
}

/** Adds an entry. `bytes` is how many its name and value may have at most, by which it may be too large for the table. */
export function addEntry(table: Table, at: usize, size: u32, bytes: u64): void {
  // Then the table is empty (RFC 7541, 4.4). Where it did fit after all, what is forgotten is unknown and not wrong.
  if (bytes + 32 > table.limit) return forgetEntries(table);
  const entry = entryAt(table, table.added++);
  table.known = min(table.known + 1, MAX_ENTRIES);
  // A value lies in one piece.
  const room = VALUE_BYTES - (table.written & (VALUE_BYTES - 1));
  if (room < size) table.written += room;
  entry.at = table.written;
  entry.size = <u16>size;
  entry.field = table.field;
  entry.nameBytes = <u8>min<u32>(table.nameBytes, 255);
  memory.copy(valueAt(table, table.written), at, size);
  table.written += size;
}

function entryAt(table: Table, number: u32): Entry {
  return changetype<Entry>(changetype<usize>(table) + ENTRIES + <usize>(number & (MAX_ENTRIES - 1)) * 8);
}

function valueAt(table: Table, written: u32): usize {
  return changetype<usize>(table) + VALUES + (written & (VALUE_BYTES - 1));
}
