/**
 * Windows as they come, in any order and late, as what the reporter rule shows of each slot.
 *
 * Two reporters see each request, and which of them is shown may change while a slot fills. So a slot holds what each view
 * says, and each time that it is read tells by how much what is shown has changed. A slot that nobody wrote to for a minute is
 * settled: what comes for it still later is added to what was told.
 */
import type { LossKind, ReportedWindow } from "../../identity/observation.ts";
import { outcomePosition } from "../../world/outcomes.ts";
import { shownOf, viewOf } from "../../world/reporter-rule.ts";
import type { View } from "../../world/reporter-rule.ts";
import { partOf } from "../../world/spread.ts";
import type { Part } from "../../world/spread.ts";
import { LOST, OUTCOME_COUNT, REPORTED } from "./measures.ts";
import type { Measures } from "./measures.ts";
import type { CountedSeries, SeriesTable } from "./series.ts";
import { SLOT_MS, slotOf } from "./slots.ts";

/** Slots of one window at most, the newest: six hours. What lies before is counted as too old. */
const MAX_PARTS = 2_160;
/** A slot is settled so many ticks after it was written to last. */
const SETTLE_AFTER = 6;
/** Rows held over all slots; past it the slot that was written to longest ago is settled before its time. */
const MAX_ROWS = 400_000;
const VIEW_COUNT = 4;
/** Losses that are requests which were not counted in full. */
const OF_REQUESTS: ReadonlySet<LossKind> = new Set([
  "edgesFull",
  "endpointsFull",
  "latencyFull",
  "attributesMissing",
  "requestsLost",
]);

/** By how much what is shown of a series in a slot has changed; the row holds until the next one is told. */
export type Told = (series: CountedSeries, slot: number, change: Float64Array) => void;

/** What one series has in one slot: a row a view and one for what was told, one after the other. */
interface Entry {
  readonly series: CountedSeries;
  readonly numbers: Uint32Array;
}

interface Slot {
  readonly entries: Map<CountedSeries, Entry>;
  readonly asDestination: Set<string>;
  readonly asReporter: Set<string>;
  isDirty: boolean;
  /** The tick in which it was written to last. */
  writtenAt: number;
}

export class Arrivals {
  readonly #measures: Measures;
  readonly #series: SeriesTable;
  readonly #slots = new Map<number, Slot>();
  readonly #change: Float64Array;
  readonly #outcomes = new Float64Array(OUTCOME_COUNT);
  #rows = 0;
  #tick = 0;
  #tooOld = 0;

  constructor(measures: Measures, series: SeriesTable) {
    this.#measures = measures;
    this.#series = series;
    this.#change = new Float64Array(measures.width);
  }

  /** Requests that lay further back in a window than slots are kept apart. */
  get tooOld(): number {
    return this.#tooOld;
  }

