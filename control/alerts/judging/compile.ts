/**
 * Rules about what is counted as judges over columns that they share; those about who is there are `topology/`. A condition on
 * what a rule groups by is asked of its groups, so that ten thousand rules, each about one workload, look at one column; only other
 * conditions need a column of their own.
 */
import { Baselines } from "../baselines/baselines.ts";
import { Column } from "../counting/column.ts";
import { SLOT_MS } from "../counting/slots.ts";
import { BAD, CONNECTS, LOST, Measures, REPORTED, REQUESTS, TIMED, UNCONNECTED } from "../counting/measures.ts";
import { MAX_LIMITS } from "../counting/measures.ts";
import type { BaselineRule, BurnRule, Indicator, Rule, Severity, ThresholdRule } from "../rule.ts";
import { SEVERITIES } from "../rule.ts";
import { BurnJudge } from "./burn-judge.ts";
import { askedBy } from "./asked.ts";
import type { Asked } from "./asked.ts";
import type { Judge } from "./judge.ts";
import { MatchedGroups } from "./matched-groups.ts";
import { ObjectiveReader } from "./objective-reader.ts";
import { ShareJudge, ThroughputJudge } from "./share-judge.ts";
import type { GroupsToJudge, UsualOf } from "./group-judge.ts";
import type { ShareSums } from "./share-judge.ts";

/** Columns that all rules together may need. */
const MAX_COLUMNS = 200;

/** A rule that cannot be judged; the others are. */
export interface Refused {
  readonly rule: string;
  readonly why: string;
}

export interface Compiled {
  readonly measures: Measures;
  readonly columns: readonly Column[];
  readonly judges: readonly Judge[];
  /** One an objective. */
  readonly objectives: readonly ObjectiveReader[];
  /** What rules learn. */
  readonly baselines: Baselines;
  readonly refused: readonly Refused[];
}

type CountingRule = ThresholdRule | BaselineRule | BurnRule;

/** What a rule asks of a column. */
interface Need extends Asked {
  readonly rule: CountingRule;
  /** By measure. */
  readonly lengthsMs: ReadonlyMap<number, ReadonlySet<number>>;
}

/**
 * @param sinceMs since when counters are known at all, milliseconds since the epoch
 * @param limitsMs latency limits that are needed beside those of the rules
 */
export function compile(rules: readonly Rule[], sinceMs: () => number, limitsMs: readonly number[]): Compiled {
  const refused: Refused[] = [];
  const counting = rules.filter((rule): rule is CountingRule => rule.kind !== "topology" && rule.kind !== "noData");
  const measures = new Measures([...limitsMs, ...limitsOf(counting, refused)]);
  const baselines = new Baselines(measures);
  const needs = counting.flatMap((rule) => needOf(rule, { measures, baselines, refused }));
  const columns = columnsOf(needs, refused);
  const judges: Judge[] = [];
  const objectives: ObjectiveReader[] = [];
  for (const need of needs) {
    const column = columns.get(need.key);
    if (!column) continue;
    const { rule } = need;
    const groups = new MatchedGroups(column, need.ofGroups, rule.except);
    if (rule.kind === "baseline") {
      judges.push(baselines.judgeOf(rule, { key: need.key, column, groups, sinceMs }));
      continue;
    }
    const { bad, all } = measuresOf(rule.indicator, measures);
    const sums = (lengthMs: number): ShareSums => ({
      bad: column.sums(bad).window(lengthMs),
      all: column.sums(all).window(lengthMs),
    });
    const usual = baselines.usualOf(rule.indicator.kind, { key: need.key, column });
    judges.push(...judgesOf(rule, { column, groups, sums, sinceMs, usual }));
    if (rule.kind === "burn") objectives.push(new ObjectiveReader(rule, { column, groups, sums, sinceMs }));
  }
  return { measures, columns: [...columns.values()], judges, objectives, baselines, refused };
}

/** The latency limits of all rules; rules that want more than there may be are refused. */
function limitsOf(rules: readonly CountingRule[], refused: Refused[]): Set<number> {
  const limits = new Set<number>();
  for (const { name, indicator } of rules) {
    if (typeof indicator === "string" || indicator.kind !== "latency" || limits.has(indicator.overMs)) continue;
    if (limits.size < MAX_LIMITS) limits.add(indicator.overMs);
    else refused.push({ rule: name, why: `all rules together may have ${MAX_LIMITS} latency limits; take one in use` });
  }
  return limits;
}

