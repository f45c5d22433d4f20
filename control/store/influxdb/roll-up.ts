import type { TimeRange } from "../store.ts";
import type { Level, Levels } from "./levels.ts";
import type { Points } from "./points.ts";
import type { Reader } from "./reader.ts";
import { RowSums } from "./row-sums.ts";

/**
 * The points of the slots of a stretch, merged out of what the finer level has of this control: counts are added, and
 * latencies bucket by bucket. A window across two slots is cut with the formula that reads it, so both levels give the
 * same sums. Made again, the points are the same and take the place of those before.
 */
export async function mergedSlots(
  { reader, levels, points }: { readonly reader: Reader; readonly levels: Levels; readonly points: Points },
  level: Level,
  stretch: TimeRange,
): Promise<string[]> {
  const slotMs = levels.slotMs(level);
  const slots = new Map<number, RowSums>();
  for await (const row of reader.rows({ pieces: [{ ...stretch, level: level - 1 }], upToMs: slotMs, own: true })) {
    const fromMs = Math.max(row.startMs, row.fromMs);
    const toMs = Math.min(row.startMs + row.durationMs, row.toMs);
    for (let slot = Math.floor(fromMs / slotMs); slot * slotMs < toMs; slot++) {
      const sums = slots.get(slot) ?? new RowSums();
      slots.set(slot, sums);
      sums.add(row, { fromMs: slot * slotMs, toMs: (slot + 1) * slotMs });
    }
  }
  return [...slots].flatMap(([slot, sums]) => {
    const counted = sums
      .observations()
      .filter((one) => one.count + one.requestBytes + one.responseBytes > 0 || one.buckets.length > 0);
    return counted.map((one) => points.requests(one, { startMs: slot * slotMs }, one));
  });
}
