import type { TimeRange } from "../store.ts";

/** Stretches of time in order, none touching the next. */
export type Stretches = readonly TimeRange[];

/** The stretches of slots, given by number in any order; at most `limit`, for which the nearest are joined. */
export function stretchesOf(slots: Iterable<number>, slotMs: number, limit: number): TimeRange[] {
  const sorted = [...new Set(slots)].sort((a, b) => a - b);
  const stretches: { fromMs: number; toMs: number }[] = [];
  for (const slot of sorted) {
    const last = stretches.at(-1);
    if (last?.toMs === slot * slotMs) last.toMs += slotMs;
    else stretches.push({ fromMs: slot * slotMs, toMs: (slot + 1) * slotMs });
  }
  while (stretches.length > limit) joinNearest(stretches);
  return stretches;
}

function joinNearest(stretches: { fromMs: number; toMs: number }[]): void {
  let nearest = 1;
  const gapBefore = (at: number): number => stretches[at]!.fromMs - stretches[at - 1]!.toMs;
  for (let at = 2; at < stretches.length; at++) if (gapBefore(at) < gapBefore(nearest)) nearest = at;
  stretches[nearest - 1]!.toMs = stretches[nearest]!.toMs;
  stretches.splice(nearest, 1);
}

/** A stretch in its whole slots and what is left at its ends. */
export function wholeSlots({ fromMs, toMs }: TimeRange, slotMs: number): { whole: TimeRange[]; ends: TimeRange[] } {
  const middle = { fromMs: Math.ceil(fromMs / slotMs) * slotMs, toMs: Math.floor(toMs / slotMs) * slotMs };
  const whole = middle.fromMs < middle.toMs ? [middle] : [];
  return { whole, ends: without([{ fromMs, toMs }], whole) };
}

/** Stretches that touch as one, in order. */
export function touching(stretches: Stretches): TimeRange[] {
  const joined: TimeRange[] = [];
  for (const stretch of [...stretches].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1);
    if (last?.toMs === stretch.fromMs) joined[joined.length - 1] = { fromMs: last.fromMs, toMs: stretch.toMs };
    else joined.push(stretch);
  }
  return joined;
}

/** What lies in both. */
export function common(a: Stretches, b: Stretches): TimeRange[] {
  return a.flatMap((one) =>
    b.flatMap((other) => {
      const fromMs = Math.max(one.fromMs, other.fromMs);
      const toMs = Math.min(one.toMs, other.toMs);
      return fromMs < toMs ? [{ fromMs, toMs }] : [];
    }),
  );
}

/** What lies in `a` and not in `b`. */
export function without(a: Stretches, b: Stretches): TimeRange[] {
  return a.flatMap((one) => {
    const left: TimeRange[] = [];
    let fromMs = one.fromMs;
    for (const hole of b) {
      if (hole.toMs <= fromMs || hole.fromMs >= one.toMs) continue;
      if (hole.fromMs > fromMs) left.push({ fromMs, toMs: hole.fromMs });
      fromMs = hole.toMs;
    }
    if (fromMs < one.toMs) left.push({ fromMs, toMs: one.toMs });
    return left;
  });
}
