/** What judges of baselines have in common: what is usual in the hours that a window lies in, and what is said of it. */
import type { Measured } from "../alert.ts";
import type { Column } from "../counting/column.ts";
import { GroupJudge } from "../judging/group-judge.ts";
import type { MatchedGroups } from "../judging/matched-groups.ts";
import type { BaselineRule } from "../rule.ts";
import { HOUR_MS, hourOf } from "./hours.ts";
import type { Learner, Learning } from "./learner.ts";
import type { Usual } from "./usual.ts";
import { againstUsual, asText } from "./words.ts";

/** Of the limit, at which an alert is over. */
export const HYSTERESIS = 0.8;

export interface BaselineParts {
  readonly column: Column;
  readonly groups: MatchedGroups;
  readonly learner: Learner;
}

export abstract class UnusualJudge extends GroupJudge {
  override readonly rule: BaselineRule;
  readonly #column: Column;
  readonly #learner: Learner;

  constructor(rule: BaselineRule, { column, groups, learner }: BaselineParts) {
    super({ column, groups, severity: rule.severity }, rule.windowMs);
    this.rule = rule;
    this.#column = column;
    this.#learner = learner;
  }

  abstract override measured(group: number): Measured;

  /** Requests of a group in the window. */
  protected abstract requests(group: number): number;

  /** How far it has come. */
  learning(): Learning {
    const asked = this.groups.get().filter((group) => this.requests(group) > 0);
    return { asked: asked.length, known: asked.filter((group) => this.usualNow(group) !== undefined).length };
  }

  /** Where the windows end. */
  protected get endMs(): number {
    return this.#column.endMs;
  }

  /** What is usual in the hour that the window ends in. */
  protected usualNow(group: number): Usual | undefined {
    return this.#learner.usual(group, hourOf(this.endMs - 1));
  }

  /**
   * What is usual in each hour that the window lies in, that of now first. What is not unusual in one of them is not unusual: at the full
   * hour much changes at once. Empty where it is not known now.
   */
  protected usuals(group: number): Usual[] {
    const now = this.usualNow(group);
    if (!now) return [];
    const first = this.endMs - this.rule.windowMs;
    const others: Usual[] = [];
    for (let atMs = (hourOf(this.endMs - 1) - 1) * HOUR_MS; atMs + HOUR_MS > first; atMs -= HOUR_MS) {
      const usual = this.#learner.usual(group, hourOf(atMs));
      if (usual) others.push(usual);
    }
    return [now, ...others];
  }

  override summary(group: number): string {
    const { indicator, windowMs } = this.rule;
    const { value } = this.measured(group);
    const what = asText({ indicator, value, windowMs, labels: this.labels(group) });
    const usual = this.usualNow(group);
    return usual ? `${what}, ${againstUsual({ indicator, value, usual, hour: hourOf(this.endMs - 1) })}` : what;
  }
}
