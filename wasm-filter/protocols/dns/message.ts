import { hash } from "../../core/text";
import { u16be, u32be } from "../../packet/bytes";

/**
 * A message of DNS (RFC 1035, 4.1), as far as it tells what is asked and how it ended:
 *
 *     id u16 | QR 1, opcode 4, AA TC RD RA Z 7, rcode 4 | questions u16 | answers u16 | authorities u16 | additional u16
 *     name of the first question | type u16 | class u16 | ...
 */
export const HEADER: u32 = 12;
/** The longest name, and the type and class behind it. */
export const LONGEST_QUESTION: u32 = 255 + 4;
/** The shortest message with a question: for the root. */
export const SHORTEST: u32 = HEADER + 5;

/** Real messages have one question, a few some more. */
export const MAX_QUESTIONS: u32 = 16;
/** Records in a query: of what is known (IXFR), of EDNS, TSIG and the like. */
const MOST_KNOWN: u32 = 2;
const MOST_OPTIONS: u32 = 8;
/** Records that are looked through for one that says more of the outcome. */
const MAX_RECORDS: u32 = 512;
const LONGEST_NAME: u32 = 255;
const POINTER: u32 = 0xc0;
const QUERY: u32 = 0;
/** The query that asks by an answer whose question it wants to know (RFC 1035, 6.4). */
const IQUERY: u32 = 1;
const OPT: u32 = 41;

/** Of the message that was read last. */
export let id: u32 = 0;
export let isAnswer: bool = false;
export let opcode: u32 = 0;
export let rcode: u32 = 0;
/** Of its first question; 0 and 0 where there is none that can be read. */
export let type: u32 = 0;
export let question: u32 = 0;

/** The records behind the questions. */
let records: u32 = 0;

/** Reads the first HEADER bytes. */
export function readHeader(at: usize): void {
  const flags = u16be(at + 2);
  id = u16be(at);
  isAnswer = flags >> 15 != 0;
  opcode = (flags >> 11) & 15;
  rcode = flags & 15;
  type = 0;
  question = 0;
  records = u16be(at + 6) + u16be(at + 8) + u16be(at + 10);
}

/**
 * Reads a message of which `size` bytes are there.
 *
 * @returns whether it has a question that can be read: nothing but DNS looks like that
 */
export function readMessage(at: usize, size: u32): bool {
  if (size < SHORTEST) return false;
  readHeader(at);
  const questions = u16be(at + 4);
  if (!questions && opcode == IQUERY) return readInverse(at, size);
  if (questions - 1 >= MAX_QUESTIONS || !(isAnswer || isPlainQuery(at))) return false;
  const end = nameEnd(at, HEADER, size);
  if (!end || end + 4 > size || isNetBios(at + HEADER) || !isClass(u16be(at + end + 2) & 0x7fff)) return false;
  type = u16be(at + end);
  question = <u32>hash(at + HEADER, end + 4 - HEADER);
  if (isAnswer && questions == 1) readExtension(at, end + 4, size);
  return true;
}

/** Whether what is no answer has no more with it than queries have: a record that is known, options. */
function isPlainQuery(at: usize): bool {
  return (
    opcode != QUERY || (u16be(at + 6) <= MOST_KNOWN && u16be(at + 8) <= MOST_KNOWN && u16be(at + 10) <= MOST_OPTIONS)
  );
}

/** Reads the one record of an inverse query, with which it ends. */
function readInverse(at: usize, size: u32): bool {
  const end = records == 1 ? nameEnd(at, HEADER, size) : 0;
  if (!end || end + 10 > size || end + 10 + u16be(at + end + 8) != size) return false;
  question = <u32>hash(at + HEADER, size - HEADER);
  return isClass(u16be(at + end + 2));
}

/** IN, CHAOS, HESIOD, NONE, ANY */
function isClass(value: u32): bool {
  return value == 1 || value == 3 || value == 4 || value == 254 || value == 255;
}

/** NetBIOS asks with messages of the same form (RFC 1002), for names of 32 letters from A to P. */
function isNetBios(name: usize): bool {
  if (load<u8>(name) != 32) return false;
  for (let i: usize = 1; i <= 32; i++) if (<u32>load<u8>(name + i) - 65 > 15) return false;
  return true;
}

/** Where what follows a name of labels begins, 0 where there is no end of it. */
function nameEnd(at: usize, from: u32, size: u32): u32 {
  let place = from;
  while (place < size && place - from < LONGEST_NAME) {
    const length: u32 = load<u8>(at + place);
    if (!length) return place + 1;
    if (length >= POINTER) return place + 2;
    if (length > 63) return 0;
    place += length + 1;
  }
  return 0;
}

/** With EDNS the outcome has eight bits more, in the TTL of a record (RFC 6891, 6.1.3). */
function readExtension(at: usize, from: u32, size: u32): void {
  let place = from;
  for (let i: u32 = 0; i < min(records, MAX_RECORDS); i++) {
    place = nameEnd(at, place, size);
    if (!place || place + 10 > size) return;
    if (u16be(at + place) == OPT) {
      rcode |= (u32be(at + place + 4) >> 24) << 4;
      return;
    }
    place += 10 + u16be(at + place + 8);
  }
}
