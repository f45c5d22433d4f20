/**
 * Multi-window, multi-burn-rate rules of an objective: Site Reliability Workbook, chapter 5, "Alerting on SLOs", approach 6. The
 * burn rate is the share of bad requests over the share that the objective allows; an alert needs it in a long window, so that it
 * matters, and in a short one, so that it still goes on.
 */
import type { Measured } from "../alert.ts";
import type { BurnRule, BurnWindow } from "../rule.ts";
import { GroupJudge } from "./group-judge.ts";
import type { GroupsToJudge } from "./group-judge.ts";
import type { Judgement } from "./judge.ts";
import { MIN_BAD } from "./share-judge.ts";
import type { ShareSums } from "./share-judge.ts";
import { duration, percent, whatWasBad } from "./words.ts";

/** One pair of windows with its sums. */
export interface BurnSums extends BurnWindow {
  readonly long: ShareSums;
  readonly short: ShareSums;
}

export interface Burns {
  /** Those of one severity. */
  readonly burns: readonly BurnSums[];
  /** Since when counters are known at all, milliseconds since the epoch. */
  readonly sinceMs: () => number;
}

/**
 * What of a long window is not known, as in the first days of an installation, is taken to have been asked as much and to have
 * been good: a few bad requests of the first minute use up no budget of three days.
 */
export class BurnJudge extends GroupJudge {
  readonly #burns: readonly BurnSums[];
  readonly #sinceMs: () => number;
  #endMs = -Infinity;

  constructor(
    override readonly rule: BurnRule,
    of: GroupsToJudge,
    { burns, sinceMs }: Burns,
  ) {
    super(of, Math.max(...burns.map(({ shortMs }) => shortMs)));
    this.#burns = burns;
    this.#sinceMs = sinceMs;
  }

  override scan(endMs: number, visit: (group: number) => void): void {
    this.#endMs = endMs;
    const limits = this.#burns.map((burn) => this.#limitsOf(burn));
    const [first, ...others] = this.#burns as readonly [BurnSums, ...BurnSums[]];
    const bad = first.long.bad.sums;
    for (const group of this.groups.get()) {
      // Mostly nothing is bad in the longest of the windows, and so in none.
      if (bad[group]! < MIN_BAD && others.every(({ long }) => long.bad.sums[group]! < MIN_BAD)) continue;
      if (this.#burns.some((burn, at) => isBurning(burn, group, limits[at]!))) visit(group);
    }
  }

  override judge(group: number, endMs: number): Judgement {
    this.#endMs = endMs;
    if (this.#burns.some((burn) => isBurning(burn, group, this.#limitsOf(burn)))) return "bad";
    const isAsked = this.#burns.some(({ short }) => (short.all.sums[group] ?? 0) > 0);
    return isAsked ? "good" : "unknown";
  }

  override measured(group: number): Measured {
    const burn = this.#worst(group);
    const requests = burn.long.all.sums[group] ?? 0;
    const bad = burn.long.bad.sums[group] ?? 0;
    const share = this.usual(group);
    const usual = share === null ? null : share / (1 - this.rule.objective);
    return { value: this.#rateOf(burn, group), limit: burn.burnRate, usual, requests, bad };
  }

  override summary(group: number): string {
    const { rule } = this;
    const { longMs } = this.#worst(group);
    const { value, requests, bad } = this.measured(group);
    const what = whatWasBad(rule.indicator, this.labels(group));
    const pace = `${Number(value.toPrecision(3))} times as fast as ${duration(rule.windowMs)} of budget allow`;
    return `${percent(requests === 0 ? 0 : bad / requests)} ${what} over ${duration(longMs)}: ${pace}`;
  }

  /** The pair that is furthest past its limit. */
  #worst(group: number): BurnSums {
    const past = (burn: BurnSums): number => this.#rateOf(burn, group) / burn.burnRate;
    return this.#burns.reduce((worst, burn) => (past(burn) > past(worst) ? burn : worst));
  }

  #rateOf(burn: BurnSums, group: number): number {
    const { bad, all } = burn.long;
    const requests = all.sums[group] ?? 0;
    const share = requests === 0 ? 0 : (bad.sums[group] ?? 0) / requests;
    return (share * this.#knownOf(burn)) / (1 - this.rule.objective);
  }

  /** How much of the long window is known, 0 to 1. */
  #knownOf({ longMs }: BurnSums): number {
    return Math.max(0, Math.min(1, (this.#endMs - this.#sinceMs()) / longMs));
  }

  #limitsOf(burn: BurnSums): BurnLimits {
    const { objective, minRequests } = this.rule;
    return { share: burn.burnRate * (1 - objective), known: this.#knownOf(burn), minRequests };
  }
}

interface BurnLimits {
  /** The share that may be bad. */
  readonly share: number;
  readonly known: number;
  readonly minRequests: number;
}

function isBurning({ long, short }: BurnSums, group: number, { share, known, minRequests }: BurnLimits): boolean {
  const bad = long.bad.sums[group] ?? 0;
  const requests = long.all.sums[group] ?? 0;
  if (bad < MIN_BAD || requests < minRequests || bad * known <= share * requests) return false;
  return (short.bad.sums[group] ?? 0) > share * (short.all.sums[group] ?? 0);
}
