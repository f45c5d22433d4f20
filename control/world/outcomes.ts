import type { NodeKind } from "../identity/node.ts";
import type { Outcome, Protocol } from "../identity/observation.ts";

/** Every outcome, in the order in which counters by outcome are kept. */
export const OUTCOMES = [
  "success",
  "clientError",
  "serverError",
  "notReached",
  "noAnswer",
] as const satisfies readonly Outcome[];

const POSITIONS: Readonly<Record<Outcome, number>> = Object.freeze({
  success: 0,
  clientError: 1,
  serverError: 2,
  notReached: 3,
  noAnswer: 4,
});

/** Where an outcome stands in OUTCOMES. */
export function outcomePosition(outcome: Outcome): number {
  return POSITIONS[outcome];
}

/** The value of a label `outcome`, in the order of OUTCOMES: "server_error", as labels are written elsewhere. */
export const OUTCOME_LABELS: readonly string[] = OUTCOMES.map((outcome) =>
  outcome.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
);

/** Counters by outcome as an object, out of an array in the order of OUTCOMES. */
export function outcomesOf(counts: ArrayLike<number>): Record<Outcome, number> {
  const named = {} as Record<Outcome, number>;
  OUTCOMES.forEach((outcome, position) => (named[outcome] = counts[position] ?? 0));
  return named;
}

/** What health and RED make of the outcomes of an edge. */
export interface ErrorCounts {
  readonly requests: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
  /** notReached and noAnswer, as shown. */
  readonly notReached: number;
  /** Of those, the ones that never got to the server: nothing behind the server can explain them. */
  readonly neverArrived: number;
}

/**
 * Reads counters in the order of OUTCOMES for an edge.
 *
 * - An external client that gets no answer went away itself (a closed tab): a client error, no outage.
 * - An opaque TCP connection only fails by not being reached; how its bytes ended says nothing of its use.
 */
export function errorCounts(counts: ArrayLike<number>, protocol: Protocol, client: NodeKind): ErrorCounts {
  const clientError = counts[POSITIONS.clientError]!;
  const serverError = counts[POSITIONS.serverError]!;
  const notReached = counts[POSITIONS.notReached]!;
  const noAnswer = counts[POSITIONS.noAnswer]!;
  const requests = counts[POSITIONS.success]! + clientError + serverError + notReached + noAnswer;
  if (protocol === "tcp") {
    return { requests, clientErrors: 0, serverErrors: 0, notReached, neverArrived: notReached };
  }
  const gone = client === "external" ? noAnswer : 0;
  return {
    requests,
    clientErrors: clientError + gone,
    serverErrors: serverError,
    notReached: notReached + noAnswer - gone,
    neverArrived: notReached,
  };
}
