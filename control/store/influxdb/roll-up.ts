import type { TimeRange } from "../store.ts";
import type { Level, Levels } from "./levels.ts";
import type { Points } from "./points.ts";
import type { Reader } from "./reader.ts";
import { RowSums } from "./row-sums.ts";
import type { Sum } from "./row-sums.ts";
import { OF_ENDPOINTS, OF_PODS } from "./rows.ts";
import type { CounterRow, Measured } from "./rows.ts";

interface RollUp {
  readonly reader: Reader;
  readonly levels: Levels;
  readonly points: Points;
}

/**
 * The points of the slots of a stretch, merged out of what the finer level has of this control: counts are added, and
 * latencies bucket by bucket. A window across two slots is cut with the formula that reads it, so both levels give the
 * same sums. Made again, the points are the same and take the place of those before.
 */
export async function mergedSlots(rollUp: RollUp, level: Level, stretch: TimeRange): Promise<string[]> {
  const { points } = rollUp;
  const lines: string[] = [];
  for (const { startMs, key, ...sum } of await merged(OF_ENDPOINTS, rollUp, level, stretch)) {
    lines.push(points.requests(key, { startMs }, { ...sum, active: 0 }));
  }
  for (const { startMs, key, ...sum } of await merged(OF_PODS, rollUp, level, stretch)) {
    lines.push(points.pods(key, { startMs }, sum));
  }
  return lines;
}

/** What of one measurement falls into each slot; of what counted nothing there is no point. */
async function merged<K>(
  of: Measured<K>,
  { reader, levels }: RollUp,
  level: Level,
  stretch: TimeRange,
): Promise<(Sum<K> & { readonly startMs: number })[]> {
  if (level > of.coarsest) return [];
  const slotMs = levels.slotMs(level);
  const slots = new Map<number, RowSums<K>>();
  const pieces = [{ ...stretch, level: level - 1 }];
  const add = (row: CounterRow<K>): void => {
    const fromMs = Math.max(row.startMs, row.fromMs);
    const toMs = Math.min(row.startMs + row.durationMs, row.toMs);
    for (let slot = Math.floor(fromMs / slotMs); slot * slotMs < toMs; slot++) {
      const sums = slots.get(slot) ?? new RowSums(of);
      slots.set(slot, sums);
      sums.add(row, { fromMs: slot * slotMs, toMs: (slot + 1) * slotMs });
    }
  };
  for await (const rows of reader.rowsOf(of, { pieces, upToMs: slotMs, own: true })) for (const row of rows) add(row);
  return [...slots].flatMap(([slot, sums]) =>
    sums
      .all()
      .filter((one) => one.count + one.requestBytes + one.responseBytes > 0 || one.buckets.length > 0)
      .map((one) => ({ ...one, startMs: slot * slotMs })),
  );
}
