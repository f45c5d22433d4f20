import { Outcome } from "../../core/counters";
import { Exchange, countUntimed, newest } from "../../packet/exchanges";
import { Flow } from "../../packet/flow";
import { streamMicros } from "../../packet/stream-time";
import { text } from "../../core/text";
import { Read, Type, elementBytes, elementType, nameAt, nameSize, readElement, valueAt } from "./bson";
import {
  GET_MORE,
  LONGEST_COLLECTION,
  addCollection,
  askCommand,
  isCollection,
  isGetMore,
  isWrapper,
  startCommand,
  startCommandNamed,
  takesCollection,
} from "./commands";
import { Op } from "./message";
import { Known, Part, Phase } from "./part";

/** Of an exchange: it is a command, whose answer says whether it succeeded; others are answered with what was stored. */
export namespace Tag {
  export const FIND: u32 = 0;
  export const COMMAND: u32 = 1;
}

const FIND = text("find");
const INSERT = text("insert");
const UPDATE = text("update");
const DELETE = text("delete");
const KILL_CURSORS = text("killCursors");
const COMMANDS = text("$cmd");

/** What is in front of a document of OP_QUERY behind its collection. */
const QUERY_NUMBERS: u32 = 8;
const LONGEST_NAME: u32 = 300;

/** How a step of reading a message went on; otherwise it is the bytes that it took. */
export const WAIT: u32 = u32.MAX_VALUE;
export const REST: u32 = u32.MAX_VALUE - 1;

/** The request is in the queue from here on. */
export function askNow(flow: Flow, part: Part, tag: u32): void {
  askCommand(flow, tag, part.id);
  part.known |= <u8>Known.ASKED;
}

/** Reads the flags and the collection, with its database, of OP_QUERY and its like. */
export function readCollection(flow: Flow, part: Part, at: usize, size: u32): u32 {
  const there = min(size, part.left);
  let dot: u32 = 0;
  let end: u32 = 4;
  while (end < there && load<u8>(at + end)) {
    if (!dot && load<u8>(at + end) == 0x2e) dot = end;
    end++;
  }
  if (end >= there) return there == part.left || there > LONGEST_NAME ? REST : WAIT;
  const name = at + dot + 1;
  const length = dot ? end - dot - 1 : 0;
  const opcode = part.opcode;
  if (opcode == Op.QUERY && isCommand(name, length)) {
    part.phase = <u8>Phase.BODY;
    // The flags, the name and its end, two numbers, and the document's length.
    return end + 1 + QUERY_NUMBERS + 4;
  }
  startCommandNamed(nameOf(opcode));
  if (length) addCollection(name, length);
  if (opcode != Op.QUERY && opcode != Op.GET_MORE) part.known |= <u8>Known.UNANSWERED;
  askNow(flow, part, Tag.FIND);
  return REST;
}

/** "$cmd", and "$cmd.sys.inprog" of old shells. */
function isCommand(at: usize, size: u32): bool {
  return size >= 4 && load<u32>(at) == load<u32>(COMMANDS + 4) && (size == 4 || load<u8>(at, 4) == 0x2e);
}

function nameOf(opcode: u32): usize {
  switch (opcode) {
    case Op.QUERY:
      return FIND;
    case Op.GET_MORE:
      return GET_MORE;
    case Op.INSERT:
      return INSERT;
    case Op.UPDATE:
      return UPDATE;
    default:
      return DELETE;
  }
}

export function askKillCursors(flow: Flow, part: Part): void {
  startCommandNamed(KILL_CURSORS);
  part.known |= <u8>Known.UNANSWERED;
  askNow(flow, part, Tag.FIND);
}

/** Reads an element of a command: its first says which it is. */
export function readCommand(flow: Flow, part: Part, at: usize, size: u32): u32 {
  const read = readElement(at, size, part.left);
  if (read == Read.MORE) return WAIT;
  if (read == Read.BAD || elementType == Type.END) return REST;
  if (part.known & Known.GET_MORE) {
    if (!isCollection(nameAt, nameSize)) return elementBytes;
    return nameCommand(flow, part, at + size);
  }
  if (isGetMore(nameAt, nameSize)) {
    part.known |= <u8>Known.GET_MORE;
    return elementBytes;
  }
  if (elementType == Type.DOCUMENT && isWrapper(nameAt, nameSize)) return nameSize + 2 + 4;
  return nameCommand(flow, part, at + size);
}

/** Asks with the command, whose collection is the value of the element, where it is one. */
function nameCommand(flow: Flow, part: Part, end: usize): u32 {
  const isString = elementType == Type.STRING;
  const length = isString ? load<u32>(valueAt) : 0;
  const isShort = length - 1 <= LONGEST_COLLECTION;
  if (isString && isShort && end < valueAt + 4 + length) return WAIT;
  if (part.known & Known.GET_MORE) startCommandNamed(GET_MORE);
  else if (!startCommand(nameAt, nameSize)) return REST;
  if (isString && isShort && takesCollection()) addCollection(valueAt + 4, length - 1);
  askNow(flow, part, Tag.COMMAND);
  return REST;
}

/** The last byte of a request has come. */
export function endRequest(flow: Flow, part: Part): void {
  if (!(part.known & Known.ASKED)) {
    if (part.known & Known.GET_MORE) startCommandNamed(GET_MORE);
    askNow(flow, part, Tag.COMMAND);
  }
  const exchange: Exchange | null = newest(flow);
  if (!exchange || exchange.id != part.id) return;
  exchange.micros = streamMicros;
  if (part.known & Known.UNANSWERED) countUntimed(flow, exchange, Outcome.SUCCESS);
}
