import { Place, Verdict, place } from "../../packet/parsers";
import { MAX_NAME } from "./conversation";
import { BAD, count, lineSize, readCount } from "./line";
import { copyName, isModuleName, kindOfName } from "./names";
import { Push, pushOf } from "./pushes";
import { Form, Type, formOf } from "./types";

/**
 * Redis is told by its first command. An array of bulk strings whose first one is a command says it alone; a line of words
 * (inline) could be of many protocols, and says it together with its reply.
 */

const name = memory.data(64, 8);
/** So many elements of a command are looked at: all of them must be bulk strings. */
const LOOKED_AT: u32 = 4;
/** So much of an inline command must look like one. */
export const INLINE_BYTES: u32 = 1024;

export function detect(client: usize, clientSize: u32, server: usize, serverSize: u32): u32 {
  if (!clientSize) return detectServer(server, serverSize);
  if (load<u8>(client) == Type.ARRAY) {
    const verdict = looksLikeCommand(client, clientSize);
    return verdict == UNKNOWN ? replyDecides(server, serverSize, true) : verdict;
  }
  if (place == Place.LATER) return Verdict.NO;
  const verdict = looksLikeInline(client, clientSize);
  if (verdict == Verdict.YES) return replyDecides(server, serverSize, true);
  return verdict == UNKNOWN ? replyDecides(server, serverSize, false) : verdict;
}

/** Only who has subscribed is told something unasked. */
function detectServer(at: usize, size: u32): u32 {
  const type: u32 = load<u8>(at);
  if ((type == Type.ARRAY || type == Type.PUSH) && pushOf(at, size) == Push.MESSAGE) return Verdict.YES;
  // Servers of other protocols greet with a line of the same form (POP3); one of Redis waits to be asked.
  if (place != Place.MIDWAY) return Verdict.NO;
  return looksLikeReply(at, size) == Verdict.NO ? Verdict.NO : Verdict.MORE;
}

/** @param isClear Whether there is little doubt without the reply. */
function replyDecides(at: usize, size: u32, isClear: bool): u32 {
  if (!size) return Verdict.MORE;
  const type: u32 = load<u8>(at);
  // A word behind "+" or "-" is said by other protocols too.
  if (!isClear && (type == Type.SIMPLE || type == Type.ERROR)) return Verdict.NO;
  return looksLikeReply(at, size);
}

/** Formed like a command, of which nobody knows whether there is such a one. */
const UNKNOWN: u32 = 3;

/** Whether an array is a command: a Verdict or UNKNOWN. */
export function looksLikeCommand(at: usize, size: u32): u32 {
  let used = readCount(at, size);
  if (!used) return Verdict.MORE;
  if (used == BAD || count < 1) return Verdict.NO;
  const elements = min<i64>(count, LOOKED_AT);
  let verdict: u32 = Verdict.MORE;
  for (let i: i64 = 0; i < elements && used < size; i++) {
    if (load<u8>(at + used) != Type.BULK) return Verdict.NO;
    const line = readCount(at + used, size - used);
    if (line == BAD || (line && count < 0)) return Verdict.NO;
    if (!line) break;
    used += line;
    if (i == 0) verdict = verdictOfName(at + used, size - used, count);
    if (verdict == Verdict.NO || verdict == Verdict.MORE) break;
    if (count + 2 > <i64>(size - used)) break;
    used += <u32>count + 2;
  }
  return verdict;
}

function verdictOfName(at: usize, size: u32, length: i64): u32 {
  if (length < 1 || length > <i64>MAX_NAME) return Verdict.NO;
  if (<i64>size < length) return Verdict.MORE;
  return isCommand(at, <u32>length) ? Verdict.YES : UNKNOWN;
}

function isCommand(at: usize, size: u32): bool {
  if (!copyName(name, at, size)) return false;
  return kindOfName(name, size) >= 0 || isModuleName(name, size);
}

/** Whether a line is an inline command: a Verdict or UNKNOWN. */
export function looksLikeInline(at: usize, size: u32): u32 {
  let word: u32 = 0;
  while (word < size && <u32>load<u8>(at + word) - 33 < 94) word++;
  if (!word || word > MAX_NAME) return Verdict.NO;
  const line = lineSize(at, size);
  const end = min(line ? line : size, INLINE_BYTES);
  for (let i = word; i < end; i++) {
    const byte: u32 = load<u8>(at + i);
    if (byte < 32 && byte != 13 && byte != 10 && byte != 9) return Verdict.NO;
  }
  if (!line) return Verdict.MORE;
  return isCommand(at, word) ? Verdict.YES : UNKNOWN;
}

/** Whether a reply begins with these bytes. */
export function looksLikeReply(at: usize, size: u32): u32 {
  const type: u32 = load<u8>(at);
  const form = formOf(type);
  if (form == Form.NONE) return Verdict.NO;
  if (form == Form.LINE) return looksLikeLine(type, at, size);
  const line = readCount(at, size);
  if (!line) return Verdict.MORE;
  if (line == BAD) return Verdict.NO;
  if (line == size) return count < 1 ? Verdict.YES : Verdict.MORE;
  if (form == Form.AGGREGATE) return count < 1 || formOf(load<u8>(at + line)) ? Verdict.YES : Verdict.NO;
  return count < 0 || bulkEnds(at + line, size - line) ? Verdict.YES : Verdict.NO;
}

/** Whether the end of the bulk string, where it is there, is what it must be. */
function bulkEnds(at: usize, size: u32): bool {
  return count + 2 > <i64>size || load<u16>(at + <usize>count) == CRLF;
}
const CRLF: u32 = 0x0a0d;

function looksLikeLine(type: u32, at: usize, size: u32): u32 {
  if (type == Type.NUMBER) {
    const line = readCount(at, size);
    return line ? (line == BAD ? Verdict.NO : Verdict.YES) : Verdict.MORE;
  }
  const line = lineSize(at, size);
  const end = line ? line - 1 : size;
  for (let i: u32 = 1; i < end; i++) {
    const byte: u32 = load<u8>(at + i);
    if (byte < 32 && !(byte == 13 && i + 1 == end)) return Verdict.NO;
  }
  if (!line) return Verdict.MORE;
  return line > 2 && load<u8>(at + line - 2) == 13 ? Verdict.YES : Verdict.NO;
}
