/** A cluster slot by slot, and engines that begin with its history. */
import type { AlertEngine, EngineState } from "../../../../control/alerts/engine.ts";
import { SLOT_MS } from "../../../../control/alerts/counting/slots.ts";
import type { NoDataRule, Rule, TopologyEvent, TopologyRule } from "../../../../control/alerts/rule.ts";
import type { Grouping } from "../../../../control/world/counted.ts";
import { BEGIN_MS, Bench, HOUR_MS, MINUTE_MS, stepOf } from "../fixtures.ts";
import type { Asked } from "../fixtures.ts";

export { BEGIN_MS, HOUR_MS, MINUTE_MS } from "../fixtures.ts";

/** What is asked in the slot that begins at an instant, milliseconds since BEGIN_MS; undefined where nothing at all is known. */
export type Cluster = (atMs: number) => readonly Asked[] | undefined;

/** How much of history there is. */
const PAST_MS = 72 * HOUR_MS;

const HEAD = { where: [], forMs: 0, keepMs: 0, description: "", runbook: "", owner: "" } as const;

const BY_EDGE: readonly Grouping[] = [
  { attribute: "workload", end: "client" },
  { attribute: "workload", end: "server" },
];
const BY_SERVER: readonly Grouping[] = [{ attribute: "workload", end: undefined }];

/** Of edges, or of servers where that is what it is about, a warning. */
export function topology(event: TopologyEvent, differing: Partial<TopologyRule> = {}): TopologyRule {
  const groupBy = event === "restartedIntoErrors" ? BY_SERVER : BY_EDGE;
  return { kind: "topology", name: event, ...HEAD, groupBy, severity: "warning", event, ...differing };
}

/** After five minutes, unless said otherwise. */
export function noData(differing: Partial<NoDataRule> = {}): NoDataRule {
  return {
    kind: "noData",
    name: "silent",
    ...HEAD,
    groupBy: BY_SERVER,
    severity: "warning",
    afterMs: 5 * MINUTE_MS,
    ...differing,
  };
}

/** An engine that was filled with a cluster's history up to an instant, milliseconds since BEGIN_MS, and goes on from there. */
export class Living {
  readonly bench: Bench;
  readonly #cluster: Cluster;

  constructor(
    rules: readonly Rule[],
    cluster: Cluster,
    { toMs = 0, state }: { toMs?: number; state?: EngineState } = {},
  ) {
    this.#cluster = cluster;
    this.bench = new Bench(rules, BEGIN_MS + toMs);
    const { engine } = this.bench;
    for (const [stepMs, depthMs] of engine.depths()) {
      const first = Math.floor((toMs - Math.min(depthMs, toMs + PAST_MS)) / stepMs) * stepMs;
      for (let atMs = first; atMs < toMs; atMs += stepMs) {
        const counts = slotsOf(atMs, Math.min(stepMs, toMs - atMs)).flatMap((slotMs) => cluster(slotMs) ?? []);
        if (counts.length > 0) engine.load(stepOf(BEGIN_MS + atMs, merged(counts)), stepMs);
      }
    }
    if (state) engine.restore(JSON.parse(JSON.stringify(state)) as EngineState);
  }

  get engine(): AlertEngine {
    return this.bench.engine;
  }

  /** Goes on to an instant, milliseconds since BEGIN_MS. */
  to(atMs: number): this {
    while (this.engine.endMs < BEGIN_MS + atMs) {
      const slotMs = this.engine.endMs - BEGIN_MS;
      const asked = this.#cluster(slotMs);
      if (asked && asked.length > 0) this.engine.replay(stepOf(BEGIN_MS + slotMs, asked), SLOT_MS);
      this.bench.tick();
    }
    return this;
  }

  /** "firing shop/front > shop/user after 5.5 min": what fired and what was resolved. */
  get log(): string[] {
    return this.bench.changes.flatMap(({ alert, isDropped }) => {
      const { state, labels, firedMs, resolvedMs, resolvedBy } = alert;
      if (isDropped || state === "pending") return [];
      const atMs = (state === "firing" ? firedMs! : resolvedMs!) - BEGIN_MS;
      return [
        `${state}${resolvedBy ? ` (${resolvedBy})` : ""} ${Object.values(labels).join(" > ")} after ${atMs / MINUTE_MS} min`,
      ];
    });
  }

  get summaries(): string[] {
    return this.bench.changes.map(({ alert }) => alert.summary);
  }
}

function slotsOf(atMs: number, lengthMs: number): number[] {
  return Array.from({ length: Math.ceil(lengthMs / SLOT_MS) }, (_, slot) => atMs + slot * SLOT_MS);
}

/** As a coarser step of history has it: one count for each series, by all who told of it in any of its slots. */
function merged(asked: readonly Asked[]): Asked[] {
  const sums = new Map<string, Asked>();
  for (const one of asked) {
    const { client, server, route } = one;
    const key = JSON.stringify([client, server, route]);
    const before = sums.get(key);
    const by = { client: isBy(one, "client"), server: isBy(one, "server") };
    sums.set(key, {
      ...{ ...one, by },
      ...(before && {
        good: (before.good ?? 0) + (one.good ?? 0),
        failed: (before.failed ?? 0) + (one.failed ?? 0),
        by: { client: by.client || isBy(before, "client"), server: by.server || isBy(before, "server") },
      }),
    });
  }
  return [...sums.values()];
}

function isBy({ by }: Asked, end: "client" | "server"): boolean {
  return by?.[end] ?? true;
}
