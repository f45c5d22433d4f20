/**
 * Rules over what is counted. Pure: it has no clock and does no I/O. Windows come in as they come, in any order and late; each
 * ten seconds of the counters' own time it is ticked, and says which alerts changed. What was counted decides, not when it came,
 * so the same history gives the same alerts.
 *
 * A gap in what is known is no outage and no recovery: while nothing at all was told of the last half minute nothing begins and
 * nothing gets better.
 */
import type { NodeIdentity } from "../identity/node.ts";
import type { ReportedWindow } from "../identity/observation.ts";
import type { Buckets } from "../world/histogram.ts";
import type { Alert } from "./alert.ts";
import { AlertBook } from "./alert-book.ts";
import type { ExplainedChange, KeptAlert } from "./alert-book.ts";
import type { Baselines, Waiting } from "./baselines/baselines.ts";
import { HOUR_MS } from "./baselines/hours.ts";
import { Arrivals } from "./counting/arrivals.ts";
import type { Column } from "./counting/column.ts";
import { CONNECTS, REQUESTS } from "./counting/measures.ts";
import type { Kind, Measures } from "./counting/measures.ts";
import { SeriesTable } from "./counting/series.ts";
import type { CountedSeries, SeriesName } from "./counting/series.ts";
import { SLOT_MS, slotOf } from "./counting/slots.ts";
import { BAD_CALL_LIMIT_MS, BadCalls } from "./incidents/bad-calls.ts";
import { Incidents } from "./incidents/incidents.ts";
import type { OpenIncident, Telling } from "./incidents/incidents.ts";
import { Origins } from "./incidents/origins.ts";
import { compile } from "./judging/compile.ts";
import type { Refused } from "./judging/compile.ts";
import type { ObjectiveReader } from "./judging/objective-reader.ts";
import { objectivesWith } from "./judging/objectives.ts";
import type { Objective } from "./objective.ts";
import type { Mute, Rule } from "./rule.ts";
import { compileTopology } from "./topology/compile-topology.ts";
import type { Start } from "./topology/starts.ts";
import type { Surroundings } from "./topology/surroundings.ts";

/** Nothing is known where nobody told anything of so many slots. */
const BLIND_AFTER_SLOTS = 3;

/** What was counted in a slot, a minute or an hour, as history has it. */
export interface CountedStep {
  readonly atMs: number;
  readonly counts: readonly {
    readonly series: SeriesName;
    /** In the order of OUTCOMES. */
    readonly outcomes: ArrayLike<number>;
    readonly buckets: Buckets;
    /** Whose sidecars counted it, shown or not; both, where left out. */
    readonly by?: { readonly client: boolean; readonly server: boolean };
  }[];
}

/** What is kept over a restart. */
export interface EngineState {
  readonly alerts: readonly KeptAlert[];
  readonly incidents: readonly OpenIncident[];
  /** Sidecars that began a short while ago; left out by earlier versions. */
  readonly starts?: readonly Start[];
}

export interface EngineOptions {
  readonly rules: readonly Rule[];
  /** Who owns a workload, by its node id; empty for nobody in particular. */
  readonly ownerOf?: (workload: string) => string;
}

export interface Tick {
  readonly endMs: number;
  readonly changes: readonly ExplainedChange[];
  readonly tellings: readonly Telling[];
  /** Whether `state` is another than before, but for figures. */
  readonly isStateChanged: boolean;
}

