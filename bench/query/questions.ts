/** What is asked, the same of all: its times and names differ from round to round, so that no answer is at hand already. */
import type { TimeRange } from "../../control/store/store.ts";
import { rotated } from "../rounds.ts";
import { END_MS } from "./history.ts";
import type { Counter } from "./mesh.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const STEP_MS = 4 * HOUR_MS;
const STEPS = 180;

/** How busy the endpoints are that are asked for, by rank among all. */
const RANKS = [2, 5, 10, 20, 35, 50, 75, 100, 150, 200];
/**
 * How long ago the instants are: within the day of which there are slots of 10 s, and office hours of days of which there
 * are minutes. In between, DuckDB still has the finer ones, whose table is dropped as a whole, and would answer more exactly.
 */
const AGO_MS = [
  ...[2.2, 3.1, 4.7, 22.4, 23.3].map((hours) => hours * HOUR_MS),
  ...[2.05, 6.1, 9.02, 14.1, 22.03].map((days) => days * DAY_MS),
].map((ms) => ms + 7 * SECOND_MS);

/** An endpoint by all its callers. */
export type Endpoint = Pick<Counter["key"], "server" | "protocol" | "method" | "route">;

export type Question =
  | { readonly what: "edges"; readonly range: TimeRange }
  | { readonly what: "endpoint"; readonly range: TimeRange; readonly endpoint: Endpoint }
  | { readonly what: "grouped"; readonly range: TimeRange }
  | { readonly what: "topology"; readonly range: TimeRange };

/**
 * The questions, what they are called, how long an answer may take, where there is a goal, and how often they are asked at
 * most, where an answer takes somebody ten seconds.
 */
export const QUESTIONS = {
  edges: { title: "all edges, the last hour", goalMs: 200 },
  endpoint: { title: "one endpoint, 30 days by 4 hours", goalMs: 100 },
  grouped: { title: "the busiest services, 30 days by 4 hours", rounds: 3 },
  topology: { title: "the topology at a past instant", goalMs: 200 },
} as const satisfies Record<string, { readonly title: string; readonly goalMs?: number; readonly rounds?: number }>;

export type What = keyof typeof QUESTIONS;

/** What is asked in a round, each round beginning with another question. */
export function askedIn(round: number): What[] {
  const whats = Object.keys(QUESTIONS) as What[];
  const asked = whats.filter((what) => {
    const question = QUESTIONS[what];
    return !("rounds" in question) || round < question.rounds;
  });
  return rotated(asked, round);
}

/** Services that have a series of their own where they are asked for; the others are one more. */
export const TOP = 10;

/** The question of a round. */
export function questionOf(what: What, round: number, mesh: readonly Counter[]): Question {
  switch (what) {
    case "edges":
      return { what, range: { fromMs: END_MS - HOUR_MS + round * SECOND_MS, toMs: END_MS } };
    case "endpoint":
      return { what, range: monthOf(round), endpoint: endpointOf(round, mesh) };
    case "grouped":
      return { what, range: monthOf(round) };
    case "topology": {
      const toMs = END_MS - AGO_MS[round % AGO_MS.length]!;
      return { what, range: { fromMs: toMs - 30 * SECOND_MS, toMs } };
    }
  }
}

function monthOf(round: number): TimeRange {
  return { fromMs: END_MS - STEPS * STEP_MS + round * MINUTE_MS, toMs: END_MS };
}

/** As the API asks for steps of whole hours: the first begins on the hour. */
export function stepsOf({ fromMs }: TimeRange): { readonly firstMs: number; readonly stepMs: number } {
  return { firstMs: Math.floor(fromMs / HOUR_MS) * HOUR_MS, stepMs: STEP_MS };
}

function endpointOf(round: number, mesh: readonly Counter[]): Endpoint {
  const busiest = mesh
    .filter(({ key }) => key.side === "destination" && key.outcome === "success")
    .sort((a, b) => b.perSecond - a.perSecond);
  const rank = Math.min(RANKS[round % RANKS.length]!, busiest.length - 1);
  const { server, protocol, method, route } = busiest[rank]!.key;
  return { server, protocol, method, route };
}
