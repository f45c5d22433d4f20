/**
 * What the sink is told of one slot, in numbers only: a server that speaks no more than InfluxDB's write protocol makes series of
 * numbers of it, named MEASUREMENT_FIELD. A point lies at the end of its slot and says what happened in it, so that
 * sum_over_time(...[1h]) is the sum of an hour.
 */
import { partsOfId } from "../../identity/node.ts";
import type { Observation } from "../../identity/observation.ts";
import type { BucketSums } from "../../world/bucket-sums.ts";
import { CounterSums } from "../../world/counter-sums.ts";
import { BOUND_OF, DURATION_BOUNDS } from "../../world/duration-bounds.ts";
import { OTHER_ROUTE, edgeId, endpointKey } from "../../world/edge-state.ts";
import { bucketMiddle } from "../../world/histogram.ts";
import { OUTCOME_LABELS } from "../../world/outcomes.ts";
import { shownInRange } from "../../world/shown-range.ts";
import { countsOf } from "../../world/shown-window.ts";
import { float, integer, tagSet } from "../influxdb/line.ts";

/** Endpoints of edges that one control tells a sink of: some 20 series each. Further ones are `~other` of their edge ... */
const MAX_ENDPOINTS = 20_000;
/** ... and edges that have room for not even that are left out. */
const MAX_EDGES = 5_000;

const COUNTS = "sidelight_slot";
const DURATIONS = "sidelight_slot_duration_seconds";
const LE = [...DURATION_BOUNDS.map(String), "+Inf"];

type Endpoint = Pick<Observation, "client" | "server" | "protocol" | "method" | "route">;

/** What was counted of an endpoint of an edge in a slot. */
class EndpointSlot {
  readonly sums = new CounterSums();
  /** Values by bound, and their sum in microseconds. */
  readonly timed = new Float64Array(LE.length);
  microseconds = 0;

  constructor(readonly endpoint: Endpoint) {}

  add(observation: Observation): void {
    const counts = countsOf(observation);
    this.sums.add(counts, 1);
    for (let at = 0; at < counts.buckets.length; at += 2) {
      const [index, count] = [counts.buckets[at]!, counts.buckets[at + 1]!];
      this.timed[BOUND_OF[index]!]! += count;
      this.microseconds += bucketMiddle(index) * count;
    }
  }
}

export class SinkPoints {
  readonly #endpoints = new Set<string>();
  readonly #edges = new Set<string>();
  #cut = 0;

  /** Requests told as `~other` or left out, since there are too many endpoints; since control started. */
  get cut(): number {
    return this.#cut;
  }

  /** The lines of a slot that ends at `atMs`. */
  linesOf(observations: readonly Observation[], atMs: number): string[] {
    const slots = new Map<string, EndpointSlot>();
    for (const observation of shownInRange(observations)) {
      const endpoint = this.#endpointOf(observation);
      if (!endpoint) continue;
      const key = `${edgeId(endpoint)} ${endpointKey(endpoint.method, endpoint.route)}`;
      let slot = slots.get(key);
      if (!slot) slots.set(key, (slot = new EndpointSlot(endpoint)));
      slot.add(observation);
    }
    return [...slots.values()].flatMap((slot) => linesOf(slot, atMs));
  }

  /** The endpoint that an observation is told under; undefined where there is room for none. */
  #endpointOf(observation: Observation): Endpoint | undefined {
    const edge = edgeId(observation);
    if (hasRoom(this.#endpoints, `${edge} ${endpointKey(observation.method, observation.route)}`, MAX_ENDPOINTS)) {
      return observation;
    }
    this.#cut += observation.count;
    return hasRoom(this.#edges, edge, MAX_EDGES) ? { ...observation, method: "", route: OTHER_ROUTE } : undefined;
  }
}

function hasRoom(known: Set<string>, key: string, most: number): boolean {
  if (known.has(key)) return true;
  if (known.size >= most) return false;
  known.add(key);
  return true;
}

function linesOf({ endpoint, sums, timed, microseconds }: EndpointSlot, atMs: number): string[] {
  const { client, server, protocol, method, route } = endpoint;
  const [from, to] = [partsOfId(client), partsOfId(server)];
  const tags = {
    ...{ client_namespace: from.namespace, client_workload: from.name },
    ...{ server_namespace: to.namespace, server_workload: to.name },
    ...{ protocol, method, route },
  };
  const line = (measurement: string, more: Readonly<Record<string, string>>, fields: readonly string[]): string =>
    `${measurement}${tagSet({ ...tags, ...more })} ${fields.join(",")} ${atMs}`;
  const lines: string[] = [];
  const counted = protocol === "tcp" ? "connections" : "requests";
  sums.outcomes.forEach((count, at) => {
    if (count > 0) lines.push(line(COUNTS, { outcome: OUTCOME_LABELS[at]! }, [integer(counted, count)]));
  });
  if (sums.requestBytes + sums.responseBytes > 0) {
    const bytes = [integer("request_bytes", sums.requestBytes), integer("response_bytes", sums.responseBytes)];
    lines.push(line(COUNTS, {}, bytes));
  }
  // How long connections lived is no latency.
  if (protocol === "tcp" || sums.latency.total === 0) return lines;
  lines.push(line(DURATIONS, {}, latencyFields(sums.latency, microseconds)));
  let below = 0;
  LE.forEach((le, at) => {
    below += timed[at]!;
    // Below the first a bucket that is not there counts as empty.
    if (below > 0) lines.push(line(DURATIONS, { le }, [integer("bucket", below)]));
  });
  return lines;
}

function latencyFields(latency: BucketSums, microseconds: number): string[] {
  const { timed, p50Ms, p95Ms, p99Ms } = latency.read([]);
  const ready = { p50: p50Ms, p95: p95Ms, p99: p99Ms };
  return [
    integer("count", timed),
    float("sum", microseconds / 1_000_000),
    ...Object.entries(ready).map(([name, ms]) => float(name, Math.round((ms ?? 0) * 1_000) / 1_000_000)),
  ];
}
