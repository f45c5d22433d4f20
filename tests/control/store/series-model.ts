/** What series by group must be, worked out plainly from single requests: lists and sorting instead of buckets and SQL. */
import * as assert from "uvu/assert";
import type { NodeIdentity } from "../../../control/identity/node.ts";
import type { Observation, ReportedWindow } from "../../../control/identity/observation.ts";
import type { Measure, Series, SeriesPoint, SeriesQuestion } from "../../../control/store/store.ts";
import type { Counted } from "../../../control/world/counted.ts";
import { bucketIndex, bucketUpper, bucketsOf } from "../../../control/world/histogram.ts";
import { OUTCOMES } from "../../../control/world/outcomes.ts";
import { START_MS, observation, windowOf } from "../world/fixtures.ts";
import { requests, sum } from "./contract-case.ts";
import { shownAmong } from "./windows.ts";

/** Counted in one whole second; `values` are how long each request took, in microseconds. */
export interface Event {
  readonly second: number;
  readonly observation: Observation;
  readonly values: readonly number[];
}

export const NODES: Readonly<Record<string, NodeIdentity>> = Object.fromEntries(
  (["shop/cart", "shop/user", "pay/cards", "external/internet", "pay/db"] as const).map((id) => {
    const [namespace, name = ""] = id.split("/") as [string, string];
    const isOutside = namespace === "external";
    const kind = isOutside ? "external" : id === "pay/db" ? "store" : "workload";
    const inside = { namespace: isOutside ? "" : namespace, service: isOutside ? "" : `${name}-svc` };
    return [id, { id, kind, name, workloadKind: isOutside ? "" : "Deployment", reason: "", ...inside }];
  }),
);

/** Requests within two minutes, of servers with a sidecar and without, with connections among them. */
export function randomEvents(random: () => number, count = 250): Event[] {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  return Array.from({ length: count }, () => {
    const server = pick(["shop/cart", "shop/user", "pay/cards", "pay/db"]);
    const isMeshed = server !== "pay/db";
    const values = Array.from({ length: 1 + Math.floor(random() * 6) }, () => Math.ceil(Math.exp(3 + random() * 12)));
    const isTcp = server === "pay/db" && random() < 0.7;
    const one = observation({
      side: isMeshed && random() < 0.7 ? "destination" : "source",
      client: pick(["shop/cart", "shop/user", "external/internet"]),
      server,
      protocol: isTcp ? "tcp" : pick(["http", "http", "grpc"]),
      method: isTcp ? "" : pick(["GET", "POST"]),
      route: isTcp ? "" : pick(["/", "/items", "/items/{id}"]),
      outcome: random() < 0.6 ? "success" : pick(OUTCOMES),
      status: pick([200, 500]),
      count: values.length,
      buckets: bucketsOf(values),
      requestBytes: isTcp ? Math.floor(random() * 1e5) : 0,
      responseBytes: isTcp ? Math.floor(random() * 1e5) : 0,
    });
    return { second: Math.floor(random() * 120), observation: one, values };
  });
}

export function windowsOf(events: readonly Event[]): ReportedWindow[] {
  return events.map(({ second, observation: one }) =>
    windowOf([one], { startMs: START_MS + second * 1_000, nodes: [NODES[one.client]!, NODES[one.server]!] }),
  );
}

interface Sums {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly bytes: readonly [number, number];
  readonly values: readonly number[];
}

