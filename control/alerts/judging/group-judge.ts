import type { Counted } from "../../world/counted.ts";
import type { Measured } from "../alert.ts";
import type { Groups } from "../counting/groups.ts";
import type { Rule, Severity } from "../rule.ts";
import type { Judge, Judgement } from "./judge.ts";
import type { MatchedGroups } from "./matched-groups.ts";

/** An alert of which nothing can be said any more ends after its window, and not before this. */
const UNKNOWN_FOR_MS = 10 * 60_000;

/** In the unit of the indicator; null where it is not known. */
export type UsualOf = (group: number) => number | null;

/** What a judge is made of. */
export interface GroupsToJudge {
  readonly column: Groups;
  readonly groups: MatchedGroups;
  readonly severity: Severity;
  readonly usual?: UsualOf;
}

/** What judges of groups have in common. */
export abstract class GroupJudge implements Judge {
  abstract readonly rule: Rule;
  readonly severity: Severity;
  readonly unknownForMs: number;
  protected readonly groups: MatchedGroups;
  /** What is usual for a group now, told beside what is judged. */
  protected readonly usual: UsualOf;
  readonly #column: Groups;

  /** @param windowMs the window that it looks at */
  constructor({ column, groups, severity, usual = () => null }: GroupsToJudge, windowMs: number) {
    this.severity = severity;
    this.groups = groups;
    this.usual = usual;
    this.#column = column;
    this.unknownForMs = Math.max(UNKNOWN_FOR_MS, windowMs);
  }

  abstract scan(endMs: number, visit: (group: number) => void): void;
  abstract judge(group: number, endMs: number): Judgement;
  abstract measured(group: number): Measured;
  abstract summary(group: number): string;

  labels(group: number): Readonly<Record<string, string>> {
    return this.#column.groups[group]!.labels;
  }

  /** When the first of a group was counted that is known. */
  protected firstMs(group: number): number {
    return this.#column.groups[group]!.firstMs;
  }

  example(group: number): Counted {
    return this.#column.groups[group]!.example;
  }

  groupCount(): number {
    return this.#column.groups.length;
  }
}
