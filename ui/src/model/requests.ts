/** Requests by name, in words. Pure. */
import type { NamedRequest } from "../../../control/api/named-request.ts";
import type { Outcome } from "../../../control/identity/observation.ts";
import { shortName } from "./world.ts";

const OUTCOME_WORD: Readonly<Record<Outcome, string>> = {
  success: "",
  clientError: "client error",
  serverError: "server error",
  notReached: "not reached",
  noAnswer: "no answer",
};

/** Names of grpc-status by code (grpc/grpc, doc/statuscodes.md). */
const GRPC_STATUS = [
  ...["OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"],
  ...["PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED"],
  ...["INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"],
] as const;

/** What Envoy means by its response flags (Envoy's documentation, "Access logging", RESPONSE_FLAGS). */
const FLAG_MEANING: Readonly<Record<string, string>> = {
  LH: "the proxy's own health check failed",
  UH: "no healthy upstream host",
  UT: "upstream request timeout",
  LR: "reset by the proxy",
  UR: "reset by the upstream",
  UF: "upstream connection failure",
  UC: "upstream connection terminated",
  UO: "circuit breaker open",
  NR: "no route found",
  DI: "delayed on purpose (fault injection)",
  FI: "aborted on purpose (fault injection)",
  RL: "rate limited",
  UAEX: "denied by external authorization",
  RLSE: "rate limit service failed",
  DC: "the client closed the connection",
  URX: "retry limit reached",
  SI: "idle timeout",
  IH: "invalid Envoy headers",
  DPE: "protocol error of the client",
  UMSDR: "maximum duration of a stream reached",
  RFCF: "answered from a cache",
  NFCF: "filter not configured yet",
  DT: "maximum duration of the connection reached",
  UPE: "protocol error of the upstream",
  NC: "no such cluster",
  OM: "refused by the overload manager",
  DF: "name could not be resolved",
  DO: "dropped by the overload policy",
  DR: "reset by the client",
  UDO: "dropped by the overload policy of the cluster",
};

/** "UF: upstream connection failure"; a flag that is not known is told as it is. */
export function flagInWords(flag: string): string {
  const meaning = FLAG_MEANING[flag];
  return meaning ? `${flag}: ${meaning}` : flag;
}

/** Why it failed, as the proxy saw it; empty for one that did not and of which it has nothing to say. */
export function whyInWords({ flags, outcome, reason, server }: NamedRequest): string {
  if (flags.length > 0) return flags.map(flagInWords).join(" · ");
  if (reason !== "failed") return "";
  return outcome === "serverError" ? `${shortName(server)} itself answered so` : "Envoy set no response flag";
}

/** "504 no answer", "gRPC UNAVAILABLE, not reached", "200". */
export function statusInWords({ protocol, status, outcome }: NamedRequest): string {
  const word = OUTCOME_WORD[outcome];
  if (protocol === "grpc") {
    const name = `gRPC ${GRPC_STATUS[status] ?? status}`;
    return outcome === "notReached" || outcome === "noAnswer" ? `${name}, ${word}` : name;
  }
  return [status === 0 ? "" : String(status), word].filter(Boolean).join(" ") || "no status";
}

/** "GET /cards/57"; of an RPC the path alone. */
export function requestLine({ method, path, route }: NamedRequest): string {
  return `${method} ${path || route}`.trim();
}

/** The page of a trace, where control knows one. */
export function traceHref(template: string | null, traceId: string): string | undefined {
  return template && traceId ? template.replaceAll("{traceId}", traceId) : undefined;
}

/** A request with what tells it from every other of a list. */
export interface Keyed {
  readonly key: string;
  readonly request: NamedRequest;
}

/** Two may be alike in all that is known of them; then they are told apart by their number. */
export function keyed(requests: readonly NamedRequest[]): Keyed[] {
  const seen = new Map<string, number>();
  return requests.map((request) => {
    const name = JSON.stringify(Object.values(request));
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return { key: `${name} ${times}`, request };
  });
}

/** What is shown before one asks for all: of either kind the first few. */
export function mostTelling(requests: readonly Keyed[], most: number): Keyed[] {
  const failed = requests.filter(({ request }) => request.reason === "failed");
  const slow = requests.filter(({ request }) => request.reason !== "failed");
  const room = most - Math.min(slow.length, Math.floor(most / 2));
  const shown = failed.slice(0, room);
  return [...shown, ...slow.slice(0, most - shown.length)];
}
