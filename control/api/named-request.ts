import type { RequestExemplar } from "#proto/stats.ts";
import type { Exemplar, Outcome } from "../identity/observation.ts";
import { flagNames } from "./response-flags.ts";
import type { ExemplarSettings } from "./sources.ts";

/** A request by name as the HTTP API tells it: response flags by Envoy's short names. */
export interface NamedRequest extends Omit<Exemplar, "flags"> {
  readonly flags: readonly string[];
}

/** The answer of `GET /api/v1/exemplars`. */
export interface NamedRequests extends ExemplarSettings {
  readonly fromMs: number;
  readonly toMs: number;
  readonly exemplars: readonly NamedRequest[];
}

export function toNamedRequest(exemplar: Exemplar): NamedRequest {
  return { ...exemplar, flags: flagNames(exemplar.flags) };
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  success: "success",
  clientError: "client_error",
  serverError: "server_error",
  notReached: "not_reached",
  noAnswer: "no_answer",
};

/** The same in the words of stats.proto. */
export function toRequestExemplar(exemplar: Exemplar): RequestExemplar {
  const { atMs, side, durationMs, outcome, flags, ...same } = exemplar;
  return {
    ...same,
    at: new Date(atMs),
    reporterSide: side,
    outcome: OUTCOMES[outcome],
    durationSeconds: durationMs / 1000,
    flags: flagNames(flags),
  };
}
