import type { Counts } from "./counter-sums.ts";

/** Windows up to this long are held to have happened in the slot of their middle: a timer is never quite even. */
const WHOLE_UP_TO_MS = 1_500;

/** The golden ratio's fraction: its multiples, taken modulo 1, fall evenly over [0, 1) however many there are. */
const GOLDEN = 0.618_033_988_749_895;

/** A part of a window: from and to as shares of it, 0 to 1, and the slot that it falls into. */
export interface Part {
  readonly slot: number;
  readonly from: number;
  readonly to: number;
}

/** Lengths that a window is cut into. */
export interface Cutting {
  /** Length of a slot, milliseconds; slots are numbered from the epoch. */
  readonly slotMs: number;
  /** How many of the window's last slots are wanted; what lies before is left out. */
  readonly last: number;
}

/** The slot that a window is held to have happened in as a whole; undefined where it is too long for that. */
export function slotOfWhole(startMs: number, durationMs: number, slotMs: number): number | undefined {
  return durationMs <= WHOLE_UP_TO_MS ? Math.floor((startMs + durationMs / 2) / slotMs) : undefined;
}

/** Cuts a window into slots, oldest first. */
export function partsOf(startMs: number, durationMs: number, { slotMs, last }: Cutting): Part[] {
  const whole = slotOfWhole(startMs, durationMs, slotMs);
  if (whole !== undefined) return [{ slot: whole, from: 0, to: 1 }];
  const end = Math.ceil((startMs + durationMs) / slotMs) - 1;
  const first = Math.max(Math.floor(startMs / slotMs), end - last + 1);
  const parts: Part[] = [];
  for (let slot = first; slot <= end; slot++) {
    const from = Math.max(0, (slot * slotMs - startMs) / durationMs);
    const to = Math.min(1, ((slot + 1) * slotMs - startMs) / durationMs);
    parts.push({ slot, from, to });
  }
  return parts;
}

/**
 * The share of `count` that falls between two points of its window, as an integer.
 *
 * Rounding the running sum and not each part keeps the whole: parts that follow each other add up to exactly `count`.
 * `phase` (0 to 1) says where the running sum steps, so that many small counts do not all step at the same point.
 */
export function shareOf(count: number, part: Part, phase: number): number {
  return Math.floor(count * part.to + phase) - Math.floor(count * part.from + phase);
}

/**
 * One part of a counter: each bucket is spread by itself, and what was not timed as one more, so a part's requests and
 * its latencies agree. Where more was timed than counted, as of TCP, where those are two things, the count is spread by
 * itself, as bytes are. `ordinal` tells the counters of one window apart.
 */
export function partOf(counts: Counts, part: Part, ordinal: number): Counts {
  if (part.from === 0 && part.to === 1) return counts;
  const buckets: number[] = [];
  let timed = 0;
  let timedHere = 0;
  for (let at = 0; at < counts.buckets.length; at += 2) {
    const count = counts.buckets[at + 1]!;
    const share = shareOf(count, part, phaseOf(ordinal + at / 2 + 1));
    timed += count;
    timedHere += share;
    if (share > 0) buckets.push(counts.buckets[at]!, share);
  }
  const share = (count: number): number => shareOf(count, part, phaseOf(ordinal));
  const { outcome, status, count } = counts;
  return {
    outcome,
    status,
    count: timed > count ? share(count) : timedHere + share(count - timed),
    buckets,
    requestBytes: share(counts.requestBytes),
    responseBytes: share(counts.responseBytes),
  };
}

function phaseOf(ordinal: number): number {
  return (0.5 + ordinal * GOLDEN) % 1;
}
