import { methodNumber } from "../../core/strings";
import { LAST_RPC_STATUS, RPC_UNKNOWN } from "../../core/rpc";
import { sizeOf, startsWithIgnoringCase, text } from "../../core/text";
import { Field, LONGEST_NAME, fieldNamed, isRead } from "./fields";
import { BAD_CODE, decodeHuffman } from "./huffman";
import {
  PATH_BYTES,
  TEXT_BYTES,
  Table,
  addEntry,
  find,
  forgetEntries,
  foundAt,
  foundField,
  foundName,
  foundSize,
  pathOf,
  textOf,
} from "./table";

/**
 * Reads header blocks (RFC 7541, 6), which may come in any pieces:
 *
 *     FIELD --1.......--> INDEX ---------------------------------------------------------------> FIELD
 *        |----01, 0000, 0001--> INDEX --0--> NAME -> NAME_SIZE -> NAME_TEXT --,
 *        |                        `----------------------------------------> VALUE -> VALUE_SIZE -> VALUE_TEXT -> FIELD
 *        `----001-----> INDEX, the size of the table ------------------------------------------> FIELD
 *
 * INDEX and the SIZEs are left out where the number is in the byte before, a text where it is empty.
 */
namespace Step {
  export const FIELD: u32 = 0;
  export const INDEX: u32 = 1;
  export const NAME: u32 = 2;
  export const NAME_SIZE: u32 = 3;
  export const NAME_TEXT: u32 = 4;
  export const VALUE: u32 = 5;
  export const VALUE_SIZE: u32 = 6;
  export const VALUE_TEXT: u32 = 7;
}

/** How a field is written: which is also what its first number means. */
namespace Form {
  export const LITERAL: u32 = 0;
  export const ADDED: u32 = 1;
  export const INDEXED: u32 = 2;
  export const TABLE_SIZE: u32 = 3;
}

/** What is known of a block beside its fields. */
export namespace Said {
  /** Some of its fields are not known. */
  export const UNKNOWN: u32 = 1;
  /** Its content type is that of gRPC. */
  export const RPC: u32 = 2;
  export const RPC_STATUS: u32 = 4;
  /** It has a content type, of whatever kind. */
  export const TYPE: u32 = 8;
  /** Its sender says to be a prober of Kubernetes. */
  export const PROBE: u32 = 16;
}

const GRPC = text("application/grpc");
const KUBE_PROBE = text("kube-probe/");
/** Of a number that takes more than four bytes nothing good can come. */
const MOST_SHIFT: u32 = 21;
const decoded = memory.data(1280, 8);

/** A block begins. */
export function startFields(table: Table): void {
  table.step = <u8>Step.FIELD;
  table.said = 0;
  table.method = 0;
  table.status = 0;
  table.pathSize = 0;
  table.rpcStatus = 0;
}

/** Whether a block may end here. */
export function isBetweenFields(table: Table): bool {
  return table.step == Step.FIELD;
}

/** Reads the next piece of a block; false where it is none. */
export function readFields(table: Table, at: usize, size: u32): bool {
  const end = at + size;
  while (at < end) {
    const step: u32 = table.step;
    if (step == Step.NAME_TEXT || step == Step.VALUE_TEXT) {
      const piece = min(table.left, <u32>(end - at));
      keepText(table, at, piece);
      at += piece;
      table.left -= piece;
      if (!table.left && !endText(table)) return false;
    } else if (!readByte(table, load<u8>(at++))) {
      return false;
    }
  }
  return true;
}

function readByte(table: Table, byte: u32): bool {
  switch (<u32>table.step) {
    case Step.FIELD:
      return startField(table, byte);
    case Step.NAME:
    case Step.VALUE:
      table.isHuffman = <u8>(byte >> 7);
      return startNumber(table, byte & 127, 127);
    default:
      return readNumber(table, byte);
  }
}

function startField(table: Table, byte: u32): bool {
  let form = Form.LITERAL;
  let most: u32 = 15;
  if (byte & 0x80) {
    form = Form.INDEXED;
    most = 127;
  } else if (byte & 0x40) {
    form = Form.ADDED;
    most = 63;
  } else if (byte & 0x20) {
    form = Form.TABLE_SIZE;
    most = 31;
  }
  table.form = <u8>form;
  return startNumber(table, byte & most, most);
}

/** Numbers below `most` are complete (RFC 7541, 5.1). */
function startNumber(table: Table, value: u32, most: u32): bool {
  table.number = value;
  if (value < most) return endNumber(table);
  table.shift = 0;
  table.step = <u8>(table.step + 1);
  return true;
}

