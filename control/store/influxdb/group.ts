import { mergeObservations } from "../../identity/merge-observations.ts";
import type { Exemplar, Observation, ReportedWindow } from "../../identity/observation.ts";
import { ExemplarChoice } from "../exemplar-budget.ts";
import type { ExemplarBudget } from "../exemplar-budget.ts";
import type { Dirty } from "./dirty.ts";
import type { BucketLines } from "./journal.ts";
import { bucketName, namesBucket, timestamp } from "./layout.ts";
import type { Level, Levels } from "./levels.ts";
import { EXEMPLARS_KEPT_MS } from "./limits.ts";
import { LOSS_LEVEL } from "./losses.ts";
import { Additions } from "./names.ts";
import type { Names } from "./names.ts";
import { nodePoint } from "./points.ts";
import { OF_PODS } from "./rows.ts";
import type { Points, Spot } from "./points.ts";

/** What groups are made with. */
export interface GroupContext {
  readonly prefix: string;
  readonly levels: Levels;
  readonly points: Points;
  readonly names: Names;
  readonly exemplars: ExemplarBudget;
}

/** A group of windows as points. Nothing is changed by making one; it throws where a window has what cannot be written. */
export class Group {
  readonly additions = new Additions();
  readonly choice = new ExemplarChoice();
  /** Counters that are older than any resolution keeps, and were left out. */
  tooOld = 0;
  /** The end of the window that reaches furthest. */
  latestMs = 0;
  readonly #context: GroupContext;
  readonly #dirty: Dirty;
  readonly #lines = new Map<string, string[]>();
  #next: number;

  /**
   * @param dirty takes in which slots are to be merged again
   * @param next the number of the first window
   */
  constructor(context: GroupContext, dirty: Dirty, next: number) {
    this.#context = context;
    this.#dirty = dirty;
    this.#next = next;
  }

  /** The number of the window after the last one. */
  get next(): number {
    return this.#next;
  }

  /** The lines, the names first. */
  lines(): BucketLines[] {
    return [...this.#lines].map(([bucket, lines]) => ({ bucket, lines }));
  }

  add(reported: ReportedWindow): void {
    const { names, exemplars, levels } = this.#context;
    const named = names.pods.bounded(names.bounded(reported, this.additions), this.additions.pods);
    const window = exemplars.bounded(named, this.choice);
    const startMs = Math.floor(window.startMs);
    const durationMs = Math.max(1, Math.round(window.durationMs));
    const endMs = startMs + durationMs;
    this.latestMs = Math.max(this.latestMs, endMs);
    const spot = { startMs, durationMs, number: this.#next++ };
    for (const identity of names.newIdentities(window, this.additions)) {
      this.#put(namesBucket(this.#context.prefix), nodePoint(identity, startMs));
    }
    const home = levels.homeOf(endMs);
    if (home === undefined) {
      this.tooOld += window.observations.length + window.pods.length;
      return;
    }
    this.#window(window, spot, home);
    for (const exemplar of window.exemplars) this.#exemplar(exemplar, endMs);
  }

  #window(window: ReportedWindow, spot: Required<Omit<Spot, "isOwn">>, home: Level): void {
    const { levels, points } = this.#context;
    const { startMs, durationMs } = spot;
    const endMs = startMs + durationMs;
    if (home === 0) this.#at(0, points.window({ ...spot, isOwn: this.#isOwn(0, durationMs) }, window));
    const lossLevel = Math.max(home, LOSS_LEVEL);
    const isLossKept = startMs >= levels.expiredBeforeMs(lossLevel);
    const lossTime = timestamp(isLossKept ? startMs : endMs, spot.number);
    for (const loss of window.losses) this.#at(lossLevel, points.loss(lossTime, window.reporter, loss));
    // Its own time at its home, and in every coarser level whose slots are shorter than it.
    const ownLevels = levels.all.flatMap(({ slotMs }, level) =>
      level === home || (level > home && durationMs > slotMs) ? [level] : [],
    );
    // Two of one key would be one point: those whose route became `~other`, say.
    for (const [position, observation] of mergeObservations(window.observations).entries()) {
      this.#observation(observation, { spot, ownLevels, position });
    }
    const podLevels = ownLevels.filter((level) => level <= OF_PODS.coarsest);
    if (podLevels.length === 0) this.tooOld += window.pods.length;
    else this.#pods(window, spot, podLevels);
    const merged = ownLevels.at(-1)! + 1;
    if (window.observations.length + window.pods.length > 0) this.#dirty.touch(merged, startMs, endMs);
  }

  #observation(
    observation: Observation,
    {
      spot,
      ownLevels,
      position,
    }: { readonly spot: Spot; readonly ownLevels: readonly Level[]; readonly position: number },
  ): void {
    const { points, names } = this.#context;
    const { startMs, durationMs = 0 } = spot;
    names.noteSeries(observation, startMs + durationMs, this.additions);
    for (const level of ownLevels) {
      const at = { ...spot, isOwn: this.#isOwn(level, durationMs) };
      // Only the finest level gives windows back as they were, in the order of what they say.
      this.#at(level, points.requests(observation, at, observation, level === 0 ? position : undefined));
    }
  }

  #pods(window: ReportedWindow, spot: Required<Omit<Spot, "isOwn">>, levels: readonly Level[]): void {
    const { points, names } = this.#context;
    const { startMs, durationMs } = spot;
    for (const [position, traffic] of window.pods.entries()) {
      names.pods.note(traffic, startMs + durationMs, this.additions.pods);
      for (const level of levels) {
        const at = { ...spot, isOwn: this.#isOwn(level, durationMs) };
        this.#at(level, points.pods(traffic, at, traffic, level === 0 ? position : undefined));
      }
    }
  }

  #isOwn(level: Level, durationMs: number): boolean {
    return level > 0 || durationMs > this.#context.levels.plainUpToMs;
  }

  /** Those of hours that are over go where the most telling ones of them are. */
  #exemplar(exemplar: Exemplar, endMs: number): void {
    const { levels, points, prefix } = this.#context;
    if (endMs <= levels.clockMs - EXEMPLARS_KEPT_MS) return;
    const line = points.exemplar(exemplar, this.#next++);
    if (exemplar.atMs < levels.expiredBeforeMs(0)) this.#put(namesBucket(prefix), line);
    else this.#at(Math.min(1, levels.coarsest), line);
  }

  #at(level: Level, line: string): void {
    this.#put(bucketName(this.#context.prefix, this.#context.levels.at(level)), line);
  }

  #put(bucket: string, line: string): void {
    const lines = this.#lines.get(bucket);
    if (lines) lines.push(line);
    else this.#lines.set(bucket, [line]);
  }
}
