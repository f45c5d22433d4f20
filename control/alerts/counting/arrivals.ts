/**
 * Windows as they come, in any order and late, as what the reporter rule shows of each slot.
 *
 * Two reporters see each request, and which of them is shown may change while a slot fills. So a slot holds what each view
 * says, and each time that it is read tells by how much what is shown has changed. A slot that nobody wrote to for a minute is
 * settled: of what comes for it still later that is added to what was told which was not shown by another reporter.
 */
import type { LossKind, Observation, ReportedWindow } from "../../identity/observation.ts";
import type { Buckets } from "../../world/histogram.ts";
import { outcomePosition } from "../../world/outcomes.ts";
import { shownOf, viewOf } from "../../world/reporter-rule.ts";
import type { Heard as SeenBy, View } from "../../world/reporter-rule.ts";
import { partOf, partsOf } from "../../world/spread.ts";
import type { Part } from "../../world/spread.ts";
import { Heard, NodeNumbers } from "./heard.ts";
import { CONNECTS, LOST, OUTCOME_COUNT, REPORTED, REQUESTS } from "./measures.ts";
import type { Measures, Numbers } from "./measures.ts";
import type { CountedSeries, SeriesTable } from "./series.ts";
import { SLOT_MS } from "./slots.ts";

/** Slots of one window at most, the newest: six hours. What lies before is counted as too old. */
const MAX_PARTS = 2_160;
/** A slot is settled so many ticks after it was written to last. */
const SETTLE_AFTER = 6;
/** Series held over all slots; past it the older half of the slots is settled before its time. */
const MAX_ENTRIES = 400_000;
/** Who was heard is kept for so many slots, of settled ones too: six hours. */
const HEARD_SLOTS = 2_160;
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

/** Adds to the row of a series in a slot what `Measures` does not count of its latencies. */
export type CountsBeside = (row: Numbers, buckets: Buckets, of: { series: CountedSeries; slot: number }) => void;

/** What one series has in one slot: a row a view and one for what was told, one after the other. */
interface Entry {
  readonly series: CountedSeries;
  readonly numbers: Uint32Array;
  /** The rows of views that were counted in, as parts of `numbers`: to make one costs more than to count. */
  readonly rows: (Uint32Array | undefined)[];
}

interface Slot {
  readonly entries: Map<CountedSeries, Entry>;
  readonly heard: Heard;
  /** Who was heard before it was settled; undefined where it never was. */
  readonly before: Heard | undefined;
  isDirty: boolean;
  /** The tick in which it was written to last. */
  writtenAt: number;
}

export class Arrivals {
  readonly #measures: Measures;
  readonly #series: SeriesTable;
  readonly #told: Told;
  readonly #countBeside: CountsBeside;
  readonly #slots = new Map<number, Slot>();
  /** By slot: who was heard in those that are settled. */
  readonly #settled = new Map<number, Heard>();
  readonly #nodes = new NodeNumbers();
  readonly #change: Float64Array;
  readonly #outcomes = new Float64Array(OUTCOME_COUNT);
  #entries = 0;
  #tick = 0;
  #endSlot = -Infinity;
  #cut = 0;

  constructor(measures: Measures, series: SeriesTable, told: Told, countBeside: CountsBeside = () => undefined) {
    this.#measures = measures;
    this.#series = series;
    this.#told = told;
    this.#countBeside = countBeside;
    this.#change = new Float64Array(measures.width);
  }

  /** Requests that lay too far back or ahead to be kept apart. */
  get cut(): number {
    return this.#cut;
  }