interface Compiling {
  readonly measures: Measures;
  readonly baselines: Baselines;
  readonly refused: Refused[];
}

function needOf(rule: CountingRule, { measures, baselines, refused }: Compiling): Need[] {
  if (refused.some(({ rule: name }) => name === rule.name)) return [];
  try {
    const lengths = new Set(lengthsOf(rule));
    for (const lengthMs of lengths) checkLength(lengthMs);
    const asked = askedBy(rule);
    const measured =
      rule.kind === "baseline"
        ? baselines.measuresOf(rule, asked.key)
        : Object.values(measuresOf(rule.indicator, measures));
    return [{ rule, ...asked, lengthsMs: new Map(measured.map((measure) => [measure, lengths])) }];
  } catch (error) {
    refused.push({ rule: rule.name, why: (error as Error).message });
    return [];
  }
}

/** @throws RangeError */
function checkLength(lengthMs: number): void {
  if (lengthMs > 0 && lengthMs % SLOT_MS === 0) return;
  throw new RangeError(`a window of ${lengthMs} ms is no multiple of ${SLOT_MS / 1_000} s; take one that is`);
}

function lengthsOf(rule: CountingRule): number[] {
  if (rule.kind !== "burn") return [rule.windowMs];
  return [...rule.burns.flatMap(({ longMs, shortMs }) => [longMs, shortMs]), ...ObjectiveReader.lengthsMs(rule)];
}

function measuresOf(indicator: Indicator, measures: Measures): { readonly bad: number; readonly all: number } {
  switch (indicator.kind) {
    case "errors":
      return { bad: BAD, all: REQUESTS };
    case "throughput":
      return { bad: REQUESTS, all: REQUESTS };
    case "latency":
      return { bad: measures.slowerThan(indicator.overMs), all: TIMED };
    case "connectFailures":
      return { bad: UNCONNECTED, all: CONNECTS };
    case "loss":
      return { bad: LOST, all: REPORTED };
  }
}

function columnsOf(needs: readonly Need[], refused: Refused[]): Map<string, Column> {
  const asked = new Map<string, { readonly need: Need; readonly lengthsMs: Map<number, Set<number>> }>();
  for (const need of needs) {
    const column = asked.get(need.key) ?? { need, lengthsMs: new Map<number, Set<number>>() };
    if (!asked.has(need.key) && asked.size >= MAX_COLUMNS) {
      const why = `its conditions with its grouping are the ${MAX_COLUMNS + 1}st combination; group by what it filters by`;
      refused.push({ rule: need.rule.name, why });
      continue;
    }
    asked.set(need.key, column);
    for (const [measure, lengths] of need.lengthsMs) {
      column.lengthsMs.set(measure, new Set([...(column.lengthsMs.get(measure) ?? []), ...lengths]));
    }
  }
  return new Map(
    [...asked].map(([key, { need, lengthsMs }], number) => {
      const measures = [...lengthsMs].map(([measure, lengths]) => ({ measure, lengthsMs: lengths }));
      return [key, new Column(number, { filters: need.ofColumn, groupBy: need.groupBy, asked: measures })];
    }),
  );
}

interface Parts {
  readonly column: Column;
  readonly groups: MatchedGroups;
  readonly sums: (lengthMs: number) => ShareSums;
  readonly sinceMs: () => number;
  readonly usual: UsualOf;
}

/** One judge, or one a severity. */
function judgesOf(rule: ThresholdRule | BurnRule, { column, groups, sums, sinceMs, usual }: Parts): Judge[] {
  const of = (severity: Severity): GroupsToJudge => ({ column, groups, severity, usual });
  if (rule.kind === "threshold") {
    const inWindow = sums(rule.windowMs);
    if (rule.indicator.kind !== "throughput") return [new ShareJudge(rule, of(rule.severity), inWindow)];
    return [new ThroughputJudge(rule, of(rule.severity), { all: inWindow.all, sinceMs })];
  }
  return SEVERITIES.flatMap((severity) => {
    const burns = rule.burns.filter((burn) => burn.severity === severity);
    if (burns.length === 0) return [];
    const withSums = burns.map((burn) => ({ ...burn, long: sums(burn.longMs), short: sums(burn.shortMs) }));
    return [new BurnJudge(rule, of(severity), { burns: withSums, sinceMs })];
  });
}
