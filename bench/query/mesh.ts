/** The mesh whose history is asked: which services there are, who calls whom for what, how often and how fast. */
import type { Observation } from "../../control/identity/observation.ts";
import { generator } from "../statistics.ts";

/** What a counter counts: all of an observation but its numbers. */
export type Key = Pick<
  Observation,
  "side" | "client" | "server" | "protocol" | "method" | "route" | "outcome" | "status"
>;

/** One counter: one side's view of one endpoint and outcome of one edge. */
export interface Counter {
  readonly key: Key;
  /** Requests a second at the peak of a day. */
  readonly perSecond: number;
  /** Latencies are log-normal: mean and deviation of the natural logarithm of microseconds. */
  readonly logMicros: number;
  readonly logDeviation: number;
}

const DOMAINS = [
  ...["accounts", "billing", "cart", "catalogue", "checkout", "delivery", "identity", "inventory"],
  ...["notices", "orders", "partners", "payments", "pricing", "reviews", "search"],
];
const ROLES = ["api", "cache", "events", "export", "gateway", "index", "jobs", "ledger", "rules", "worker"];
const THINGS = ["items", "users", "quotes", "stock", "sessions", "events", "reports", "prices", "labels", "jobs"];
const METHODS = ["GET", "GET", "GET", "POST", "PUT", "DELETE"];

/** Endpoints of an edge, and counters of an endpoint, as it comes out on average. */
const ENDPOINTS_AN_EDGE = 3.3;
const COUNTERS_AN_ENDPOINT = 3;

/** How often endpoints are called is log-normal too: a few are called a hundred times a second, most a few times a day. */
const MEDIAN_PER_SECOND = 2.7e-6;
const RATE_DEVIATION = 5.5;
const MOST_PER_SECOND = 300;

/** What comes beside successes: outcome, status, and the share of requests of an endpoint, at the median. */
const FAILURES = [
  { outcome: "clientError", status: 404, share: 0.02 },
  { outcome: "serverError", status: 500, share: 0.004 },
] as const;

/** Some so many counters, the same each time. */
export function meshOf(counters: number): Counter[] {
  const random = generator(counters);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const services = DOMAINS.flatMap((domain) => ROLES.map((role) => `${domain}/${role}`));
  const edges = Math.max(4, Math.round(counters / ENDPOINTS_AN_EDGE / COUNTERS_AN_ENDPOINT));
  const mesh: Counter[] = [];
  for (let edge = 0; edge < edges; edge++) {
    // Whom few call lies deep, so that calls go one way.
    const caller = Math.floor(random() ** 2 * (services.length - 1));
    const called = caller + 1 + Math.floor(random() * (services.length - 1 - caller));
    const [client, server] = [services[caller]!, services[called]!];
    const endpoints = 1 + Math.floor(random() * (2 * ENDPOINTS_AN_EDGE - 1));
    for (let endpoint = 0; endpoint < endpoints; endpoint++) {
      const route = `/v1/${pick(THINGS)}/{id}/${pick(THINGS)}`;
      const perSecond = Math.min(MOST_PER_SECOND, MEDIAN_PER_SECOND * Math.exp(RATE_DEVIATION * normal(random)));
      const speed = { logMicros: Math.log(3_000 * Math.exp(1.2 * normal(random))), logDeviation: 0.3 + 0.3 * random() };
      const endpointKey = { client, server, protocol: "http" as const, method: pick(METHODS), route };
      const success = { ...endpointKey, outcome: "success" as const, status: 200 };
      for (const side of ["destination", "source"] as const)
        mesh.push({ key: { side, ...success }, perSecond, ...speed });
      for (const { outcome, status, share } of FAILURES) {
        if (random() > 0.5) continue;
        const failing = perSecond * share * Math.exp(normal(random));
        mesh.push({ key: { side: "destination", ...endpointKey, outcome, status }, perSecond: failing, ...speed });
      }
    }
  }
  return distinct(mesh);
}

/** A value of the standard normal distribution (Box and Muller). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Two edges or endpoints may have come out the same. */
function distinct(mesh: readonly Counter[]): Counter[] {
  return [...new Map(mesh.map((counter) => [Object.values(counter.key).join("\n"), counter])).values()];
}