  /** @param sinceSlot what lies before is left out */
  add(window: ReportedWindow, sinceSlot: number): void {
    this.#series.name(window.nodes);
    const all = partsOf(window.startMs, window.durationMs, { slotMs: SLOT_MS, last: MAX_PARTS });
    const before = all[0]!.slot > sinceSlot ? all[0]!.from : 0;
    if (before > 0) for (const { count } of window.observations) this.#cut += Math.round(count * before);
    const parts = all.filter(({ slot }) => slot >= sinceSlot);
    for (const part of parts) {
      const slot = this.#slotAt(part.slot);
      window.observations.forEach((observation, ordinal) => this.#addPart(slot, observation, { part, ordinal }));
      if (this.#entries > MAX_ENTRIES) this.#makeRoom();
    }
    if (parts.length > 0) this.#addLosses(window, this.#slotAt(parts.at(-1)!.slot));
  }

  /**
   * Tells what has changed since it was asked last, and settles what is long quiet. Once a tick.
   * @param endSlot the first that is not told yet: what lies ahead waits for its time
   */
  read(endSlot: number): void {
    this.#tick++;
    this.#endSlot = endSlot;
    for (const [number, slot] of this.#slots) {
      if (number >= endSlot) continue;
      if (slot.isDirty) this.#tell(number, slot);
      if (this.#tick - slot.writtenAt >= SETTLE_AFTER) this.#settle(number, slot);
    }
    for (const number of this.#settled.keys()) if (number < endSlot - HEARD_SLOTS) this.#settled.delete(number);
  }

  #addPart(slot: Slot, observation: Observation, { part, ordinal }: { part: Part; ordinal: number }): void {
    const series = this.#series.of(observation);
    if (!series) return;
    const view = viewOf(observation);
    const { counted } = series;
    const kind = { protocol: counted.protocol, client: counted.client.kind };
    // Status 101: the connection went on as another protocol, its duration is no latency.
    const counts = observation.status === 101 ? { ...observation, buckets: [] } : observation;
    const { outcome, count, buckets } = partOf(counts, part, ordinal * 64);
    this.#hear(slot, view, observation);
    const row = this.#rowOf(slot, series, view);
    this.#outcomes.fill(0);
    this.#outcomes[outcomePosition(outcome)] = count;
    this.#measures.addOutcomes(row, this.#outcomes, kind);
    this.#measures.addLatencies(row, buckets, kind);
    this.#countBeside(row, buckets, { series, slot: part.slot });
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
    slot.heard.asReporter.add(this.#nodes.of(reporter));
  }

  /** Which sidecars are heard in a slot. */
  #hear({ heard }: Slot, view: View, { client, server }: Pick<Observation, "client" | "server">): void {
    if (view === 0) {
      heard.asDestination.add(this.#nodes.of(server));
      heard.asReporter.add(this.#nodes.of(server));
    } else if (view !== 3) heard.asReporter.add(this.#nodes.of(client));
  }

  #rowOf(slot: Slot, series: CountedSeries, view: View): Uint32Array {
    const { width } = this.#measures;
    let entry = slot.entries.get(series);
    if (!entry) {
      entry = { series, numbers: new Uint32Array(width * (VIEW_COUNT + 1)), rows: [] };
      slot.entries.set(series, entry);
      this.#entries++;
    }
    return (entry.rows[view] ??= entry.numbers.subarray(view * width, (view + 1) * width));
  }

  #slotAt(number: number): Slot {
    let slot = this.#slots.get(number);
    if (!slot) {
      const before = this.#settled.get(number);
      slot = { entries: new Map(), heard: new Heard(), before, isDirty: true, writtenAt: this.#tick };
      this.#slots.set(number, slot);
    }
    slot.isDirty = true;
    slot.writtenAt = this.#tick;
    return slot;
  }

  #tell(number: number, slot: Slot): void {
    slot.isDirty = false;
    const { width } = this.#measures;
    const change = this.#change;
    for (const { series, numbers } of slot.entries.values()) {
      const { views } = shownOf(this.#heardOf(series, slot));
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
      if (isChanged) this.#told(series, number, change);
    }
  }

  /** In a slot that was settled, what the client told stands, and its server's view of the same requests comes too late. */
  #heardOf({ counted }: CountedSeries, { heard, before }: Slot): SeenBy {
    const client = this.#nodes.of(counted.client.id);
    const server = this.#nodes.of(counted.server.id);
    const isTold = before?.asReporter.has(client) ?? false;
    const wasDestination = before?.asDestination.has(server) ?? false;
    const serverAsDestination = wasDestination || (!isTold && heard.asDestination.has(server));
    const eitherEnd =
      isTold ||
      heard.asReporter.has(client) ||
      heard.asReporter.has(server) ||
      (before?.asReporter.has(server) ?? false);
    return { protocol: counted.protocol, serverAsDestination, eitherEnd };
  }

  #settle(number: number, slot: Slot): void {
    this.#entries -= slot.entries.size;
    this.#slots.delete(number);
    const { heard, before } = slot;
    this.#settled.set(number, before ? before.with(heard) : heard);
  }

  /** Settles the older half of the slots before its time. Of what lies ahead and cannot be told yet the furthest is given up. */
  #makeRoom(): void {
    const numbers = [...this.#slots.keys()].sort((a, b) => a - b);
    const half = Math.ceil(numbers.length / 2);
    const due = numbers.filter((number) => number < this.#endSlot).slice(0, half);
    for (const number of due) {
      const slot = this.#slots.get(number)!;
      this.#tell(number, slot);
      this.#settle(number, slot);
    }
    if (due.length > 0) return;
    for (const number of numbers.slice(-half)) {
      const slot = this.#slots.get(number)!;
      for (const { numbers: row } of slot.entries.values()) this.#cut += row[REQUESTS]! + row[CONNECTS]!;
      this.#entries -= slot.entries.size;
      this.#slots.delete(number);
    }
  }
}
