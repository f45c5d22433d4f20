import { Outcome } from "../../core/counters";
import { EMPTY, OTHER } from "../../core/strings";
import { abandon, ask, countUntimed, endpointNamed, endpointOf } from "../../packet/exchanges";
import { Flow, Side, skip } from "../../packet/flow";
import { BLOCK_BYTES } from "../../packet/limits";
import { Verdict } from "../../packet/parsers";
import { Bit, Conversation, MAX_NAME, Phase, ReplyPhase, loseClient, nameOf } from "./conversation";
import { INLINE_BYTES, looksLikeInline } from "./detection";
import { BAD, count, lineSize, readCount } from "./line";
import { Kind, copyName, isModuleName, kindOfName } from "./names";

/** What the client sends: commands as arrays of bulk strings, or inline, as a line of words. */
const STAR: u32 = 0x2a;
const DOLLAR: u32 = 0x24;
const SPACE: u32 = 32;
const LETTER_F: u32 = 0x46;
const LETTER_N: u32 = 0x4e;

/** Takes commands, or as much of one as is there. */
export function takeCommands(flow: Flow, talk: Conversation, at: usize, size: u32): u32 {
  if (talk.phase == Phase.SKIPPED) endArgument(flow, talk);
  let used: u32 = 0;
  while (used < size) {
    const step = takeNext(flow, talk, at + used, size - used);
    used += step;
    if (!step || talk.phase == Phase.SKIPPED) break;
  }
  return used;
}

function takeNext(flow: Flow, talk: Conversation, at: usize, size: u32): u32 {
  switch (<u32>talk.phase) {
    case Phase.COMMAND:
      return beginCommand(flow, talk, at, size);
    case Phase.ARGUMENT:
      return takeArgument(flow, talk, at, size);
    case Phase.LINE:
      return passLine(flow, talk, at, size);
    default:
      return size;
  }
}

function beginCommand(flow: Flow, talk: Conversation, at: usize, size: u32): u32 {
  const first: u32 = load<u8>(at);
  if (first < SPACE) return passEmptyLine(flow, talk, first, size);
  if (first != STAR) return takeInline(flow, talk, at, size);
  const line = readCount(at, size);
  if (line == BAD) return lost(flow, talk, size);
  // Redis passes over an array without elements, and does not answer it.
  if (!line || count <= 0) return line;
  talk.phase = <u8>Phase.ARGUMENT;
  talk.args = <u32>count;
  begin(talk, <u32>count);
  return line;
}

function passEmptyLine(flow: Flow, talk: Conversation, first: u32, size: u32): u32 {
  return first == 13 || first == 10 ? 1 : lost(flow, talk, size);
}

function lost(flow: Flow, talk: Conversation, size: u32): u32 {
  loseClient(flow, talk);
  return size;
}

function begin(talk: Conversation, words: u32): void {
  talk.count = words;
  talk.nameSize = 0;
  talk.kind = <u8>Kind.PLAIN;
  talk.mode = 0;
}

function takeArgument(flow: Flow, talk: Conversation, at: usize, size: u32): u32 {
  const line = load<u8>(at) == DOLLAR ? readCount(at, size) : BAD;
  if (line == BAD || (line && count < 0)) return lost(flow, talk, size);
  if (!line) return 0;
  const length = <u32>count;
  const place = talk.count - talk.args;
  const isWord = length <= MAX_NAME && wantsWord(talk, place);
  const rest = size - line;
  if (rest >= 2 && length <= rest - 2) {
    if (isWord) takeWord(talk, place, at + line, length);
    endArgument(flow, talk);
    return line + length + 2;
  }
  if (isWord) return 0;
  talk.phase = <u8>Phase.SKIPPED;
  skip(flow, Side.CLIENT, <u64>length + 2);
  return line;
}

/** Whether the word at a place of the command is to be looked at. */
function wantsWord(talk: Conversation, place: u32): bool {
  if (place == 0) return true;
  if (place == 1) return talk.kind == Kind.CONTAINER;
  return place == 2 && talk.kind == Kind.CLIENT_REPLY;
}