function readNumber(table: Table, byte: u32): bool {
  if (table.shift > MOST_SHIFT) return false;
  table.number += (byte & 127) << table.shift;
  table.shift += 7;
  return byte & 0x80 ? true : endNumber(table);
}

function endNumber(table: Table): bool {
  const step: u32 = table.step;
  if (step <= Step.INDEX) return endIndex(table);
  table.left = table.number;
  table.kept = 0;
  table.step = <u8>(step <= Step.NAME_SIZE ? Step.NAME_TEXT : Step.VALUE_TEXT);
  return table.left ? true : endText(table);
}

function endIndex(table: Table): bool {
  const index = table.number;
  const form: u32 = table.form;
  if (form == Form.TABLE_SIZE) {
    table.limit = index;
    if (!index) forgetEntries(table);
    table.step = <u8>Step.FIELD;
    return true;
  }
  if (!index) {
    table.step = <u8>Step.NAME;
    return form != Form.INDEXED;
  }
  find(table, index);
  table.field = <u8>foundField;
  table.nameBytes = foundName;
  if (form == Form.INDEXED) {
    take(table, foundAt, foundSize);
    table.step = <u8>Step.FIELD;
  } else {
    table.step = <u8>Step.VALUE;
  }
  return true;
}

/** Keeps of a text what may be read of it. */
function keepText(table: Table, at: usize, size: u32): void {
  const isValueRead = isRead(table.field) || table.field == Field.USER_AGENT;
  const isWanted = table.step == Step.NAME_TEXT ? table.number <= LONGEST_NAME : isValueRead;
  if (!isWanted) return;
  const step = min(size, TEXT_BYTES - table.kept);
  memory.copy(textOf(table) + table.kept, at, step);
  table.kept += step;
}

function endText(table: Table): bool {
  let at = textOf(table);
  let size = table.kept;
  if (table.isHuffman && size) {
    size = decodeHuffman(at, size, decoded);
    at = decoded;
    if (size == BAD_CODE) return false;
  }
  if (table.step == Step.NAME_TEXT) {
    table.field = <u8>fieldNamed(at, size);
    table.nameBytes = mostBytes(table);
    table.step = <u8>Step.VALUE;
    return true;
  }
  size = min(size, TEXT_BYTES);
  take(table, at, size);
  const keptBytes = isRead(table.field) ? size : 0;
  if (table.form == Form.ADDED) addEntry(table, at, keptBytes, <u64>table.nameBytes + mostBytes(table));
  table.step = <u8>Step.FIELD;
  return true;
}

/** How many bytes the text may have that `number` bytes stand for. */
function mostBytes(table: Table): u32 {
  return table.isHuffman ? (table.number * 8) / 5 : table.number;
}

/** Takes the value of a field. */
function take(table: Table, at: usize, size: u32): void {
  switch (<u32>table.field) {
    case Field.METHOD:
      table.method = <u16>methodNumber(at, size);
      break;
    case Field.PATH:
      table.pathSize = <u16>min(size, PATH_BYTES);
      memory.copy(pathOf(table), at, table.pathSize);
      break;
    case Field.STATUS:
      table.status = size == 3 ? <u16>readDecimal(at, size) : 0;
      if (table.status > 999) table.status = 0;
      break;
    case Field.CONTENT_TYPE:
      table.said |= <u8>Said.TYPE;
      if (isGrpc(at, size)) table.said |= <u8>Said.RPC;
      break;
    case Field.GRPC_STATUS:
      table.said |= <u8>Said.RPC_STATUS;
      table.rpcStatus = size && size < 4 ? min(readDecimal(at, size), LAST_RPC_STATUS + 1) : LAST_RPC_STATUS + 1;
      if (table.rpcStatus > LAST_RPC_STATUS) table.rpcStatus = RPC_UNKNOWN;
      break;
    case Field.USER_AGENT:
      if (startsWithIgnoringCase(at, size, KUBE_PROBE)) table.said |= <u8>Said.PROBE;
      break;
    case Field.UNKNOWN:
      table.said |= <u8>Said.UNKNOWN;
      break;
  }
}

/** "application/grpc", "application/grpc+proto"; "application/grpc-web" is another protocol, whose status is in its body. */
function isGrpc(at: usize, size: u32): bool {
  return startsWithIgnoringCase(at, size, GRPC) && (size == sizeOf(GRPC) || load<u8>(at + sizeOf(GRPC)) != 0x2d);
}

/** The number that at most four digits stand for; one out of range where they are none. */
function readDecimal(at: usize, size: u32): u32 {
  let value: u32 = 0;
  for (let i: u32 = 0; i < size; i++) {
    const digit = <u32>load<u8>(at + i) - 48;
    if (digit > 9) return 0xffff;
    value = value * 10 + digit;
  }
  return value;
}
