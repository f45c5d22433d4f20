/** Rules about who is there and who calls whom as judges, over what they remember together. */
import { Column } from "../counting/column.ts";
import type { Groups } from "../counting/groups.ts";
import { BAD, REQUESTS } from "../counting/measures.ts";
import type { CountedSeries } from "../counting/series.ts";
import { askedBy } from "../judging/asked.ts";
import type { Asked } from "../judging/asked.ts";
import type { Refused } from "../judging/compile.ts";
import type { Judge } from "../judging/judge.ts";
import { MatchedGroups } from "../judging/matched-groups.ts";
import type { NoDataRule, Rule, Severity, TopologyRule } from "../rule.ts";
import { groupingProblem } from "./groupings.ts";
import { NEW_FOR_MS, NewsJudge } from "./news-judge.ts";
import { RESTART_WINDOWS_MS, RestartJudge } from "./restart-judge.ts";
import { Sightings } from "./sightings.ts";
import { Silences } from "./silence.ts";
import { SilentGroups } from "./silent-groups.ts";
import { SilentJudge, expectedForMs } from "./silent-judge.ts";
import { Surroundings } from "./surroundings.ts";
import type { Depths } from "./surroundings.ts";
import { PAUSES_KNOWN_MS, VanishedJudge } from "./vanished-judge.ts";

/** Combinations of conditions and groupings that all rules together may have, of each kind of memory. */
const MAX_COMBINATIONS = 50;
const HOUR_MS = 3_600_000;
/** What was seen in so many days of history is not new. */
const REMEMBERED_MS = 30 * 24 * HOUR_MS;

export type SurroundingsRule = TopologyRule | NoDataRule;

export function isOfSurroundings(rule: Rule): rule is SurroundingsRule {
  return rule.kind === "topology" || rule.kind === "noData";
}

export interface TopologyOptions {
  /** Since when counters are known at all, milliseconds since the epoch. */
  readonly sinceMs: () => number;
  /** What a workload is at both ends of. */
  readonly seriesOf: (workload: string) => CountedSeries | undefined;
  /** Numbers below are taken by columns of others. */
  readonly firstNumber: number;
}

export interface CompiledTopology {
  readonly judges: readonly Judge[];
  readonly columns: readonly Column[];
  readonly surroundings: Surroundings;
  readonly refused: readonly Refused[];
  /** All numbers that are taken are below. */
  readonly nextNumber: number;
}

/** A rule, and what it asks of what is counted. */
interface Need<R extends SurroundingsRule = SurroundingsRule> extends Asked {
  readonly rule: R;
}

/** Of all rules it takes those that are of the surroundings. */
export function compileTopology(rules: readonly Rule[], options: TopologyOptions): CompiledTopology {
  const refused: Refused[] = [];
  const needs = rules.filter(isOfSurroundings).flatMap((rule): Need[] => {
    const asked = explained(rule);
    if (typeof asked !== "string") return [{ rule, ...asked }];
    refused.push({ rule: rule.name, why: asked });
    return [];
  });
  const edges = needs.filter(isOfEdges);
  const restarts = needs.filter(isOfRestarts);
  const silent = needs.filter(isOfSilence);
  let number = options.firstNumber;
  const made = <Of, R extends SurroundingsRule>(of: readonly Need<R>[], make: (need: Need<R>) => Of): Map<string, Of> =>
    combined(of, make, (rule) => refused.push({ rule, why: TOO_MANY }));
  const sightings = made(edges, (need) => {
    const hasPauses = edges.some(({ key, rule }) => key === need.key && rule.event === "edgeVanished");
    return new Sightings(number++, { ...groupedBy(need), hasPauses });
  });
  const columns = made(restarts, (need) => new Column(number++, { ...groupedBy(need), asked: ASKED_OF_RESTARTS }));
  const silences = new Silences();
  const silentGroups = made(silent, (need) => {
    const { seriesOf } = options;
    return new SilentGroups(number++, { ...groupedBy(need), silences: silences.all, seriesOf });
  });
  const remembered = { sightings: [...sightings.values()], silentGroups: [...silentGroups.values()], silences };
  const surroundings = new Surroundings({ ...remembered, depths: depthsOf(needs.map(({ rule }) => rule)) });
  const judges = [
    ...judgesOf(edges, sightings, (rule, of) =>
      rule.event === "edgeVanished"
        ? new VanishedJudge(rule, of, surroundings)
        : new NewsJudge(rule, of, { nodes: surroundings.nodes, sinceMs: options.sinceMs }),
    ),
    ...judgesOf(restarts, columns, (rule, of) => new RestartJudge(rule, of, surroundings.starts)),
    ...judgesOf(silent, silentGroups, (rule, of) => new SilentJudge(rule, of, surroundings.blind)),
  ];
  return { judges, columns: [...columns.values()], surroundings, refused, nextNumber: number };
}