  /** @param sinceSlot what lies before is left out */
  add(window: ReportedWindow, sinceSlot: number): void {
    this.#series.name(window.nodes);
    const parts = slotParts(window.startMs, window.durationMs).filter(({ second }) => second >= sinceSlot);
    if (parts.length === 0) return;
    const isCut = parts[0]!.from > 0 && parts[0]!.second > sinceSlot;
    const slots = parts.map(({ second }) => this.#slotAt(second));
    window.observations.forEach((observation, ordinal) => {
      const series = this.#series.of(observation);
      if (!series) return;
      const view = viewOf(observation);
      const { counted } = series;
      const kind = { protocol: counted.protocol, client: counted.client.kind };
      // Status 101: the connection went on as another protocol, its duration is no latency.
      const counts = observation.status === 101 ? { ...observation, buckets: [] } : observation;
      if (isCut) this.#tooOld += Math.round(observation.count * parts[0]!.from);
      parts.forEach((part, at) => {
        const { outcome, count, buckets } = partOf(counts, part, ordinal * 64);
        const slot = slots[at]!;
        hear(slot, view, observation);
        const row = this.#rowOf(slot, series, view);
        this.#outcomes.fill(0);
        this.#outcomes[outcomePosition(outcome)] = count;
        this.#measures.addOutcomes(row, this.#outcomes, kind);
        this.#measures.addLatencies(row, buckets, kind);
      });
    });
    this.#addLosses(window, slots.at(-1)!);
  }

  /** Tells what has changed since it was asked last, and settles what is long quiet. Once a tick. */
  read(told: Told): void {
    this.#tick++;
    for (const [number, slot] of this.#slots) {
      if (slot.isDirty) this.#tell(number, slot, told);
      if (this.#tick - slot.writtenAt >= SETTLE_AFTER) this.#settle(number, slot);
    }
    if (this.#rows <= MAX_ROWS) return;
    const oldest = [...this.#slots].sort((a, b) => a[1].writtenAt - b[1].writtenAt || a[0] - b[0]);
    for (const [number, slot] of oldest) if (this.#rows > MAX_ROWS) this.#settle(number, slot);
  }

  /** What a reporter could not count, beside what it did; at the end of its window. */
  #addLosses({ reporter, losses, observations }: ReportedWindow, slot: Slot): void {
    const series = this.#series.of({ client: reporter, server: reporter, protocol: "http", method: "", route: "" });
    if (!series) return;
    // In the view that is shown whoever else is heard.
    const row = this.#rowOf(slot, series, 2);
    const lost = losses.filter(({ kind }) => OF_REQUESTS.has(kind)).reduce((sum, { count }) => sum + count, 0);
    row[LOST]! += lost;
    row[REPORTED]! += observations.reduce((sum, { count }) => sum + count, lost);
    slot.asReporter.add(reporter);
  }

  #rowOf(slot: Slot, series: CountedSeries, view: View): Uint32Array {
    const { width } = this.#measures;
    let entry = slot.entries.get(series);
    if (!entry) {
      entry = { series, numbers: new Uint32Array(width * (VIEW_COUNT + 1)) };
      slot.entries.set(series, entry);
      this.#rows++;
    }
    return entry.numbers.subarray(view * width, (view + 1) * width);
  }

  #slotAt(number: number): Slot {
    const slot: Slot = this.#slots.get(number) ?? {
      entries: new Map(),
      asDestination: new Set(),
      asReporter: new Set(),
      isDirty: true,
      writtenAt: this.#tick,
    };
    slot.isDirty = true;
    slot.writtenAt = this.#tick;
    this.#slots.set(number, slot);
    return slot;
  }

  #tell(number: number, slot: Slot, told: Told): void {
    slot.isDirty = false;
    const { width } = this.#measures;
    const change = this.#change;
    for (const { series, numbers } of slot.entries.values()) {
      const { client, server } = series.counted;
      const serverAsDestination = slot.asDestination.has(server.id);
      const eitherEnd = serverAsDestination || slot.asReporter.has(client.id) || slot.asReporter.has(server.id);
      const { views } = shownOf({ serverAsDestination, eitherEnd });
      let isChanged = false;
      for (let at = 0; at < width; at++) {
        let shown = 0;
        for (const view of views) shown += numbers[view * width + at]!;
        const before = numbers[VIEW_COUNT * width + at]!;
        change[at] = shown - before;
        if (shown === before) continue;
        isChanged = true;
        numbers[VIEW_COUNT * width + at] = shown;
      }
      if (isChanged) told(series, number, change);
    }
  }

  #settle(number: number, slot: Slot): void {
    this.#rows -= slot.entries.size;
    this.#slots.delete(number);
  }
}

/** Which sidecars are heard in a slot. */
function hear(slot: Slot, view: View, { client, server }: { readonly client: string; readonly server: string }): void {
  if (view === 0) {
    slot.asDestination.add(server);
    slot.asReporter.add(server);
  } else if (view !== 3) slot.asReporter.add(client);
}

/** A window cut into slots, oldest first; one that is no longer than a second or so lies in the slot of its middle. */
function slotParts(startMs: number, durationMs: number): Part[] {
  if (durationMs <= 1_500) return [{ second: slotOf(startMs + durationMs / 2), from: 0, to: 1 }];
  const last = Math.ceil((startMs + durationMs) / SLOT_MS) - 1;
  const first = Math.max(slotOf(startMs), last - MAX_PARTS + 1);
  const parts: Part[] = [];
  for (let second = first; second <= last; second++) {
    const from = Math.max(0, (second * SLOT_MS - startMs) / durationMs);
    const to = Math.min(1, ((second + 1) * SLOT_MS - startMs) / durationMs);
    parts.push({ second, from, to });
  }
  return parts;
}
