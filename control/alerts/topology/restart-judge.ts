import type { Measured } from "../alert.ts";
import { BAD, REQUESTS } from "../counting/measures.ts";
import type { Column } from "../counting/column.ts";
import { GroupJudge } from "../judging/group-judge.ts";
import type { Judgement } from "../judging/judge.ts";
import { MIN_BAD } from "../judging/share-judge.ts";
import type { GroupsToJudge } from "../judging/group-judge.ts";
import type { ShareSums } from "../judging/share-judge.ts";
import { percent, subjectOf } from "../judging/words.ts";
import type { TopologyRule } from "../rule.ts";
import type { Start, Starts } from "./starts.ts";
import { about } from "./words.ts";

const MINUTE_MS = 60_000;
/** Shares of requests that fail: at which it is an error, and over. The same as of the endpoints that are failing on the map. */
const LIMIT = 0.05;
const CLEAR = 0.04;
/** Nothing is judged by fewer requests, before or since. */
const MIN_REQUESTS = 20;
/** It must be so many times what it was before. */
const WORSE = 2;

/**
 * What is looked at so long after a start: nothing for two minutes, in which who has just begun may stumble; the newest part
 * of what came since, against the hour before it, less what may have led to the start or come of it.
 */
const STAGES = [2, 5, 10].map((minutes, at, all) => ({
  fromMs: minutes * MINUTE_MS,
  toMs: (all[at + 1] ?? 15) * MINUTE_MS,
  sinceMs: Math.min(5, minutes) * MINUTE_MS,
}));
const BEFORE_MS = 60 * MINUTE_MS;
/** Once it fires, and no start is recent any more. */
const LATER_MS = 5 * MINUTE_MS;

/** Windows that are looked at, milliseconds. */
export const RESTART_WINDOWS_MS: readonly number[] = [
  ...new Set([...STAGES.flatMap(({ toMs, sinceMs }) => [toMs, sinceMs]), BEFORE_MS, LATER_MS]),
];

type Stage = (typeof STAGES)[number];

/** A start that is recent, and what is looked at by now. */
interface Recent {
  readonly start: Start;
  readonly stage: Stage;
}

interface Counts {
  readonly bad: number;
  readonly requests: number;
}

/** A workload fails since new sidecars of it began to report, and did not before. */
export class RestartJudge extends GroupJudge {
  readonly #sums: ReadonlyMap<number, ShareSums>;
  readonly #starts: Starts;
  #endMs = -Infinity;

  constructor(
    override readonly rule: TopologyRule,
    of: GroupsToJudge & { readonly column: Column },
    starts: Starts,
  ) {
    super(of, LATER_MS);
    const { column } = of;
    this.#starts = starts;
    this.#sums = new Map(
      RESTART_WINDOWS_MS.map((lengthMs) => [
        lengthMs,
        { bad: column.sums(BAD).window(lengthMs), all: column.sums(REQUESTS).window(lengthMs) },
      ]),
    );
  }

  override scan(endMs: number, visit: (group: number) => void): void {
    this.#endMs = endMs;
    for (const group of this.groups.get()) {
      const recent = this.#recent(group);
      if (recent && this.#wasWell(group, recent) && this.#judgement(group, recent.stage.sinceMs) === "bad")
        visit(group);
    }
  }

  override judge(group: number, endMs: number): Judgement {
    this.#endMs = endMs;
    return this.#judgement(group, this.#recent(group)?.stage.sinceMs ?? LATER_MS);
  }

  override measured(group: number): Measured {
    const recent = this.#recent(group);
    const { bad, requests } = this.#counts(group, recent?.stage.sinceMs ?? LATER_MS);
    const usual = recent ? shareOf(this.#before(group, recent)) : null;
    return { value: shareOf({ bad, requests }), limit: LIMIT, usual, requests, bad };
  }

  override summary(group: number): string {
    const { value, usual } = this.measured(group);
    const failed = `${percent(value)} of requests ${subjectOf(this.labels(group))} failed`;
    const recent = this.#recent(group);
    if (!recent) return `${failed} since it was started anew`;
    const { pod, atMs } = recent.start;
    const who = pod === "" ? "it was started anew" : `${pod} was started`;
    const before = usual === null ? "" : ` (${percent(usual)} before)`;
    return `${failed} since ${who} ${about(this.#endMs - atMs)} ago${before}`;
  }

  #judgement(group: number, sinceMs: number): Judgement {
    const counts = this.#counts(group, sinceMs);
    if (counts.requests < MIN_REQUESTS) return "unknown";
    if (counts.bad >= MIN_BAD && shareOf(counts) > LIMIT) return "bad";
    return shareOf(counts) > CLEAR ? "between" : "good";
  }

  #wasWell(group: number, recent: Recent): boolean {
    const before = this.#before(group, recent);
    const worse = shareOf(this.#counts(group, recent.stage.sinceMs)) >= WORSE * shareOf(before);
    return before.requests >= MIN_REQUESTS && shareOf(before) <= LIMIT && worse;
  }

  /** Of the hour before a start, less the minutes next to it. */
  #before(group: number, { stage }: Recent): Counts {
    const hour = this.#counts(group, BEFORE_MS);
    const since = this.#counts(group, stage.toMs);
    return { bad: hour.bad - since.bad, requests: hour.requests - since.requests };
  }

  /** The latest start of a group's workload that was long enough ago. */
  #recent(group: number): Recent | undefined {
    for (const start of this.#starts.of(this.example(group).server.id)) {
      const agoMs = this.#endMs - start.atMs;
      const stage = STAGES.find(({ fromMs, toMs }) => agoMs >= fromMs && agoMs < toMs);
      if (stage) return { start, stage };
    }
    return undefined;
  }

  #counts(group: number, lengthMs: number): Counts {
    const { bad, all } = this.#sums.get(lengthMs)!;
    return { bad: bad.sums[group] ?? 0, requests: all.sums[group] ?? 0 };
  }
}

function shareOf({ bad, requests }: Counts): number {
  return requests === 0 ? 0 : bad / requests;
}
