/**
 * Multi-window, multi-burn-rate rules of an objective: Site Reliability Workbook, chapter 5, "Alerting on SLOs", approach 6. The
 * burn rate is the share of bad requests over the share that the objective allows; an alert needs it in a long window, so that it
 * matters, and in a short one, so that it still goes on.
 */
import type { Measured } from "../alert.ts";
import type { BurnRule, BurnWindow } from "../rule.ts";
import { GroupJudge } from "./group-judge.ts";
import type { Judgement } from "./judge.ts";
import { MIN_BAD } from "./share-judge.ts";
import type { GroupsToJudge, ShareSums } from "./share-judge.ts";
import { duration, percent, whatWasBad } from "./words.ts";

/** One pair of windows with its sums. */
export interface BurnSums extends BurnWindow {
  readonly long: ShareSums;
  readonly short: ShareSums;
}

export class BurnJudge extends GroupJudge {
  readonly #burns: readonly BurnSums[];

  /** @param burns those of one severity */
  constructor(
    override readonly rule: BurnRule,
    of: GroupsToJudge,
    burns: readonly BurnSums[],
  ) {
    super(of, Math.max(...burns.map(({ shortMs }) => shortMs)));
    this.#burns = burns;
  }

  override scan(_endMs: number, visit: (group: number) => void): void {
    const groups = this.groups.get();
    const allowed = 1 - this.rule.objective;
    const { minRequests } = this.rule;
    const [first, ...others] = this.#burns as readonly [BurnSums, ...BurnSums[]];
    const bad = first.long.bad.sums;
    for (const group of groups) {
      // Mostly nothing is bad in the longest of the windows, and so in none.
      if (bad[group]! < MIN_BAD && others.every(({ long }) => long.bad.sums[group]! < MIN_BAD)) continue;
      if (this.#burns.some((burn) => isBurning(burn, group, { allowed, minRequests }))) visit(group);
    }
  }

  override judge(group: number): Judgement {
    const { minRequests, objective } = this.rule;
    const allowed = 1 - objective;
    if (this.#burns.some((burn) => isBurning(burn, group, { allowed, minRequests }))) return "bad";
    const isAsked = this.#burns.some(({ short }) => (short.all.sums[group] ?? 0) > 0);
    return isAsked ? "good" : "unknown";
  }

  override measured(group: number): Measured {
    const { long, burnRate } = this.#worst(group);
    const requests = long.all.sums[group] ?? 0;
    const bad = long.bad.sums[group] ?? 0;
    return { value: this.#rateOf(long, group), limit: burnRate, usual: null, requests, bad };
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
    const past = ({ long, burnRate }: BurnSums): number => this.#rateOf(long, group) / burnRate;
    return this.#burns.reduce((worst, burn) => (past(burn) > past(worst) ? burn : worst));
  }

  #rateOf({ bad, all }: ShareSums, group: number): number {
    const requests = all.sums[group] ?? 0;
    return requests === 0 ? 0 : (bad.sums[group] ?? 0) / requests / (1 - this.rule.objective);
  }
}

interface BurnLimits {
  /** The share that may be bad. */
  readonly allowed: number;
  readonly minRequests: number;
}

function isBurning({ long, short, burnRate }: BurnSums, group: number, { allowed, minRequests }: BurnLimits): boolean {
  const limit = burnRate * allowed;
  const bad = long.bad.sums[group] ?? 0;
  const requests = long.all.sums[group] ?? 0;
  if (bad < MIN_BAD || requests < minRequests || bad <= limit * requests) return false;
  return (short.bad.sums[group] ?? 0) > limit * (short.all.sums[group] ?? 0);
}
