import type { Objective } from "../objective.ts";
import type { BurnRule } from "../rule.ts";
import type { Column } from "../counting/column.ts";
import type { MatchedGroups } from "./matched-groups.ts";
import type { ShareSums } from "./share-judge.ts";
import { latency, subjectOf } from "./words.ts";

const HOUR_MS = 3_600_000;

/** What was counted in a window. */
interface Counted {
  readonly lengthMs: number;
  readonly requests: number;
  readonly bad: number;
}

/** What is not known of an objective by its sums alone. */
type Fared = Omit<Objective, "state" | "severity" | "owner">;

/** How the groups of one objective fare. */
export class ObjectiveReader {
  readonly rule: BurnRule;
  readonly #column: Column;
  readonly #groups: MatchedGroups;
  /** By length, the shortest first. */
  readonly #windows: readonly (readonly [number, ShareSums])[];
  readonly #sinceMs: () => number;

  constructor(
    rule: BurnRule,
    {
      column,
      groups,
      sums,
      sinceMs,
    }: {
      readonly column: Column;
      readonly groups: MatchedGroups;
      readonly sums: (lengthMs: number) => ShareSums;
      readonly sinceMs: () => number;
    },
  ) {
    this.rule = rule;
    this.#column = column;
    this.#groups = groups;
    this.#sinceMs = sinceMs;
    this.#windows = ObjectiveReader.lengthsMs(rule).map((lengthMs) => [lengthMs, sums(lengthMs)]);
  }

  /** The windows that are looked at, the shortest first; the objective's own is the last. */
  static lengthsMs({ burns, windowMs }: BurnRule): number[] {
    const lengths = [HOUR_MS, ...burns.flatMap(({ longMs, shortMs }) => [longMs, shortMs])];
    return [...new Set(lengths)]
      .filter((lengthMs) => lengthMs < windowMs)
      .sort((a, b) => a - b)
      .concat(windowMs);
  }

  /** @param endMs the end of all windows */
  *read(endMs: number): Generator<Fared & { readonly server: string }> {
    const { name, description, objective, windowMs } = this.rule;
    const sinceMs = this.#sinceMs();
    const knownMs = Math.max(0, Math.min(windowMs, endMs - sinceMs));
    // As the judge has it: what of a window is not known is taken to have been asked as much, and to have been good.
    const rateOf = ({ lengthMs, requests, bad }: Counted): number => {
      const known = Math.max(0, Math.min(1, (endMs - sinceMs) / lengthMs));
      return requests === 0 ? 0 : ((bad / requests) * known) / (1 - objective);
    };
    for (const group of this.#groups.get()) {
      const { labels, example } = this.#column.groups[group]!;
      const windows = this.#windows.map(([lengthMs, { bad, all }]) => {
        const requests = all.sums[group] ?? 0;
        return { lengthMs, requests, bad: bad.sums[group] ?? 0 };
      });
      const whole = windows.at(-1)!;
      const { requests, bad } = whole;
      const share = requests === 0 ? 0 : bad / requests;
      const budgetLeft = 1 - rateOf(whole);
      const burns = windows.slice(0, -1).map((window) => ({ windowMs: window.lengthMs, rate: rateOf(window) }));
      const pace = burns.find((burn) => burn.windowMs === HOUR_MS)?.rate ?? 0;
      const leftMs = pace > 0 && budgetLeft > 0 ? (budgetLeft / pace) * windowMs : Infinity;
      yield {
        slo: name,
        labels,
        title: `${this.#what()} ${subjectOf(labels).replace(/^to /, "of ")}`,
        description,
        objective,
        actual: 1 - share,
        windowMs,
        knownMs,
        requests,
        bad,
        budgetLeft,
        burns,
        runsOutMs: leftMs <= windowMs ? endMs + leftMs : null,
        server: example.server.id,
      };
    }
  }

  #what(): string {
    const { indicator } = this.rule;
    if (indicator.kind === "latency") return `answers within ${latency(indicator.overMs)}`;
    return indicator.kind === "errors" ? "availability" : "connections";
  }
}
