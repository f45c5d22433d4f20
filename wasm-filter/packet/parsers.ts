import { Flow } from "./flow";

/**
 * The protocols that there are. A parser is registered once, by its folder (protocols/README.md), and from then on known by
 * a small number, by which a flow names it.
 */

/** What a parser says of the first bytes of a connection. */
export namespace Verdict {
  export const NO: u32 = 0;
  export const YES: u32 = 1;
  /** More bytes of one side or the other are needed to tell. */
  export const MORE: u32 = 2;
}

/** What is to be said where each side was looked at by itself, MORE where it has said nothing yet. */
export function verdictOf(client: u32, server: u32): u32 {
  if (client == Verdict.NO || server == Verdict.NO) return Verdict.NO;
  return client == Verdict.YES || server == Verdict.YES ? Verdict.YES : Verdict.MORE;
}

/** What a parser says of a datagram of an unknown flow. */
export namespace From {
  export const NOBODY: u32 = 0;
  export const CLIENT: u32 = 1;
  export const SERVER: u32 = 2;
}

/** Where in a connection the bytes are that parsers are asked about. */
export namespace Place {
  export const BEGINNING: u32 = 0;
  /** It was joined midway: this may be anything. */
  export const MIDWAY: u32 = 1;
  /** It began as something else, or by the server: who goes by little must say no. */
  export const LATER: u32 = 2;
}
export let place: u32 = Place.BEGINNING;

export function setPlace(value: u32): void {
  place = value;
}

/** Looks at the first bytes of both sides; either may have none yet. */
export type Detect = (client: usize, clientSize: u32, server: usize, serverSize: u32) => u32;
/** Takes bytes of a side, and answers how many of them it is done with. */
export type Feed = (flow: Flow, side: u32, at: usize, size: u32) => u32;
/** Learns that the next `bytes` of a side are not shown, since some were not seen; what comes next is from behind them. */
export type Gap = (flow: Flow, side: u32, bytes: u32) => void;
/** Learns that a side sends no more. */
export type Close = (flow: Flow, side: u32) => void;
/** Looks at a datagram, and answers who would send such a one (From). */
export type DetectDatagram = (at: usize, size: u32) => u32;
/** Takes one datagram of a side. */
export type TakeDatagram = (flow: Flow, side: u32, at: usize, size: u32) => void;

/** Numbers in the module's table of functions. */
@unmanaged
class Parser {
  protocol: u32;
  detect: u32;
  feed: u32;
  gap: u32;
  close: u32;
  detectDatagram: u32;
  takeDatagram: u32;
  filler: u32;
}
export const MAX_PARSERS: u32 = 32;
const parsers = memory.data(MAX_PARSERS * 32, 8);

/** Parsers are numbered from 1. */
let count: u32 = 0;

/**
 * Registers a parser of connections.
 *
 * @param protocol As in ingest.proto.
 * @returns its number, by which other parsers may hand a flow over to it
 */
export function register(protocol: u32, detect: Detect, feed: Feed, gap: Gap, close: Close): u32 {
  const parser = parserAt(++count);
  parser.protocol = protocol;
  parser.detect = detect.index;
  parser.feed = feed.index;
  parser.gap = gap.index;
  parser.close = close.index;
  return count;
}

/** Lets a registered parser take datagrams too. */
export function alsoDatagrams(number: u32, detect: DetectDatagram, take: TakeDatagram): void {
  parserAt(number).detectDatagram = detect.index;
  parserAt(number).takeDatagram = take.index;
}

export function parserCount(): u32 {
  return count;
}

/** The protocol of a parser, as in ingest.proto. */
export function protocolOf(number: u32): u32 {
  return parserAt(number).protocol;
}

export function detectWith(number: u32, client: usize, clientSize: u32, server: usize, serverSize: u32): u32 {
  return call_indirect<u32>(parserAt(number).detect, client, clientSize, server, serverSize);
}

export function feed(flow: Flow, side: u32, at: usize, size: u32): u32 {
  return call_indirect<u32>(parserAt(flow.parser).feed, changetype<usize>(flow), side, at, size);
}

export function tellGap(flow: Flow, side: u32, bytes: u32): void {
  call_indirect<void>(parserAt(flow.parser).gap, changetype<usize>(flow), side, bytes);
}

export function tellClose(flow: Flow, side: u32): void {
  call_indirect<void>(parserAt(flow.parser).close, changetype<usize>(flow), side);
}

export function detectDatagramWith(number: u32, at: usize, size: u32): u32 {
  const detect = parserAt(number).detectDatagram;
  return detect ? call_indirect<u32>(detect, at, size) : From.NOBODY;
}

export function takeDatagram(flow: Flow, side: u32, at: usize, size: u32): void {
  call_indirect<void>(parserAt(flow.parser).takeDatagram, changetype<usize>(flow), side, at, size);
}

function parserAt(number: u32): Parser {
  return changetype<Parser>(parsers + <usize>number * 32);
}
