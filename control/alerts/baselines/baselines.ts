/** All that is learned for the rules of one engine, and what of it they share. */
import type { Buckets } from "../../world/histogram.ts";
import type { Column } from "../counting/column.ts";
import { BAD, REQUESTS, TIMED } from "../counting/measures.ts";
import type { Measures, Numbers } from "../counting/measures.ts";
import type { WindowSum } from "../counting/rings.ts";
import type { CountedSeries } from "../counting/series.ts";
import type { UsualOf } from "../judging/group-judge.ts";
import type { MatchedGroups } from "../judging/matched-groups.ts";
import type { BaselineRule, Indicator } from "../rule.ts";
import { Room } from "./hour-table.ts";
import { HOUR_MS, hourOf } from "./hours.ts";
import { UnusualErrorsJudge, UnusualLatencyJudge, UnusualThroughputJudge } from "./judges.ts";
import { Ladder, RUNGS } from "./ladder.ts";
import { Learner } from "./learner.ts";
import type { LearnedIndicator } from "./learner.ts";
import type { BaselineParts, UnusualJudge } from "./unusual-judge.ts";
import { LOOK_BACK_HOURS } from "./usual.ts";
import { learningText } from "./words.ts";

/** Ladders that all rules together may have. */
const MAX_LADDERS = 8;

/** What a rule still waits for. */
export interface Waiting {
  readonly rule: string;
  readonly why: string;
}

export interface JudgeParts {
  /** Of the column. */
  readonly key: string;
  readonly column: Column;
  readonly groups: MatchedGroups;
  /** Since when counters are known at all, milliseconds since the epoch. */
  readonly sinceMs: () => number;
}

/** What a judge is made of; windows in the order of what the rule needs. */
interface Windows extends Pick<JudgeParts, "sinceMs"> {
  readonly parts: BaselineParts;
  readonly windows: readonly WindowSum[];
}

export class Baselines {
  readonly #measures: Measures;
  /** By column and factor: where a ladder begins. */
  readonly #positions = new Map<string, number>();
  readonly #ladders = new Map<number, Ladder>();
  /** By column and indicator. */
  readonly #learners = new Map<string, Learner>();
  readonly #judges: UnusualJudge[] = [];
  readonly #room = new Room();

  constructor(measures: Measures) {
    this.#measures = measures;
  }

  /**
   * What a rule needs the sums of.
   * @param key of its column
   * @throws RangeError where there is no room for its latency
   */
  measuresOf({ indicator, factor }: BaselineRule, key: string): number[] {
    if (indicator === "throughput") return [REQUESTS];
    if (indicator === "errors") return [BAD, REQUESTS];
    const first = this.#positionOf(key, factor);
    return [TIMED, ...Array.from({ length: RUNGS }, (_, rung) => first + rung)];
  }

  judgeOf(rule: BaselineRule, { key, column, groups, sinceMs }: JudgeParts): UnusualJudge {
    const learner = this.#learnerOf(rule.indicator, { key, column });
    const windows = this.measuresOf(rule, key).map((measure) => column.sums(measure).window(rule.windowMs));
    const judge = this.#judge(rule, { parts: { column, groups, learner }, windows, sinceMs });
    this.#judges.push(judge);
    if (rule.indicator !== "latency") return judge;
    const position = this.#positionOf(key, rule.factor);
    if (!this.#ladders.has(position)) this.#ladders.set(position, new Ladder(learner, rule.factor, position));
    return judge;
  }

  /** What is usual now for the groups of a column, for rules that do not judge by it; null where it is not known, or nothing of the kind is learned. */
  usualOf(indicator: Indicator["kind"], { key, column }: Pick<JudgeParts, "key" | "column">): UsualOf {
    if (indicator !== "errors" && indicator !== "throughput") return () => null;
    const learner = this.#learnerOf(indicator, { key, column });
    return (group) => learner.usual(group, hourOf(column.endMs - 1))?.value ?? null;
  }

  #learnerOf(indicator: LearnedIndicator, { key, column }: Pick<JudgeParts, "key" | "column">): Learner {
    const learnerKey = `${indicator} ${key}`;
    const known = this.#learners.get(learnerKey);
    if (known) return known;
    const learner = new Learner(column, indicator, this.#room);
    this.#learners.set(learnerKey, learner);
    return learner;
  }

  #judge(rule: BaselineRule, { parts, windows, sinceMs }: Windows): UnusualJudge {
    switch (rule.indicator) {
      case "latency":
        return new UnusualLatencyJudge(rule, parts, { all: windows[0]!, rungs: windows.slice(1) });
      case "errors":
        return new UnusualErrorsJudge(rule, parts, { bad: windows[0]!, all: windows[1]! });
      case "throughput":
        return new UnusualThroughputJudge(rule, parts, { all: windows[0]!, sinceMs });
    }
  }

  #positionOf(key: string, factor: number): number {
    const ladder = `${factor} ${key}`;
    const known = this.#positions.get(ladder);
    if (known !== undefined) return known;
    if (this.#positions.size >= MAX_LADDERS) {
      throw new RangeError(
        `all rules together may have ${MAX_LADDERS} baselines of latency; take the grouping and factor of another`,
      );
    }
    const position = this.#measures.reserve(RUNGS);
    this.#positions.set(ladder, position);
    return position;
  }

  /** How far back hours are learned from, milliseconds; 0 where no rule asks for it. The first may be told in part. */
  get depthMs(): number {
    return this.#learners.size === 0 ? 0 : (LOOK_BACK_HOURS + 1) * HOUR_MS;
  }

  /** Groups that found no room. */
  get skipped(): number {
    return this.#room.skipped;
  }

  /** Adds to a row, as `Measures` made it, what latencies are slower than is usual at an instant. */
  count(row: Numbers, buckets: Buckets, { series, atMs }: { series: CountedSeries; atMs: number }): void {
    if (series.counted.protocol === "tcp" || buckets.length === 0) return;
    const at = { series, hour: hourOf(atMs) };
    for (const ladder of this.#ladders.values()) ladder.count(row, buckets, at);
  }

  /** Reads what was counted of a series in the hour that is learned next. */
  read(series: CountedSeries, row: ArrayLike<number>, buckets: Buckets): void {
    if (series.counted.protocol === "tcp") return;
    for (const learner of this.#learners.values()) learner.read(series, row, buckets);
  }

  /** All of an hour was read, the one that begins at an instant. */
  learn(atMs: number): void {
    for (const learner of this.#learners.values()) learner.learn(hourOf(atMs));
  }

  /** Rules that do not know yet what is usual for all that they are about. */
  waiting(): Waiting[] {
    return this.#judges.flatMap((judge) => {
      const why = learningText(judge.learning(), judge.rule.indicator);
      return why === "" ? [] : [{ rule: judge.rule.name, why }];
    });
  }
}
