/** Adds up what all processes of the shop have counted, those that have gone too. */
import { FaultSwitches } from "../fault-switches.ts";
import { SERVICE_NAMES } from "../names.ts";
import type { Report } from "./report.ts";

/** Processes whose reports are kept apart; of the one that was silent longest the sum alone remains. */
const MAX_PROCESSES = 1_000;
/** Whoever has not reported for so long does not run any more. */
const ALIVE_MS = 5_000;

interface Entry {
  readonly report: Report;
  readonly atMs: number;
}

export class Ledger {
  readonly faults = new FaultSwitches();
  readonly counters = { snapshot: (): Report["counters"] => this.#sum() };
  /** The last report of each, the one that was silent longest first. */
  readonly #processes = new Map<string, Entry>();
  #closed: Report["counters"] = { http: [], tcp: [], queries: [], inFlight: 0 };
  readonly #nowMs: () => number;

  /** `nowMs` is a clock that never goes back. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** A report replaces the one before it of the same process. */
  take(report: Report): void {
    this.#processes.delete(report.instance);
    this.#processes.set(report.instance, { report, atMs: this.#nowMs() });
    for (const [instance, { report: oldest }] of this.#processes) {
      if (this.#processes.size <= MAX_PROCESSES) break;
      this.#processes.delete(instance);
      this.#closed = add([this.#closed, { ...oldest.counters, inFlight: 0 }]);
    }
  }

  /** Services that no process has, and what those that there are lack. */
  missing(): string[] {
    const alive = this.#alive();
    const absent = SERVICE_NAMES.filter((name) => !alive.some(({ services }) => services.includes(name)));
    return [...absent, ...new Set(alive.flatMap(({ missing }) => missing))];
  }

  #alive(): Report[] {
    const sinceMs = this.#nowMs() - ALIVE_MS;
    return [...this.#processes.values()]
      .filter(({ report, atMs }) => !report.isLast && atMs >= sinceMs)
      .map(({ report }) => report);
  }

  #sum(): Report["counters"] {
    const alive = new Set(this.#alive());
    const all = [...this.#processes.values()].map(({ report }) =>
      // What a process that has gone had under way stays without an answer.
      alive.has(report) ? report.counters : { ...report.counters, inFlight: 0 },
    );
    return add([this.#closed, ...all]);
  }
}

function add(all: readonly Report["counters"][]): Report["counters"] {
  const http = new Map<string, Report["counters"]["http"][number]>();
  const tcp = new Map<string, Report["counters"]["tcp"][number]>();
  const queries = new Map<string, Report["counters"]["queries"][number]>();
  for (const counters of all) {
    for (const { client, server, sent, unclear } of counters.http) {
      const key = `${client}>${server}`;
      const before = http.get(key) ?? { sent: 0, unclear: 0 };
      http.set(key, { client, server, sent: before.sent + sent, unclear: before.unclear + unclear });
    }
    for (const { client, server, opened } of counters.tcp) {
      const key = `${client}>${server}`;
      tcp.set(key, { client, server, opened: (tcp.get(key)?.opened ?? 0) + opened });
    }
    for (const edge of counters.queries) {
      const key = `${edge.client}>${edge.server}`;
      const before = queries.get(key) ?? { sent: 0, unclear: 0 };
      queries.set(key, { ...edge, sent: before.sent + edge.sent, unclear: before.unclear + edge.unclear });
    }
  }
  const inFlight = all.reduce((sum, counters) => sum + counters.inFlight, 0);
  return { http: [...http.values()], tcp: [...tcp.values()], queries: [...queries.values()], inFlight };
}