function takeWord(talk: Conversation, place: u32, at: usize, size: u32): void {
  if (place == 0) takeName(talk, at, size);
  else if (place == 1) takeSubcommand(talk, at, size);
  else if (size > 1) talk.mode = load<u8>(at, 1) & 0xdf;
}

function takeName(talk: Conversation, at: usize, size: u32): void {
  const name = nameOf(talk);
  if (!copyName(name, at, size)) return;
  const kind = kindOfName(name, size);
  if (kind < 0 && !isModuleName(name, size)) return;
  talk.kind = <u8>(kind < 0 ? Kind.MODULE : kind);
  talk.nameSize = <u8>size;
}

function takeSubcommand(talk: Conversation, at: usize, size: u32): void {
  const name = nameOf(talk);
  const from: u32 = talk.nameSize + 1;
  if (from + size > MAX_NAME || !copyName(name + from, at, size)) return;
  store<u8>(name + from - 1, <u8>SPACE);
  const kind = kindOfName(name, from + size);
  if (kind < 0) return;
  talk.kind = <u8>kind;
  talk.nameSize = <u8>(from + size);
}

function endArgument(flow: Flow, talk: Conversation): void {
  talk.phase = <u8>Phase.ARGUMENT;
  if (--talk.args) return;
  talk.phase = <u8>Phase.COMMAND;
  endCommand(flow, talk);
}

/** An inline command: its words are parted by spaces, and what quotes keep together may count as more. */
function takeInline(flow: Flow, talk: Conversation, at: usize, size: u32): u32 {
  let line = lineSize(at, size);
  if (looksLikeInline(at, line ? line : min(size, INLINE_BYTES)) == Verdict.NO) return lost(flow, talk, size);
  if (!line && size < BLOCK_BYTES) return 0;
  const isLong = !line;
  if (isLong) line = size;
  begin(talk, 0);
  let from: u32 = 0;
  for (let i: u32 = 0; i < line; i++) {
    if (load<u8>(at + i) > SPACE) continue;
    if (i > from) {
      if (i - from <= MAX_NAME && wantsWord(talk, talk.count)) takeWord(talk, talk.count, at + from, i - from);
      talk.count++;
    }
    from = i + 1;
  }
  if (isLong) talk.phase = <u8>Phase.LINE;
  else if (talk.count) endCommand(flow, talk);
  return line;
}

function passLine(flow: Flow, talk: Conversation, at: usize, size: u32): u32 {
  const line = lineSize(at, size);
  if (!line) return size;
  talk.phase = <u8>Phase.COMMAND;
  endCommand(flow, talk);
  return line;
}

/** The last byte of a command was seen. */
function endCommand(flow: Flow, talk: Conversation): void {
  if (talk.replyPhase == ReplyPhase.LOST && !(talk.bits & Bit.TURN)) {
    // What was asked before has its answer among what was not seen.
    while (flow.oldest) abandon(flow);
    talk.bits |= Bit.TURN;
  }
  const size: u32 = talk.nameSize;
  const endpoint = size ? endpointOf(flow, EMPTY, nameOf(talk), size) : endpointNamed(flow, EMPTY, OTHER);
  const exchange = ask(flow, endpoint, talk.kind);
  exchange.more = max<u32>(talk.count, 2) - 1;
  if (talk.kind == Kind.UNSUBSCRIBE && talk.count < 2) exchange.more = 0;
  if (isSilent(talk)) countUntimed(flow, exchange, Outcome.SUCCESS);
}

/** Whether the command that was read has no answer, since the client does not want one. */
function isSilent(talk: Conversation): bool {
  const isOnce = (talk.bits & Bit.SILENT_ONCE) != 0;
  talk.bits &= ~Bit.SILENT_ONCE;
  if (talk.kind == Kind.CLIENT_REPLY && talk.mode) {
    if (talk.mode == LETTER_N) talk.bits &= ~Bit.SILENT;
    else talk.bits |= talk.mode == LETTER_F ? Bit.SILENT : Bit.SILENT_ONCE;
    return talk.mode != LETTER_N;
  }
  return isOnce || (talk.bits & Bit.SILENT) != 0;
}
