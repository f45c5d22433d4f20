/** Rules on what is learned: errors, latency and traffic, each against what is usual at the hour. */
import type { Measured } from "../alert.ts";
import type { WindowSum } from "../counting/rings.ts";
import type { Judgement } from "../judging/judge.ts";
import { MIN_BAD } from "../judging/share-judge.ts";
import type { ShareSums } from "../judging/share-judge.ts";
import type { BaselineRule } from "../rule.ts";
import { CLEAR_RUNG, LIMIT_RUNG, multipleAt } from "./ladder.ts";
import { LEARNED_QUANTILE } from "./learner.ts";
import { LEAST_SHARE, errorsLimit, latencyLimit, slowShareLimit, throughputLimits } from "./limits.ts";
import { HYSTERESIS, UnusualJudge } from "./unusual-judge.ts";
import type { BaselineParts } from "./unusual-judge.ts";

/** More fail than usually do. */
export class UnusualErrorsJudge extends UnusualJudge {
  readonly #sums: ShareSums;

  constructor(rule: BaselineRule, parts: BaselineParts, sums: ShareSums) {
    super(rule, parts);
    this.#sums = sums;
  }

  override scan(_endMs: number, visit: (group: number) => void): void {
    const bad = this.#sums.bad.sums;
    const all = this.#sums.all.sums;
    for (const group of this.groups.get()) {
      // No limit is lower than this, so mostly nobody asks what is usual.
      if (bad[group]! < MIN_BAD || bad[group]! <= LEAST_SHARE * all[group]!) continue;
      if (this.judge(group) === "bad") visit(group);
    }
  }

  override judge(group: number): Judgement {
    const { value, limit, usual, requests, bad } = this.measured(group);
    if (usual === null || requests < Math.max(1, this.rule.minRequests)) return "unknown";
    if (value > limit && bad >= MIN_BAD) return "bad";
    return value > HYSTERESIS * limit ? "between" : "good";
  }

  override measured(group: number): Measured {
    const requests = this.requests(group);
    const bad = this.#sums.bad.sums[group] ?? 0;
    const usuals = this.usuals(group);
    const limit = Math.max(0, ...usuals.map((usual) => errorsLimit(usual, this.rule.factor, Math.max(1, requests))));
    return { value: requests === 0 ? 0 : bad / requests, limit, usual: usuals[0]?.value ?? null, requests, bad };
  }

  protected override requests(group: number): number {
    return this.#sums.all.sums[group] ?? 0;
  }
}

/** The share of requests that are slower than what is usual, by its definition. */
const USUALLY_SLOWER = 1 - LEARNED_QUANTILE;

/** The 95th percentile is longer than usual. Each request is compared with what is usual at its own hour. */
export class UnusualLatencyJudge extends UnusualJudge {
  readonly #all: WindowSum;
  readonly #rungs: readonly WindowSum[];

  /** @param sums what was timed, and by rung what was while something was usual there */
  constructor(
    rule: BaselineRule,
    parts: BaselineParts,
    { all, rungs }: { readonly all: WindowSum; readonly rungs: readonly WindowSum[] },
  ) {
    super(rule, parts);
    this.#all = all;
    this.#rungs = rungs;
  }

  override scan(_endMs: number, visit: (group: number) => void): void {
    const slow = this.#rungs[LIMIT_RUNG]!.sums;
    for (const group of this.groups.get()) {
      if (slow[group]! >= MIN_BAD && this.judge(group) === "bad") visit(group);
    }
  }

  override judge(group: number): Judgement {
    const requests = this.#count(0, group);
    if (requests < Math.max(1, this.rule.minRequests) || !this.usualNow(group)) return "unknown";
    const limit = slowShareLimit(USUALLY_SLOWER, requests) * requests;
    if (this.#count(LIMIT_RUNG, group) > limit && this.#count(LIMIT_RUNG, group) >= MIN_BAD) return "bad";
    return this.#count(CLEAR_RUNG, group) > limit ? "between" : "good";
  }

  /** In milliseconds. */
  override measured(group: number): Measured {
    const usual = this.usualNow(group);
    const requests = this.#count(0, group);
    const bad = this.#count(LIMIT_RUNG, group);
    if (!usual) return { value: 0, limit: 0, usual: null, requests, bad };
    const limit = latencyLimit(usual, this.rule.factor);
    const multiple = multipleAt(
      this.#rungs.map(({ sums }) => sums[group] ?? 0),
      USUALLY_SLOWER,
    );
    // Below the lowest of the multiples it is not known any better than that it is not unusual.
    return { value: multiple === undefined ? usual.value : multiple * limit, limit, usual: usual.value, requests, bad };
  }

  protected override requests(group: number): number {
    return this.#all.sums[group] ?? 0;
  }

  #count(rung: number, group: number): number {
    return this.#rungs[rung]!.sums[group] ?? 0;
  }
}

/** More is asked than usual, or less. */
export class UnusualThroughputJudge extends UnusualJudge {
  readonly #all: WindowSum;
  readonly #sinceMs: () => number;

  /** @param sinceMs since when counters are known at all; what a window lacks is no lack of requests */
  constructor(
    rule: BaselineRule,
    parts: BaselineParts,
    { all, sinceMs }: { readonly all: WindowSum; readonly sinceMs: () => number },
  ) {
    super(rule, parts);
    this.#all = all;
    this.#sinceMs = sinceMs;
  }

  override scan(endMs: number, visit: (group: number) => void): void {
    if (!this.#isWhole(endMs)) return;
    for (const group of this.groups.get()) if (this.judge(group, endMs) === "bad") visit(group);
  }

  override judge(group: number, endMs: number): Judgement {
    const limits = this.#limits(group);
    if (!limits || !this.#isWhole(endMs)) return "unknown";
    const { above, below, isExpected } = limits;
    const requests = this.requests(group);
    const value = this.#rate(group);
    if (value > above && requests >= this.rule.minRequests) return "bad";
    if (value < below && isExpected) return "bad";
    return value > HYSTERESIS * above || value < below / HYSTERESIS ? "between" : "good";
  }

  override measured(group: number): Measured {
    const value = this.#rate(group);
    const limits = this.#limits(group);
    const limit = limits === undefined ? 0 : value < limits.usual ? limits.below : limits.above;
    return { value, limit, usual: limits?.usual ?? null, requests: this.requests(group), bad: 0 };
  }

  protected override requests(group: number): number {
    return this.#all.sums[group] ?? 0;
  }

  #rate(group: number): number {
    return (this.requests(group) * 1_000) / this.rule.windowMs;
  }

  #limits(group: number): { usual: number; above: number; below: number; isExpected: boolean } | undefined {
    const { factor, windowMs, minRequests } = this.rule;
    const usuals = this.usuals(group);
    if (usuals.length === 0) return undefined;
    const limits = usuals.map((usual) => throughputLimits(usual, factor, windowMs));
    const least = Math.min(...usuals.map(({ value }) => value));
    return {
      usual: usuals[0]!.value,
      above: Math.max(...limits.map(({ above }) => above)),
      below: Math.min(...limits.map(({ below }) => below)),
      // Where so few are usual none at all is nothing to speak of.
      isExpected: (least * windowMs) / 1_000 >= Math.max(1, minRequests),
    };
  }

  #isWhole(endMs: number): boolean {
    return this.#all.begin(endMs) >= this.#sinceMs();
  }
}
