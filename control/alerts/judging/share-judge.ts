/** Rules on a share or a rate: thresholds. */
import { DEFAULT_THRESHOLDS } from "../../world/health.ts";
import type { Measured } from "../alert.ts";
import type { WindowSum } from "../counting/rings.ts";
import type { ThresholdRule } from "../rule.ts";
import { GroupJudge } from "./group-judge.ts";
import type { GroupsToJudge } from "./group-judge.ts";
import type { Judgement } from "./judge.ts";
import { duration, percent, rate, subjectOf, whatWasBad } from "./words.ts";

/** Fewer bad requests than these are no trouble, however few there were in all. The map's health has the same floor. */
export const MIN_BAD = DEFAULT_THRESHOLDS.minCount;

/** Bad among all, in one window. */
export interface ShareSums {
  readonly bad: WindowSum;
  readonly all: WindowSum;
}

/**
 * What of the window is from before anything of a group was counted, as after a start, is taken for good: a few slow requests while
 * something warms up are no trouble of five minutes.
 */
export class ShareJudge extends GroupJudge {
  readonly #sums: ShareSums;
  readonly #sign: 1 | -1;

  constructor(
    override readonly rule: ThresholdRule,
    of: GroupsToJudge,
    sums: ShareSums,
  ) {
    super(of, rule.windowMs);
    this.#sums = sums;
    this.#sign = rule.comparison === "above" ? 1 : -1;
  }

  override scan(endMs: number, visit: (group: number) => void): void {
    const { value, minRequests } = this.rule;
    const bad = this.#sums.bad.sums;
    const all = this.#sums.all.sums;
    const sign = this.#sign;
    const least = Math.max(1, minRequests);
    const leastBad = sign > 0 ? MIN_BAD : 0;
    for (const group of this.groups.get()) {
      const requests = all[group]!;
      if (requests < least || bad[group]! < leastBad || sign * (bad[group]! - value * requests) <= 0) continue;
      if (this.#isBad(group, endMs)) visit(group);
    }
  }

  override judge(group: number, endMs: number): Judgement {
    const { clearValue, minRequests } = this.rule;
    const { value: share, requests } = this.measured(group);
    if (requests < Math.max(1, minRequests)) return "unknown";
    if (this.#isBad(group, endMs)) return "bad";
    return this.#sign * (share - clearValue) > 0 ? "between" : "good";
  }

  #isBad(group: number, endMs: number): boolean {
    const { value, windowMs } = this.rule;
    const { value: share, bad } = this.measured(group);
    if (this.#sign < 0) return share < value;
    const known = Math.min(1, (endMs - this.firstMs(group)) / windowMs);
    return bad >= MIN_BAD && share * known > value;
  }

  override measured(group: number): Measured {
    const requests = this.#sums.all.sums[group] ?? 0;
    const bad = this.#sums.bad.sums[group] ?? 0;
    const value = requests === 0 ? 0 : bad / requests;
    return { value, limit: this.rule.value, usual: this.usual(group), requests, bad };
  }

  override summary(group: number): string {
    const { indicator, windowMs, comparison } = this.rule;
    const { value, limit } = this.measured(group);
    const only = comparison === "below" ? "only " : "";
    return `${only}${percent(value)} ${whatWasBad(indicator, this.labels(group))} over ${duration(windowMs)} (limit ${percent(limit)})`;
  }
}

/** Requests a second. */
export class ThroughputJudge extends GroupJudge {
  readonly #all: WindowSum;
  readonly #sign: 1 | -1;
  readonly #sinceMs: () => number;

  /** @param sinceMs since when counters are known at all; what a window lacks is no lack of requests */
  constructor(
    override readonly rule: ThresholdRule,
    of: GroupsToJudge,
    { all, sinceMs }: { readonly all: WindowSum; readonly sinceMs: () => number },
  ) {
    super(of, rule.windowMs);
    this.#all = all;
    this.#sign = rule.comparison === "above" ? 1 : -1;
    this.#sinceMs = sinceMs;
  }

  override scan(endMs: number, visit: (group: number) => void): void {
    if (!this.#isWhole(endMs)) return;
    const limit = (this.rule.value * this.rule.windowMs) / 1_000;
    const all = this.#all.sums;
    for (const group of this.groups.get()) if (this.#sign * (all[group]! - limit) > 0) visit(group);
  }

  override judge(group: number, endMs: number): Judgement {
    if (!this.#isWhole(endMs)) return "unknown";
    const { value } = this.measured(group);
    if (this.#sign * (value - this.rule.value) > 0) return "bad";
    return this.#sign * (value - this.rule.clearValue) > 0 ? "between" : "good";
  }

  override measured(group: number): Measured {
    const requests = this.#all.sums[group] ?? 0;
    const value = (requests * 1_000) / this.rule.windowMs;
    return { value, limit: this.rule.value, usual: this.usual(group), requests, bad: 0 };
  }

  override summary(group: number): string {
    const { value, limit } = this.measured(group);
    const { comparison, windowMs } = this.rule;
    return `${rate(value)} ${subjectOf(this.labels(group))} over ${duration(windowMs)} (${comparison} ${rate(limit)})`;
  }

  #isWhole(endMs: number): boolean {
    return this.#all.begin(endMs) >= this.#sinceMs();
  }
}
