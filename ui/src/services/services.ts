/** Rows of the table of services: the map in the form of a table. Pure. */
import type { NodeKind } from "../../../control/identity/node.ts";
import type { Health } from "../../../control/world/model.ts";
import { edgesFigure } from "../model/figures.ts";
import { nodeHealth, severity } from "../model/health.ts";
import { nodeReason } from "../model/trouble.ts";
import { edgesInto, edgesOutOf, isConnections, type World } from "../model/world.ts";

export interface ServiceRow {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly kind: NodeKind;
  readonly health: Health;
  readonly reason: string;
  /** "142/s" or "12 open"; empty where nothing comes in. */
  readonly figure: string;
  readonly rate: number;
  /** Null where there is no figure: nothing came in, or only connections. */
  readonly errorShare: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly callers: number;
  readonly calls: number;
  readonly lastSeenMs: number;
}

export type ServiceColumn =
  "name" | "kind" | "health" | "rate" | "errors" | "p50" | "p95" | "p99" | "callers" | "calls";

export function serviceRows(world: World, matches: ReadonlySet<string> | null): ServiceRow[] {
  return [...world.nodes.values()]
    .filter(({ id }) => matches === null || matches.has(id))
    .map((node) => {
      const into = edgesInto(world, node.id);
      const hasRequests = into.some((edge) => !isConnections(edge)) && node.inbound.requests > 0;
      return {
        id: node.id,
        name: node.name,
        namespace: node.namespace,
        kind: node.kind,
        health: nodeHealth(world, node),
        reason: nodeReason(world, node.id),
        figure: into.length === 0 ? "" : edgesFigure(into),
        rate: node.inbound.rate,
        errorShare: hasRequests ? node.inbound.errorShare : null,
        p50Ms: node.inbound.p50Ms,
        p95Ms: node.inbound.p95Ms,
        p99Ms: node.inbound.p99Ms,
        callers: into.length,
        calls: edgesOutOf(world, node.id).length,
        lastSeenMs: node.lastSeenMs,
      };
    });
}

/** Worst first without a column. "-rate" sorts downwards. Rows without a figure come last in either direction. */
export function sortServices(rows: readonly ServiceRow[], sort: string): ServiceRow[] {
  const descending = sort.startsWith("-");
  const column = (descending ? sort.slice(1) : sort) as ServiceColumn | "";
  const key = KEYS[column as ServiceColumn];
  const byDefault = (a: ServiceRow, b: ServiceRow): number =>
    severity(a.health) - severity(b.health) || b.rate - a.rate || a.id.localeCompare(b.id);
  if (!key) return [...rows].sort(byDefault);
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => compare(key(a), key(b), sign) || byDefault(a, b));
}

const KEYS: Readonly<Record<ServiceColumn, (row: ServiceRow) => string | number | null>> = {
  name: ({ name }) => name,
  kind: ({ kind }) => kind,
  health: ({ health }) => severity(health),
  rate: ({ rate }) => rate,
  errors: ({ errorShare }) => errorShare,
  p50: ({ p50Ms }) => p50Ms,
  p95: ({ p95Ms }) => p95Ms,
  p99: ({ p99Ms }) => p99Ms,
  callers: ({ callers }) => callers,
  calls: ({ calls }) => calls,
};

function compare(a: string | number | null, b: string | number | null, sign: number): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === "string" || typeof b === "string") return sign * String(a).localeCompare(String(b));
  return sign * (a - b);
}