/** The sums of each group in each step, and in all (step -1), by its labels. */
export function expectedGroups(events: readonly Event[], question: SeriesQuestion): Map<string, Map<number, Sums>> {
  const { range, matches, labelsOf = () => [], isOfTcp = () => false } = question;
  const inRange = events.filter((event) => atMs(event) >= range.fromMs && atMs(event) < range.toMs);
  const isShown = shownAmong(inRange.map((event) => event.observation));
  const groups = new Map<string, Map<number, Sums>>();
  for (const event of inRange) {
    const { observation: one, values } = event;
    const counted: Counted = { ...one, client: NODES[one.client]!, server: NODES[one.server]! };
    if (!isShown(one) || (matches && !matches(counted))) continue;
    const labels = labelsOf(counted);
    const steps = groups.get(JSON.stringify(labels)) ?? new Map<number, Sums>();
    groups.set(JSON.stringify(labels), steps);
    const timed = one.protocol !== "tcp" || isOfTcp(labels) ? values : [];
    for (const step of [-1, stepOf(event, question)]) {
      steps.set(step, withEvent(steps.get(step) ?? { outcomes: {}, bytes: [0, 0], values: [] }, one, timed));
    }
  }
  return groups;
}

function stepOf(event: Event, { range, stepMs, firstMs = range.fromMs }: SeriesQuestion): number {
  return Math.floor((atMs(event) - firstMs) / stepMs);
}

function atMs({ second }: Event): number {
  return START_MS + second * 1_000;
}

function withEvent({ outcomes, bytes, values }: Sums, one: Observation, timed: readonly number[]): Sums {
  return {
    outcomes: { ...outcomes, [one.outcome]: (outcomes[one.outcome] ?? 0) + one.count },
    bytes: [bytes[0] + one.requestBytes, bytes[1] + one.responseBytes],
    values: [...values, ...timed],
  };
}

/** Counts are exact, and each percentile within 1 % of the request at its rank. */
export function assertPoint(
  point: SeriesPoint,
  sums: Sums | undefined,
  { percentiles = [], slowerThanMs }: Pick<SeriesQuestion, "percentiles" | "slowerThanMs">,
): void {
  for (const outcome of OUTCOMES) assert.is(point.outcomes[outcome], sums?.outcomes[outcome] ?? 0, outcome);
  assert.equal([point.requestBytes, point.responseBytes], sums?.bytes ?? [0, 0]);
  const sorted = [...(sums?.values ?? [])].sort((a, b) => a - b);
  assert.is(point.latencyMs.length, sorted.length === 0 ? 0 : percentiles.length);
  for (const [at, latencyMs] of point.latencyMs.entries()) {
    const exactMs = sorted[Math.max(1, Math.ceil(percentiles[at]! * sorted.length)) - 1]! / 1_000;
    assert.ok(Math.abs(latencyMs - exactMs) <= 0.01 * exactMs + 0.001, `${latencyMs} ms is not ${exactMs} ms`);
  }
  if (slowerThanMs === undefined) return assert.is(point.slow, undefined);
  // What took as long as the limit but for the width of a bucket is not slower.
  const limit = bucketUpper(bucketIndex(slowerThanMs * 1_000));
  assert.equal(point.slow, { timed: sorted.length, slower: sorted.filter((value) => value > limit).length });
}

/** What a measure says of a series, worked out of its total. */
export function measured({ total }: Series, measure: Measure): number {
  const { outcomes, requestBytes, responseBytes, latencyMs } = total;
  const errors = outcomes.serverError + outcomes.notReached + outcomes.noAnswer;
  switch (measure) {
    case "requests":
      return requests(total);
    case "errors":
      return errors;
    case "errorShare":
      return errors / Math.max(1, requests(total));
    case "latency":
      return latencyMs.at(-1) ?? -1;
    case "bytes":
      return requestBytes + responseBytes;
  }
}

/** All counts of a point in one list, so that points can be added. */
export function countsOf(point: SeriesPoint): number[] {
  const { requestBytes, responseBytes, slow = { timed: 0, slower: 0 } } = point;
  const outcomes = OUTCOMES.map((outcome) => point.outcomes[outcome]);
  return [...outcomes, requestBytes, responseBytes, slow.timed, slow.slower];
}

/** Point by point, what several series count together. */
export function added(series: readonly Series[]): number[][] {
  return (series[0]?.points ?? []).map((first, at) =>
    countsOf(first).map((_, field) => sum(series.map(({ points }) => countsOf(points[at]!)[field]!))),
  );
}
