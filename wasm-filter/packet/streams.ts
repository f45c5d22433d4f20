import { Loss, lose } from "../core/losses";
import { blockAt, freeBlock, takeBlock } from "./blocks";
import { look, missBeginning } from "./detection";
import { End, Flow, Half, OPAQUE, STATE_BYTES, Side, UNDETECTED, halfOf, stateOf, wasJoined } from "./flow";
import { BLOCK_BYTES } from "./limits";
import { feed, tellClose, tellGap } from "./parsers";
import { arrivalMicros, setStreamTime, streamMicros } from "./stream-time";

/**
 * What an end sends, in order and without repetition, on its way to a parser (detection.ts says which).
 *
 * Bytes go to the parser where they lie in the packet. What it is not done with is kept in a block, and shown again in one
 * piece together with what follows.
 */

/** Takes what an end sends next. */
export function deliver(flow: Flow, end: u32, at: usize, size: u32): void {
  if (flow.parser == OPAQUE) return;
  setStreamTime(arrivalMicros);
  if (flow.parser == UNDETECTED) look(flow, end, at, size);
  else parse(flow, end, at, size);
}

/** Learns that bytes of an end were not seen; what it sends next comes from behind them. */
export function deliverGap(flow: Flow, end: u32, bytes: u32): void {
  if (flow.parser == OPAQUE) return;
  const half = halfOf(flow, end);
  setStreamTime(arrivalMicros);
  if (flow.parser == UNDETECTED) return missBeginning(flow, half, bytes);
  const passed = min<u64>(half.skip, bytes);
  half.skip -= passed;
  if (passed == bytes) {
    if (!half.skip) parse(flow, end, 0, 0);
    return;
  }
  tellGap(flow, end ^ flow.client, half.kept + bytes - <u32>passed);
  forgetKept(half);
}

/** Learns that an end sends no more. */
export function deliverClose(flow: Flow, end: u32): void {
  const half = halfOf(flow, end);
  if (half.bits & End.CLOSED) return;
  half.bits |= End.CLOSED;
  setStreamTime(arrivalMicros);
  if (flow.parser != OPAQUE && flow.parser != UNDETECTED) tellClose(flow, end ^ flow.client);
  forgetKept(half);
}

/** Makes a flow that of another parser, or OPAQUE, from the bytes on that a parser is not done with. */
export function handOver(flow: Flow, parser: u32): void {
  flow.parser = <u8>parser;
  memory.fill(stateOf(flow), 0, STATE_BYTES);
  if (parser != OPAQUE) return;
  for (let end: u32 = 0; end < 2; end++) halfOf(flow, end).skip = 0;
}

/** What was sent is not what a protocol allows. In the middle of a connection that was joined nothing else is to be expected. */
export function loseUnparsed(flow: Flow): void {
  if (!wasJoined(flow)) lose(Loss.UNPARSED);
}

/** A parser gives up, and has freed what it took: what is sent is not what its protocol allows. */
export function giveUp(flow: Flow): void {
  lose(Loss.UNPARSED);
  handOver(flow, OPAQUE);
}

/** The parser of a flow cannot go on: it learns that no more comes, and frees what it took. */
function stop(flow: Flow): void {
  for (let end: u32 = 0; end < 2; end++) {
    if (flow.parser == UNDETECTED || halfOf(flow, end).bits & End.CLOSED) continue;
    tellClose(flow, end ^ flow.client);
  }
  giveUp(flow);
}

/** Shows the parser of a flow what an end sends. */
export function parse(flow: Flow, end: u32, at: usize, size: u32): void {
  const half = halfOf(flow, end);
  if (half.kept && !half.skip) {
    const taken = parseKept(flow, half, at, size);
    at += taken;
    size -= taken;
    if (half.kept) return;
  }
  while (true) {
    const step = <u32>min<u64>(half.skip, size);
    half.skip -= step;
    at += step;
    size -= step;
    if (half.skip) return;
    if (flow.parser == OPAQUE) return;
    if (flow.parser == UNDETECTED) return look(flow, end, at, size);
    const used = feed(flow, end ^ flow.client, at, size);
    at += used;
    size -= used;
    if (!half.skip && (!used || !size)) break;
  }
  if (size && flow.parser != OPAQUE) keep(flow, half, at, size);
}

/**
 * Shows the parser what was kept together with what follows.
 *
 * @returns how much of what follows is done with; `half.kept` is 0 where the rest can be shown where it lies
 */
function parseKept(flow: Flow, half: Half, at: usize, size: u32): u32 {
  const before = half.kept;
  const block = blockAt(half.block);
  const step = min(size, BLOCK_BYTES - before);
  memory.copy(block + before, at, step);
  half.kept += step;
  let used: u32 = 0;
  let isStuck = false;
  while (used < before && !isStuck && flow.parser != OPAQUE) {
    if (flow.parser == UNDETECTED) break;
    const done = feed(
      flow,
      half == halfOf(flow, flow.client) ? Side.CLIENT : Side.SERVER,
      block + used,
      half.kept - used,
    );
    isStuck = done == 0 && half.skip == 0;
    const passed = <u32>min<u64>(half.skip, half.kept - used - done);
    half.skip -= passed;
    used += done + passed;
    if (half.skip) break;
  }
  if (flow.parser == OPAQUE) {
    forgetKept(half);
    return size;
  }
  if (used >= before) {
    forgetKept(half);
    return used - before;
  }
  if (used) memory.copy(block, block + used, half.kept - used);
  half.kept -= used;
  half.keptMicros = arrivalMicros;
  if (half.kept < BLOCK_BYTES) return step;
  // It is as long as a block, and the parser still waits for more.
  stop(flow);
  forgetKept(half);
  return size;
}

/** Keeps bytes for later; where there is no room for them the parser cannot go on. */
export function keep(flow: Flow, half: Half, at: usize, size: u32): void {
  const isFirst = half.block == 0;
  if (isFirst) half.block = takeBlock();
  if (!half.block || half.kept + size > BLOCK_BYTES) {
    stop(flow);
    forgetKept(half);
    return;
  }
  memory.copy(blockAt(half.block) + half.kept, at, size);
  half.kept += size;
  half.keptMicros = streamMicros;
}

/** For a parser that is told of a gap: what it was not done with before it. */
export function keptAt(flow: Flow, side: u32): usize {
  const half = halfOf(flow, side ^ flow.client);
  return half.kept ? blockAt(half.block) : 0;
}

export function keptSize(flow: Flow, side: u32): u32 {
  return halfOf(flow, side ^ flow.client).kept;
}

/** When the last of it came. */
export function keptMicros(flow: Flow, side: u32): u64 {
  return halfOf(flow, side ^ flow.client).keptMicros;
}

/** Frees what is kept of a direction. */
export function forgetKept(half: Half): void {
  freeBlock(half.block);
  half.block = 0;
  half.kept = 0;
}
