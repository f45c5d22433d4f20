/**
 * The states of one rule's alerts. Kept only for groups that are not well, so its cost is that of what is wrong.
 *
 *     none --bad--> pending --bad for `for`--> firing --good for `keep`--> resolved
 *                   pending --otherwise--> none
 *                   firing --nothing to judge by for a while--> resolved (no traffic)
 *
 * While nothing is known at all nothing begins, nothing ends, and no time passes for what waits.
 */
import type { ResolvedBy } from "../alert.ts";
import { SLOT_MS } from "../counting/slots.ts";
import type { Judge, Judgement } from "./judge.ts";

/** Times are milliseconds since the epoch. */
export interface LiveAlert {
  readonly sinceMs: number;
  firedMs: number | null;
  /** Since when it has been good, and since when there has been nothing to judge by. */
  goodMs: number | null;
  unknownMs: number | null;
  /** How long nothing was known while it was pending. */
  blindForMs: number;
}

/** A change of state of one group. `dropped`: it was pending and is over. */
export type Change = (
  { readonly to: "pending" | "firing" | "dropped" } | { readonly to: "resolved"; readonly by: ResolvedBy }
) & { readonly group: number; readonly live: Readonly<LiveAlert> };

export class LiveAlerts {
  readonly judge: Judge;
  readonly #live = new Map<number, LiveAlert>();
  #isChanged = false;

  constructor(judge: Judge) {
    this.judge = judge;
  }

  /** Groups that are pending or firing. */
  entries(): Iterable<[number, Readonly<LiveAlert>]> {
    return this.#live;
  }

  /** Whether the last tick changed anything that is to be kept over a restart. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** Takes up what was pending or firing before a restart. */
  restore(group: number, live: LiveAlert): void {
    this.#live.set(group, live);
  }

  /**
   * Judges at an instant, the end of all windows. Called each SLOT_MS.
   * @param isBlind nothing is known of the last half minute
   */
  tick(endMs: number, isBlind: boolean): Change[] {
    this.#isChanged = false;
    if (isBlind) return this.#hold();
    const changes: Change[] = [];
    const { forMs } = this.judge.rule;
    this.judge.scan(endMs, (group) => {
      if (this.#live.has(group)) return;
      const live: LiveAlert = { sinceMs: endMs, firedMs: null, goodMs: null, unknownMs: null, blindForMs: 0 };
      this.#live.set(group, live);
      if (forMs > 0) changes.push({ to: "pending", group, live });
    });
    for (const [group, live] of this.#live) {
      const judgement = this.judge.judge(group, endMs);
      const change = live.firedMs === null ? this.#wait(live, judgement, endMs) : this.#watch(live, judgement, endMs);
      if (change === undefined) continue;
      if (change.to !== "firing") this.#live.delete(group);
      changes.push({ ...change, group, live });
    }
    this.#isChanged ||= changes.length > 0;
    return changes;
  }

  #hold(): Change[] {
    this.#isChanged = this.#live.size > 0;
    for (const live of this.#live.values()) {
      if (live.firedMs === null) live.blindForMs += SLOT_MS;
      if (live.goodMs !== null) live.goodMs += SLOT_MS;
      if (live.unknownMs !== null) live.unknownMs += SLOT_MS;
    }
    return [];
  }

  /** What is pending. */
  #wait(live: LiveAlert, judgement: Judgement, endMs: number): Step | undefined {
    if (judgement !== "bad") return { to: "dropped" };
    if (endMs - live.sinceMs - live.blindForMs < this.judge.rule.forMs) return undefined;
    live.firedMs = endMs;
    return { to: "firing" };
  }

  /** What is firing. */
  #watch(live: LiveAlert, judgement: Judgement, endMs: number): Step | undefined {
    const { goodMs, unknownMs } = live;
    live.goodMs = judgement === "good" ? (goodMs ?? endMs) : null;
    live.unknownMs = judgement === "unknown" ? (unknownMs ?? endMs) : null;
    this.#isChanged ||= live.goodMs !== goodMs || live.unknownMs !== unknownMs;
    const isSince = (sinceMs: number | null, forMs: number): boolean => sinceMs !== null && endMs - sinceMs >= forMs;
    if (isSince(live.goodMs, this.judge.rule.keepMs)) return { to: "resolved", by: "recovered" };
    return isSince(live.unknownMs, this.judge.unknownForMs) ? { to: "resolved", by: "noTraffic" } : undefined;
  }
}

type Step = { readonly to: "firing" | "dropped" } | { readonly to: "resolved"; readonly by: ResolvedBy };
