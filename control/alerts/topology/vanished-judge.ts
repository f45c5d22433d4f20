import type { Measured } from "../alert.ts";
import { GroupJudge } from "../judging/group-judge.ts";
import type { Judgement } from "../judging/judge.ts";
import type { TopologyRule } from "../rule.ts";
import type { SightingsToJudge } from "./news-judge.ts";
import type { Sightings } from "./sightings.ts";
import type { Surroundings } from "./surroundings.ts";
import { about, askedOf, callerOf } from "./words.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Nobody is missed before, nor before so many times its longest pause of the day before. */
const LEAST_AWAY_MS = 15 * MINUTE_MS;
const PAUSES = 3;
/** What pauses for longer comes and goes. */
const LONGEST_PAUSE_MS = 2 * HOUR_MS;
/** How long it must have been there to be missed. */
const REGULAR_AFTER_MS = 24 * HOUR_MS;
/** What is away for longer is not missed any more. */
const MISSED_FOR_MS = 12 * HOUR_MS;
/** Both its ends were seen within this, so they are there. */
const THERE_MS = 5 * MINUTE_MS;

/** How far back minutes are needed: a day before what is missed went. */
export const PAUSES_KNOWN_MS = REGULAR_AFTER_MS + MISSED_FOR_MS + HOUR_MS;

/** Somebody who called all day does not any more, though both are still there: one that was scaled down is not missed. */
export class VanishedJudge extends GroupJudge {
  readonly #sightings: Sightings;
  readonly #surroundings: Surroundings;

  constructor(
    override readonly rule: TopologyRule,
    of: SightingsToJudge,
    surroundings: Surroundings,
  ) {
    super(of, 0);
    this.#sightings = of.column;
    this.#surroundings = surroundings;
  }

  override scan(endMs: number, visit: (group: number) => void): void {
    for (const group of this.groups.get()) if (this.judge(group, endMs) === "bad") visit(group);
  }

  override judge(group: number, endMs: number): Judgement {
    const seen = this.#sightings.seen[group];
    if (!seen || endMs - seen.lastMs < LEAST_AWAY_MS || !this.#isRegular(group)) return "good";
    const away = this.#awayMs(group);
    if (away > MISSED_FOR_MS || away < Math.max(LEAST_AWAY_MS, PAUSES * seen.pauses!.longestMs)) return "good";
    const { client, server } = this.example(group);
    const areThere = [client, server].every(({ id }) => endMs - this.#surroundings.nodes.lastMs(id) <= THERE_MS);
    return areThere ? "bad" : "unknown";
  }

  override measured(group: number): Measured {
    const { pauses, requests } = this.#sightings.seen[group]!;
    const limit = Math.max(LEAST_AWAY_MS, PAUSES * pauses!.longestMs) / 1_000;
    return { value: this.#awayMs(group) / 1_000, limit, usual: pauses!.longestMs / 1_000, requests, bad: 0 };
  }

  override summary(group: number): string {
    const labels = this.labels(group);
    const { longestMs } = this.#sightings.seen[group]!.pauses!;
    const before = `longest pause of the day before: ${about(longestMs)}`;
    const asked = askedOf(labels, this.example(group));
    return `${callerOf(labels)} has not called ${asked} for ${about(this.#awayMs(group))} (${before})`;
  }

  /** Whether it was there a whole day before it was seen last, all of which is known. */
  #isRegular(group: number): boolean {
    const { firstMs, lastMs, pauses } = this.#sightings.seen[group]!;
    const sinceMs = Math.max(firstMs, this.#surroundings.pausesSinceMs);
    return lastMs - sinceMs >= REGULAR_AFTER_MS && pauses !== undefined && pauses.longestMs <= LONGEST_PAUSE_MS;
  }

  #awayMs(group: number): number {
    return this.#surroundings.blind.known(this.#sightings.seen[group]!.lastMs, this.#surroundings.endMs);
  }
}
