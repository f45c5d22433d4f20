import { countOpened, swapEnds } from "./accounts";
import { blockAt, freeBlock } from "./blocks";
import { End, Flow, Half, OPAQUE, State, halfOf, wasJoined } from "./flow";
import { DETECT_BYTES } from "./limits";
import { Place, Verdict, detectWith, parserCount, setPlace } from "./parsers";
import { prefaceSize } from "./preface";
import { setStreamTime, streamMicros } from "./stream-time";
import { deliverGap, forgetKept, keep, parse } from "./streams";

/**
 * Whose protocol a connection speaks.
 *
 *     UNDETECTED --a parser says YES--> that parser --it hands over--> another, or OPAQUE
 *         |------all say NO, or DETECT_BYTES were not enough: they are asked again when a side speaks after the other one,
 *         |      since many begin as something else (STARTTLS, SOCKS); with each segment where it was joined midway
 *         `------too often---> OPAQUE
 */

/** How often the beginning of a message is looked for in a connection that was joined midway; in others, by turns. */
const MAX_TRIES: u32 = 200;
const MAX_TURNS: u32 = 20;

/** Bytes are missing before it is known whose they are: those before them are shown when what the other end sends tells it. */
export function missBeginning(flow: Flow, half: Half, bytes: u32): void {
  if (half.skip) forgetBeginning(half);
  half.skip = half.kept ? bytes : 0;
  if (!flow.tries) flow.state |= State.JOINED_LATE;
}

/** Frees what is kept of a direction whose parser is not known. */
function forgetBeginning(half: Half): void {
  half.skip = 0;
  forgetKept(half);
}

/** Asks the parsers whose protocol this is. */
export function look(flow: Flow, end: u32, at: usize, size: u32): void {
  if (!size) return;
  const half = halfOf(flow, end);
  const other = halfOf(flow, end ^ 1);
  const isTurn = !(half.bits & End.SPOKE);
  half.bits |= End.SPOKE;
  other.bits &= ~(End.SPOKE | End.PASSED);
  if (half.bits & End.PASSED) return;
  if (half.skip) forgetBeginning(half);
  if (isTurn && !flow.tries && !half.kept) {
    const preface = prefaceSize(at, size);
    if (preface == size) {
      half.bits &= ~End.SPOKE;
      return;
    }
    at += preface;
    size -= preface;
  }
  const isMore = half.kept != 0;
  if (isMore) keep(flow, half, at, size);
  if (flow.parser == OPAQUE) return;
  setPlace(placeOf(flow, end));
  let verdict = isMore ? lookAt(flow, end, blockAt(half.block), half.kept) : lookAt(flow, end, at, size);
  if (verdict < FOUND && isMore && (isTurn || wasJoined(flow))) {
    // What was said before may only have led to this.
    const alone = lookAt(flow, end, at, size);
    if (verdict == Verdict.NO || alone >= FOUND) {
      forgetBeginning(half);
      forgetBeginning(other);
      verdict = alone;
    }
  }
  if (verdict >= FOUND) return adopt(flow, end, verdict - FOUND, at, size);
  if (verdict == Verdict.MORE && max(size, half.kept) < DETECT_BYTES) {
    if (!half.kept) keep(flow, half, at, size);
    return;
  }
  forgetBeginning(half);
  const isJoined = wasJoined(flow);
  const most: u32 = isJoined ? MAX_TRIES : MAX_TURNS;
  if (!isJoined) half.bits |= End.PASSED;
  flow.tries++;
  if (!isJoined || flow.tries == most) forgetBeginning(other);
  if (flow.tries < most) return;
  flow.parser = <u8>OPAQUE;
  countOpened(flow);
}

function placeOf(flow: Flow, end: u32): u32 {
  const asked = halfOf(flow, flow.client);
  if (end != flow.client && asked.next == asked.first) flow.state |= State.GREETED;
  if (wasJoined(flow)) return Place.MIDWAY;
  return flow.tries || flow.state & State.GREETED ? Place.LATER : Place.BEGINNING;
}

/** What is to be said of what an end sent, beside what is kept of the other one; which of them is the client may follow from it. */
function lookAt(flow: Flow, end: u32, at: usize, size: u32): u32 {
  const other = halfOf(flow, end ^ 1);
  const otherAt = other.kept ? blockAt(other.block) : 0;
  const isClient = end == flow.client;
  const verdict = isClient ? lookAs(at, size, otherAt, other.kept) : lookAs(otherAt, other.kept, at, size);
  if (verdict >= FOUND || flow.state & State.ORIENTED) return verdict;
  const swapped = isClient ? lookAs(otherAt, other.kept, at, size) : lookAs(at, size, otherAt, other.kept);
  if (swapped >= FOUND) swapEnds(flow);
  return max(verdict, swapped);
}

/** FOUND + the number of the parser that says YES; else MORE where one says so, else NO. */
const FOUND: u32 = 16;

function lookAs(client: usize, clientSize: u32, server: usize, serverSize: u32): u32 {
  let best: u32 = Verdict.NO;
  for (let number: u32 = 1; number <= parserCount(); number++) {
    const verdict = detectWith(number, client, clientSize, server, serverSize);
    if (verdict == Verdict.YES) return FOUND + number;
    if (verdict == Verdict.MORE) best = verdict;
  }
  return best;
}

/** Gives a flow to its parser, with what was kept of both ends: the other end's came first. */
function adopt(flow: Flow, end: u32, parser: u32, at: usize, size: u32): void {
  flow.parser = <u8>parser;
  flow.state |= State.ORIENTED;
  countOpened(flow);
  const other = halfOf(flow, end ^ 1);
  if (other.kept) {
    const missing = <u32>other.skip;
    other.skip = 0;
    parseBlock(flow, end ^ 1);
    if (missing) deliverGap(flow, end ^ 1, missing);
  }
  const half = halfOf(flow, end);
  if (half.kept) parseBlock(flow, end);
  else parse(flow, end, at, size);
}

/** Shows a parser what was kept before it was known, as of the time when it came. */
function parseBlock(flow: Flow, end: u32): void {
  const half = halfOf(flow, end);
  const block = half.block;
  const size = half.kept;
  const now = streamMicros;
  half.block = 0;
  half.kept = 0;
  setStreamTime(half.keptMicros);
  parse(flow, end, blockAt(block), size);
  freeBlock(block);
  setStreamTime(now);
}
