import { quantile } from "../../world/histogram.ts";
import { OUTCOMES, outcomePosition, outcomesOf } from "../../world/outcomes.ts";
import type { Selection, SeriesPoint, TimeRange } from "../store.ts";
import type { InfluxClient } from "./client.ts";
import type { Levels } from "./levels.ts";
import type { Names } from "./names.ts";
import { unpack } from "./packed.ts";
import type { Reader } from "./reader.ts";
import { addShares, sorted } from "./row-sums.ts";
import type { CounterRow } from "./rows.ts";
import { isSelected, whereOf } from "./selecting.ts";
import { Cut, NEAREST } from "./shares.ts";
import { Shown } from "./shown.ts";

/** What a series is asked for; range and step were checked. */
export interface SeriesQuestion {
  readonly selection: Selection;
  readonly range: TimeRange;
  readonly stepMs: number;
  readonly points: number;
}

/** What history is read with. */
export interface Source {
  readonly client: InfluxClient;
  readonly reader: Reader;
  readonly levels: Levels;
  readonly names: Names;
}

/** One point a step, gaps as zeros. */
export async function readSeries(source: Source, question: SeriesQuestion): Promise<SeriesPoint[]> {
  const { reader, levels, names } = source;
  const { selection, range, stepMs, points } = question;
  const level = levels.levelFor(range, stepMs);
  const shown = new Shown(await reader.present({ range, level }));
  const slots = Array.from({ length: points }, () => new Slot());
  for await (const row of reader.rows({ range, level, where: whereOf(selection, names) })) {
    const key = { ...row.key, route: names.routeOf(row.key) };
    if (!isSelected(selection, key) || !shown.has(key)) continue;
    addRow(slots, row, question);
  }
  return slots.map((slot, at) => slot.point(range.fromMs + at * stepMs));
}

function addRow(slots: readonly Slot[], row: CounterRow, { selection, range, stepMs }: SeriesQuestion): void {
  const { key, startMs, durationMs } = row;
  // Neither connections nor what went on as another protocol (status 101) has a latency, as in world/.
  const isTimed = selection.protocol === "tcp" || (key.protocol !== "tcp" && key.status !== 101);
  const fromMs = Math.max(startMs, row.fromMs);
  const toMs = Math.min(startMs + durationMs, row.toMs);
  const buckets = isTimed ? unpack(row.buckets) : [];
  for (let at = Math.floor((fromMs - range.fromMs) / stepMs); at < slots.length; at++) {
    const slotFromMs = range.fromMs + at * stepMs;
    if (slotFromMs >= toMs) break;
    slots[at]!.add(row, buckets, { fromMs: slotFromMs, toMs: Math.min(range.toMs, slotFromMs + stepMs) });
  }
}

/** The sums of one step. */
class Slot {
  /** In the order of OUTCOMES. */
  readonly #outcomes = OUTCOMES.map(() => 0);
  readonly #buckets = new Map<number, number>();
  #requestBytes = 0;
  #responseBytes = 0;

  add(row: CounterRow, buckets: readonly number[], stretch: TimeRange): void {
    const cut = new Cut(row, stretch);
    this.#outcomes[outcomePosition(row.key.outcome)]! += cut.share(row.count, NEAREST);
    this.#requestBytes += cut.share(row.requestBytes, NEAREST);
    this.#responseBytes += cut.share(row.responseBytes, NEAREST);
    addShares(this.#buckets, buckets, cut);
  }

  point(atMs: number): SeriesPoint {
    const buckets = sorted(this.#buckets);
    const milliseconds = (share: number): number | null => {
      const micros = quantile(buckets, share);
      return micros === null ? null : micros / 1_000;
    };
    return {
      atMs,
      outcomes: outcomesOf(this.#outcomes),
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
      p50Ms: milliseconds(0.5),
      p95Ms: milliseconds(0.95),
      p99Ms: milliseconds(0.99),
    };
  }
}
