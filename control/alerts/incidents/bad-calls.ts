/** All that is past the limits of the map's health just now, endpoint by endpoint: what causes are told from. */
import type { BadCall } from "../../world/cause.ts";
import { DEFAULT_THRESHOLDS } from "../../world/health.ts";
import type { Verdict } from "../../world/health.ts";
import type { Grouping } from "../../world/counted.ts";
import { Filters } from "../../world/filters.ts";
import { Column } from "../counting/column.ts";
import { BAD, CONNECTS, REQUESTS, TIMED, UNCONNECTED, UNREACHED } from "../counting/measures.ts";
import type { Measures } from "../counting/measures.ts";

/** Longer than the map's window: an alert needs some time to fire, and what it fires for must not be over by then. */
const WINDOW_MS = 60_000;
const { degraded, minCount } = DEFAULT_THRESHOLDS;

const BY_CALL: readonly Grouping[] = [
  { attribute: "workload", end: "client" },
  { attribute: "workload", end: "server" },
  { attribute: "protocol", end: undefined },
  { attribute: "method", end: undefined },
  { attribute: "route", end: undefined },
];

/** The latency limit that bad calls are told by. */
export const BAD_CALL_LIMIT_MS = degraded.slowMs;

/** A bad call and the endpoint that it is to. */
export interface BadEndpointCall extends BadCall {
  readonly method: string;
  readonly route: string;
}

export class BadCalls {
  readonly column: Column;
  readonly #slow: number;

  /** @param number the column's place among all */
  constructor(number: number, measures: Measures) {
    this.#slow = measures.slowerThan(BAD_CALL_LIMIT_MS);
    const positions = [REQUESTS, BAD, UNREACHED, CONNECTS, UNCONNECTED, TIMED, this.#slow];
    const asked = positions.map((measure) => ({ measure, lengthsMs: new Set([WINDOW_MS]) }));
    this.column = new Column(number, { filters: Filters.none, groupBy: BY_CALL, asked });
  }

  /** Those of the last minute. */
  read(): BadEndpointCall[] {
    const calls: BadEndpointCall[] = [];
    this.column.groups.forEach(({ example }, group) => {
      const verdict = example.protocol === "tcp" ? this.#ofConnections(group) : this.#ofRequests(group);
      if (!verdict) return;
      const { client, server, protocol, method, route } = example;
      calls.push({ id: String(group), client: client.id, server: server.id, protocol, method, route, verdict });
    });
    return calls;
  }

  #ofRequests(group: number): Verdict | undefined {
    const requests = this.#sum(REQUESTS, group);
    const errors = past(this.#sum(BAD, group), requests, degraded.errorShare);
    const slow = past(this.#sum(this.#slow, group), this.#sum(TIMED, group), degraded.slowShare);
    if (errors === 0 && slow === 0) return undefined;
    const unreached = past(this.#sum(UNREACHED, group), requests, degraded.errorShare);
    return { health: "degraded", findings: [], errors, slow, unreachable: unreached > 0 };
  }

  #ofConnections(group: number): Verdict | undefined {
    const errors = past(this.#sum(UNCONNECTED, group), this.#sum(CONNECTS, group), degraded.errorShare);
    return errors === 0 ? undefined : { health: "degraded", findings: [], errors, slow: 0, unreachable: true };
  }

  #sum(measure: number, group: number): number {
    return this.column.sums(measure).window(WINDOW_MS).sums[group] ?? 0;
  }
}

/** The bad ones where their share is past the limit, 0 otherwise. */
function past(bad: number, all: number, share: number): number {
  return bad >= minCount && bad > share * all ? bad : 0;
}