const TOO_MANY = `its conditions with its grouping are the ${MAX_COMBINATIONS + 1}st combination of its kind; group by what it filters by`;

const ASKED_OF_RESTARTS = [BAD, REQUESTS].map((measure) => ({ measure, lengthsMs: new Set(RESTART_WINDOWS_MS) }));

function isOfEdges(need: Need): need is Need<TopologyRule> {
  return need.rule.kind === "topology" && need.rule.event !== "restartedIntoErrors";
}

function isOfRestarts(need: Need): need is Need<TopologyRule> {
  return need.rule.kind === "topology" && need.rule.event === "restartedIntoErrors";
}

function isOfSilence(need: Need): need is Need<NoDataRule> {
  return need.rule.kind === "noData";
}

/** What a rule asks, or why it cannot. */
function explained(rule: SurroundingsRule): Asked | string {
  const problem = groupingProblem(rule.kind === "topology" ? rule.event : rule.kind, rule);
  if (problem !== "") return `\`groupBy\` ${problem}`;
  try {
    return askedBy(rule);
  } catch (error) {
    return (error as Error).message;
  }
}

function groupedBy({ ofColumn, groupBy }: Asked): Pick<ConstructorParameters<typeof Column>[1], "filters" | "groupBy"> {
  return { filters: ofColumn, groupBy };
}

/** One of a kind for each combination that rules ask for. */
function combined<Of, R extends SurroundingsRule>(
  needs: readonly Need<R>[],
  make: (need: Need<R>) => Of,
  refuse: (rule: string) => void,
): Map<string, Of> {
  const made = new Map<string, Of>();
  for (const need of needs) {
    if (made.has(need.key)) continue;
    if (made.size < MAX_COMBINATIONS) made.set(need.key, make(need));
    else refuse(need.rule.name);
  }
  return made;
}

function judgesOf<Of extends Groups, R extends SurroundingsRule>(
  needs: readonly Need<R>[],
  memories: ReadonlyMap<string, Of>,
  make: (rule: R, of: { column: Of; groups: MatchedGroups; severity: Severity }) => Judge,
): Judge[] {
  return needs.flatMap(({ key, rule, ofGroups }) => {
    const column = memories.get(key);
    return column ? [make(rule, { column, groups: new MatchedGroups(column, ofGroups), severity: rule.severity })] : [];
  });
}

/** How far back history is read for a rule. */
function depthsOf(rules: readonly SurroundingsRule[]): Depths {
  const depths = rules.map((rule): Depths => {
    if (rule.kind === "noData") {
      const minutesMs = rule.afterMs > HOUR_MS ? rule.afterMs + HOUR_MS : 0;
      return { slotsMs: HOUR_MS, minutesMs, hoursMs: expectedForMs(rule) };
    }
    if (rule.event === "restartedIntoErrors") return { slotsMs: 0, minutesMs: 0, hoursMs: 0 };
    const minutesMs = rule.event === "edgeVanished" ? PAUSES_KNOWN_MS : 0;
    // What began within the hour is known to ten seconds, also where an hour of history has part of it.
    return { slotsMs: NEW_FOR_MS + HOUR_MS, minutesMs, hoursMs: REMEMBERED_MS };
  });
  const deepest = (of: (each: Depths) => number): number => Math.max(0, ...depths.map(of));
  return {
    slotsMs: deepest(({ slotsMs }) => slotsMs),
    minutesMs: deepest(({ minutesMs }) => minutesMs),
    hoursMs: deepest(({ hoursMs }) => hoursMs),
  };
}
