import type { Observation, ReporterSide } from "../identity/observation.ts";
import { mergeBuckets } from "../world/histogram.ts";
import type { Buckets } from "../world/histogram.ts";
import { outcomePosition } from "../world/outcomes.ts";
import { shownOf, viewOf } from "../world/reporter-rule.ts";
import type { Heard, View } from "../world/reporter-rule.ts";
import type { HistoryStep, StepCount, StepSeries, StepsQuestion } from "./history-step.ts";
import { Cut, NEAREST, phaseOf } from "./shares.ts";
import type { Stretched } from "./shares.ts";

/** What a counter counts. */
type CounterKey = Pick<
  Observation,
  "side" | "client" | "server" | "protocol" | "method" | "route" | "outcome" | "status"
>;

interface Known {
  readonly series: StepSeries;
  /** Whether it is told. What is not still says who was heard. */
  readonly isWanted: boolean;
}

/** What the sums of steps need to know of a counter's key. */
export interface StepKey {
  readonly known: Known;
  readonly view: View;
  /** A position in OUTCOMES. */
  readonly outcome: number;
  /** Whether its durations are latencies, or lifetimes of connections. */
  readonly isTimed: boolean;
}

/** Makes one object of everything that is the same series. */
export class StepKeys {
  readonly #matches: (series: StepSeries) => boolean;
  readonly #series = new Map<string, Known>();

  constructor({ matches = () => true }: Pick<StepsQuestion, "matches">) {
    this.#matches = matches;
  }

  of({ side, outcome, status, ...endpoint }: CounterKey): StepKey {
    const { client, server, protocol, method, route } = endpoint;
    const text = JSON.stringify([client, server, protocol, method, route]);
    let known = this.#series.get(text);
    if (!known) {
      const series = { client, server, protocol, method, route };
      known = { series, isWanted: this.#matches(series) };
      this.#series.set(text, known);
    }
    return {
      known,
      view: viewOf({ side, outcome }),
      outcome: outcomePosition(outcome),
      isTimed: protocol === "tcp" || status !== 101,
    };
  }
}

/** A counter of a stretch of time. It is read at once and not kept, so one object may stand for one counter after another. */
export interface StepRow extends Stretched {
  readonly count: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Its latencies as (index, count) pairs, to be kept; taken only where they are needed. */
  buckets(): number[];
}

/** What was counted of one series by one view; where that is all that is shown of it, it is what is told. */
interface Sum extends StepCount {
  side: ReporterSide;
  by: StepCount["by"];
  readonly outcomes: number[];
  buckets: Buckets;
}

const NOBODY: StepCount["by"] = { client: false, server: false };

/** By view. */
type Views = (Sum | undefined)[];

type Step = Map<Known, Views>;

/** What was counted in some steps, by every side that reported it. */
export class StepSums {
  readonly #stepMs: number;
  /** By number: time over length. */
  readonly #steps = new Map<number, Step>();
  #size = 0;

  constructor(stepMs: number) {
    this.#stepMs = stepMs;
  }

  /** Sums that were made. */
  get size(): number {
    return this.#size;
  }

  /** Adds what of a counter falls into each step. Where that is nothing, nobody was heard by it: a roll-up leaves it out too. */
  add(key: StepKey, row: StepRow): void {
    const { startMs, durationMs, fromMs, toMs } = row;
    const stepMs = this.#stepMs;
    const last = Math.floor((Math.min(startMs + durationMs, toMs) - 1) / stepMs);
    for (let at = Math.floor(Math.max(startMs, fromMs) / stepMs); at <= last; at++) {
      const cut = new Cut(row, { fromMs: at * stepMs, toMs: (at + 1) * stepMs });
      const count = cut.share(row.count, NEAREST);
      const isKept = key.known.isWanted && key.isTimed;
      const buckets = isKept || count === 0 ? sharesOf(row.buckets(), cut) : [];
      if (count === 0 && buckets.length === 0 && !hasBytes(row, cut)) continue;
      const sum = this.#sumOf(at, key);
      sum.outcomes[key.outcome]! += count;
      if (isKept && buckets.length > 0) {
        sum.buckets = sum.buckets.length === 0 ? buckets : mergeBuckets(sum.buckets, buckets);
      }
    }
  }

  #sumOf(at: number, { known, view }: StepKey): Sum {
    let step = this.#steps.get(at);
    if (!step) this.#steps.set(at, (step = new Map<Known, Views>()));
    let views = step.get(known);
    if (!views) step.set(known, (views = [undefined, undefined, undefined, undefined]));
    let sum = views[view];
    if (!sum) {
      const counted = { outcomes: [0, 0, 0, 0, 0], buckets: [] };
      sum = views[view] = { series: known.series, side: "source", by: NOBODY, ...counted };
      this.#size += 1;
    }
    return sum;
  }

  /** What the reporter rule shows of each step that begins before an instant, oldest first; they are held no more. */
  *take(beforeMs = Infinity): Generator<HistoryStep> {
    const numbers = [...this.#steps.keys()].filter((at) => at * this.#stepMs < beforeMs);
    for (const at of numbers.sort((a, b) => a - b)) {
      const counts = shownIn(this.#steps.get(at)!);
      this.#steps.delete(at);
      if (counts.length > 0) yield { atMs: at * this.#stepMs, counts };
    }
  }
}

function shownIn(step: Step): StepCount[] {
  const heard = heardIn(step);
  const counts: StepCount[] = [];
  for (const [{ series, isWanted }, views] of step) {
    if (!isWanted) continue;
    const shown = shownOf(heard(series));
    let told: Sum | undefined;
    for (const view of shown.views) {
      const sum = views[view];
      if (sum) told = told ? added(told, sum) : sum;
    }
    if (!told) continue;
    told.side = shown.side;
    const [destination, arrived, notReached] = views;
    told.by = { client: (arrived ?? notReached) !== undefined, server: destination !== undefined };
    counts.push(told);
  }
  return counts;
}

/** Who was heard, in all that was counted. */
function heardIn(step: Step): (series: StepSeries) => Heard {
  const asDestination = new Set<string>();
  const asReporter = new Set<string>();
  for (const [{ series }, [destination, arrived, notReached]] of step) {
    if (destination) asDestination.add(series.server);
    if (arrived ?? notReached) asReporter.add(series.client);
  }
  const isHeard = (node: string): boolean => asDestination.has(node) || asReporter.has(node);
  return ({ client, server, protocol }) => ({
    protocol,
    serverAsDestination: asDestination.has(server),
    eitherEnd: isHeard(server) || isHeard(client),
  });
}

function added(a: Sum, b: Sum): Sum {
  const outcomes = a.outcomes.map((count, at) => count + b.outcomes[at]!);
  return { ...a, outcomes, buckets: mergeBuckets(a.buckets, b.buckets) };
}

function sharesOf(buckets: number[], cut: Cut): number[] {
  if (cut.isAll) return buckets;
  const shares: number[] = [];
  for (let at = 0; at < buckets.length; at += 2) {
    const index = buckets[at]!;
    const share = cut.share(buckets[at + 1]!, phaseOf(index));
    if (share > 0) shares.push(index, share);
  }
  return shares;
}

function hasBytes({ requestBytes, responseBytes }: StepRow, cut: Cut): boolean {
  return cut.share(requestBytes, NEAREST) + cut.share(responseBytes, NEAREST) > 0;
}