export class AlertEngine {
  readonly refused: readonly Refused[];
  readonly #measures: Measures;
  readonly #baselines: Baselines;
  readonly #columns: readonly Column[];
  readonly #series = new SeriesTable(() => {
    for (const column of this.#columns) column.renamed();
    this.#surroundings.renamed();
  });
  readonly #surroundings: Surroundings;
  readonly #arrivals: Arrivals;
  readonly #badCalls: BadCalls;
  readonly #book: AlertBook;
  readonly #incidents = new Incidents();
  readonly #objectives: readonly ObjectiveReader[];
  readonly #ownerOf: (workload: string) => string;
  readonly #row: Float64Array;
  #endMs = -Infinity;
  #sinceMs = Infinity;
  #lastSlot = -Infinity;

  constructor({ rules, ownerOf = () => "" }: EngineOptions) {
    const compiled = compile(rules, () => this.#sinceMs, [BAD_CALL_LIMIT_MS]);
    const { measures, columns, judges, objectives, baselines, refused } = compiled;
    const topology = compileTopology(rules, {
      sinceMs: () => this.#sinceMs,
      seriesOf: (id) => this.#series.of({ client: id, server: id, protocol: "http", method: "", route: "" }),
      firstNumber: columns.length,
    });
    this.refused = [...refused, ...topology.refused];
    this.#baselines = baselines;
    this.#measures = measures;
    this.#surroundings = topology.surroundings;
    this.#badCalls = new BadCalls(topology.nextNumber, measures);
    this.#columns = [...columns, ...topology.columns, this.#badCalls.column];
    this.#arrivals = new Arrivals(
      measures,
      this.#series,
      (series, slot, row) => {
        const step = { atMs: slot * SLOT_MS, stepMs: SLOT_MS, grainMs: undefined };
        for (const column of this.#columns) column.add(series, { ...step, row });
        this.#surroundings.counted(series, step, row[REQUESTS]! + row[CONNECTS]!);
      },
      (row, buckets, { series, slot }) => baselines.count(row, buckets, { series, atMs: slot * SLOT_MS }),
    );
    this.#book = new AlertBook([...judges, ...topology.judges], ownerOf);
    this.#objectives = objectives;
    this.#ownerOf = ownerOf;
    this.#row = new Float64Array(measures.width);
  }

  /** The end of the windows that were judged last, milliseconds since the epoch; -Infinity before `begin`. */
  get endMs(): number {
    return this.#endMs;
  }

  /** Since when anything is known of what was counted, milliseconds since the epoch; Infinity while nothing is. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** Counters that found no room, requests too far back (or ahead) to be kept apart, and what cannot be remembered as seen. */
  get cut(): { readonly series: number; readonly groups: number; readonly tooOld: number; readonly unseen: number } {
    const groups = this.#columns.reduce((sum, { skipped }) => sum + skipped, this.#baselines.skipped);
    return { series: this.#series.skipped, groups, tooOld: this.#arrivals.cut, unseen: this.#surroundings.skipped };
  }

  /** What history fills it with: steps of these lengths, the longest first, and how far back, in milliseconds. */
  depths(): Map<number, number> {
    const depths = new Map<number, number>();
    if (this.learns) depths.set(HOUR_MS, this.#baselines.depthMs);
    for (const from of [...this.#columns, this.#surroundings]) {
      for (const [grainMs, depthMs] of from.depths()) {
        depths.set(grainMs, Math.max(depths.get(grainMs) ?? 0, depthMs));
      }
    }
    // By what is usual at an hour, and by who told of an edge before, shorter steps are counted, so hours come first.
    return new Map([...depths].sort(([a], [b]) => b - a));
  }

  /** Whether rules learn from finished hours. */
  get learns(): boolean {
    return this.#baselines.depthMs > 0;
  }

  /** Rules that do not know yet what is usual for all that they are about. */
  get waiting(): readonly Waiting[] {
    return this.#baselines.waiting();
  }

  /** Where time begins. To be called first, and once. @param endMs the end of all windows; a multiple of SLOT_MS */
  begin(endMs: number): void {
    this.#endMs = endMs;
    for (const column of this.#columns) column.advance(endMs);
    this.#surroundings.begin(endMs);
  }

  /** Identities of what history names. */
  name(nodes: readonly NodeIdentity[]): void {
    this.#series.name(nodes);
  }

  /** Fills the windows that are made of steps of this length, in milliseconds, with history from before `endMs`; learns hours that are whole. */
  load(step: CountedStep, stepMs: number): void {
    this.#take(step, { stepMs, grainMs: stepMs });
    if (stepMs === HOUR_MS && step.atMs + HOUR_MS <= this.#endMs) this.learn(step);
  }

  /**
   * Learns what is usual from a step of a whole hour. In order of time, a week ahead of what is judged at most: at an hour only those before
   * it count.
   */
  learn({ atMs, counts }: CountedStep): void {
    if (!this.learns) return;
    for (const { series: name, outcomes, buckets } of counts) {
      const series = this.#series.of(name);
      if (!series) continue;
      const row = this.#row.fill(0);
      this.#measures.addOutcomes(row, outcomes, kindOf(series));
      this.#baselines.read(series, row, buckets);
    }
    this.#baselines.learn(atMs);
  }

  /** Counts a step as if it came now, in all windows: to be told before the tick that judges it. */
  replay(step: CountedStep, stepMs: number): void {
    this.#take(step, { stepMs, grainMs: undefined });
  }

  /** @param sinceMs only what of the window lies from there on: what lies before comes out of history */
  add(window: ReportedWindow, sinceMs = -Infinity): void {
    this.#sinceMs = Math.min(this.#sinceMs, Math.max(sinceMs, window.startMs));
    this.#lastSlot = Math.max(this.#lastSlot, slotOf(window.startMs + window.durationMs - 1));
    this.#arrivals.add(window, slotOf(sinceMs));
    this.#surroundings.window(window, sinceMs);
  }

  /** Goes on to an instant without judging: what was judged by another engine of other rules. */
  skipTo(endMs: number): void {
    while (this.#endMs < endMs) this.#advance();
  }

  /** Judges the next ten seconds. @param mutes what is held back */
  tick(mutes: readonly Mute[]): Tick {
    this.#advance();
    const endMs = this.#endMs;
    const isBlind = this.#lastSlot < slotOf(endMs) - BLIND_AFTER_SLOTS;
    this.#surroundings.tick(endMs, isBlind);
    let origins: Origins | undefined;
    const changed = this.#book.tick(endMs, {
      isBlind,
      incidentOf: (alert, subject) =>
        this.#incidents.join(alert, subject, (origins ??= new Origins(this.#badCalls.read()))),
    });
    for (const { alert } of changed) if (alert.state === "resolved") this.#incidents.leave(alert);
    const changes = changed.map((change) => ({ ...change, cause: this.#incidents.causeOf(change.alert.incident) }));
    const tellings = this.#incidents.tell(endMs, mutes);
    const hasStarts = this.#surroundings.starts.takeNew();
    return { endMs, changes, tellings, isStateChanged: this.#book.isChanged || tellings.length > 0 || hasStarts };
  }

  #advance(): void {
    this.#endMs += SLOT_MS;
    for (const column of this.#columns) column.advance(this.#endMs);
    this.#arrivals.read(slotOf(this.#endMs));
    for (const column of this.#columns) column.fit();
  }

  #take({ atMs, counts }: CountedStep, { stepMs, grainMs }: { stepMs: number; grainMs: number | undefined }): void {
    this.#sinceMs = Math.min(this.#sinceMs, atMs);
    this.#lastSlot = Math.max(this.#lastSlot, slotOf(atMs + stepMs - 1));
    this.#surroundings.step(counts, { atMs, stepMs, grainMs });
    for (const { series: name, outcomes, buckets } of counts) {
      const series = this.#series.of(name);
      if (!series) continue;
      const row = this.#row.fill(0);
      const kind = kindOf(series);
      this.#measures.addOutcomes(row, outcomes, kind);
      this.#measures.addLatencies(row, buckets, kind);
      if (stepMs < HOUR_MS) this.#baselines.count(row, buckets, { series, atMs });
      for (const column of this.#columns) column.add(series, { atMs, row, grainMs });
      this.#surroundings.counted(series, { atMs, stepMs, grainMs }, row[REQUESTS]! + row[CONNECTS]!);
    }
  }

  /** Alerts that are pending or firing, with their figures of now. */
  alerts(): Alert[] {
    return this.#book.alerts();
  }

  /** How objectives fare, those with the least budget left first. */
  objectives(): Objective[] {
    return objectivesWith(this.alerts(), this.#objectives, { endMs: this.#endMs, ownerOf: this.#ownerOf });
  }

  incidents(): OpenIncident[] {
    return this.#incidents.all();
  }

  /** What is kept over a restart, as it is after a tick. */
  state(): EngineState {
    return { alerts: this.#book.kept(), incidents: this.incidents(), starts: this.#surroundings.starts.all() };
  }

  /** Takes up what was before a restart, after history was loaded. */
  restore({ alerts, incidents, starts = [] }: EngineState): void {
    this.#surroundings.restore(starts);
    this.#incidents.restore(incidents);
    this.#book.restore(alerts);
  }
}

function kindOf({ counted }: CountedSeries): Kind {
  return { protocol: counted.protocol, client: counted.client.kind };
}
