import { Verdict } from "../../packet/parsers";
import { isVerb } from "../sql/keywords";
import { attributesSize } from "./attributes";
import { Answer, Command, answerTo } from "./commands";
import { HEADER, lengthAt } from "./conversation";

/** How to tell MySQL and MariaDB from anything else: by the greeting of the server; where it was not seen, by commands. */

const PROTOCOL_10: u32 = 10;
const ERROR: u32 = 0xff;
/** What stands behind the version: the number of the thread, eight bytes of salt, a 0. */
const BEHIND_VERSION: u32 = 13;
const LONGEST_VERSION: u32 = 100;
const LONGEST_GREETING: u32 = 512;
/** So much of a statement must be there. */
const ENOUGH: u32 = 24;

/** Whether a server greets with these bytes, or refuses the client at once. */
export function looksLikeGreeting(at: usize, size: u32): u32 {
  if (size < HEADER + 1) return size < 4 || !load<u8>(at + 3) ? Verdict.MORE : Verdict.NO;
  const length = lengthAt(at);
  if (load<u8>(at + 3) || length < 5 || length > LONGEST_GREETING) return Verdict.NO;
  const first: u32 = load<u8>(at + HEADER);
  if (first == ERROR) return isRefusal(at + HEADER, length, size - HEADER) ? Verdict.YES : Verdict.NO;
  if (first != PROTOCOL_10) return Verdict.NO;
  let i: u32 = HEADER + 1;
  for (; i < size && load<u8>(at + i); i++) {
    if (<u32>load<u8>(at + i) - 32 > 94 || i > LONGEST_VERSION) return Verdict.NO;
  }
  if (i + BEHIND_VERSION >= size) return size < length ? Verdict.MORE : Verdict.NO;
  const isVersion = <u32>load<u8>(at + HEADER + 1) - 48 < 10;
  return isVersion && !load<u8>(at + i + BEHIND_VERSION) ? Verdict.YES : Verdict.NO;
}

/** An error in place of the greeting: a code of the server, and a text. */
function isRefusal(at: usize, length: u32, size: u32): bool {
  const code = load<u16>(at, 1);
  if (size != length || length < 10 || code < 1000 || code >= 2000) return false;
  for (let i: u32 = 3; i < size; i++) if (<u32>load<u8>(at + i) < 32) return false;
  return true;
}

/** Whether a client sends these bytes: MORE where its commands are too short to tell without their answer. */
export function looksLikeCommands(at: usize, size: u32): u32 {
  let used: u32 = 0;
  while (size - used > HEADER) {
    const packet = at + used;
    const length = lengthAt(packet);
    if (load<u8>(packet + 3) || !length || answerTo(load<u8>(packet + HEADER)) == Answer.UNKNOWN) return Verdict.NO;
    const told = tells(packet + HEADER, length, size - used - HEADER);
    if (told != Verdict.MORE) return told;
    if (length > size - used - HEADER || length > 64) return Verdict.NO;
    used += HEADER + length;
  }
  return Verdict.MORE;
}

/** What one command tells: MORE where it might be anything. */
function tells(at: usize, length: u32, size: u32): u32 {
  const command: u32 = load<u8>(at);
  if (command == Command.QUERY || command == Command.PREPARE) {
    if (size < min(length, ENOUGH)) return Verdict.MORE;
    return isStatement(at + 1, min(length, size) - 1) ? Verdict.YES : Verdict.NO;
  }
  if (command != Command.EXECUTE) return Verdict.MORE;
  if (length < 10) return Verdict.NO;
  if (size < 10) return Verdict.MORE;
  // Flags of a cursor, and "1" in four bytes.
  return load<u8>(at + 5) < 16 && load<u32>(at + 6) == 1 ? Verdict.YES : Verdict.NO;
}

/** Whether a text begins like SQL. */
function isStatement(at: usize, size: u32): bool {
  let from = attributesSize(at, size);
  while (from < size && !isLetter(load<u8>(at + from))) {
    const byte: u32 = load<u8>(at + from);
    // A comment, a parenthesis, spaces.
    if (byte == 0x2f || byte == 0x2d || byte == 0x23) return true;
    if (byte != 0x28 && byte != 32 && byte - 9 > 4) return false;
    from++;
  }
  let to = from;
  while (to < size && isLetter(load<u8>(at + to))) to++;
  return to > from && to - from <= 32 && isVerb(at + from, to - from);
}

function isLetter(byte: u32): bool {
  return (byte | 0x20) - 97 < 26 || byte == 0x5f;
}

/** Whether the answer to a command begins with these bytes. */
export function looksLikeAnswer(at: usize, size: u32): u32 {
  if (size <= HEADER) return Verdict.MORE;
  const length = lengthAt(at);
  if (load<u8>(at + 3) != 1 || !length) return Verdict.NO;
  const first: u32 = load<u8>(at + HEADER);
  if (first == 0) return length >= 7 && length < 1024 ? Verdict.YES : Verdict.NO;
  if (first == ERROR) return length >= 9 && length < 1024 ? Verdict.YES : Verdict.NO;
  if (first >= 0xfb) return length < 1024 ? Verdict.YES : Verdict.NO;
  if (first == 3 && length > 16) return Verdict.YES;
  // A number of columns, and the first of them.
  if (length > 4) return Verdict.NO;
  if (size < length + 2 * HEADER) return size < length + HEADER ? Verdict.MORE : Verdict.YES;
  return load<u8>(at + length + HEADER + 3) == 2 ? Verdict.YES : Verdict.NO;
}
