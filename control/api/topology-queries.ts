/** The questions about workloads, topology and endpoints, out of the parameters of the HTTP API. */
import { z } from "zod";
import { EDGES, ENDPOINTS, NODES, PODS, POD_EDGES } from "../world/attributes.ts";
import { isGroupBy, whyNotBy } from "../world/groups.ts";
import type { Around } from "../world/neighbourhood.ts";
import { isPodGroupBy } from "../world/pod-topology.ts";
import { parseFilters } from "./filter-query.ts";
import { MAX_HOPS } from "./limits.ts";
import { DEFAULT_PATH_HOPS, DEFAULT_PATHS, faultOfEnds, MAX_PATH_HOPS, MAX_PATHS } from "./path-answers.ts";
import type { PathsQuestion } from "./path-answers.ts";
import { instantFields, invalid, pageFields, parseQuery, text, toPage, toPast, upTo } from "./queries.ts";
import type { RawQuery } from "./queries.ts";
import type { PagedQuestion } from "./pages.ts";
import type { PodsQuestion } from "./pod-answers.ts";
import type { EndpointsQuestion, TopologyQuestion, When, WorkloadsQuestion } from "./topology-answers.ts";

const questionFields = { ...instantFields, ...pageFields, filter: z.string().optional() };
type Asked = Omit<z.output<z.ZodObject<typeof questionFields>>, "filter">;
const workloadsQuery = z.strictObject({ namespace: text.optional(), ...questionFields });
const groupBy = text
  .refine((word) => word === undefined || word === "workload" || isGroupBy(word) || isPodGroupBy(word), {
    error: ({ input }) => `${String(input).slice(0, 64)} ${whyNotBy()}`,
  })
  .transform((word) => (word !== undefined && (isGroupBy(word) || isPodGroupBy(word)) ? word : undefined));
const aroundFields = {
  around: text.optional(),
  hops: upTo(MAX_HOPS).optional(),
  direction: z.enum(["clients", "servers", "both"], "must be clients, servers or both").optional(),
};
const topologyQuery = z.strictObject({ ...questionFields, ...aroundFields, groupBy: groupBy.optional() });
const pathsQuery = z.strictObject({
  ...questionFields,
  client: text.optional(),
  server: text.optional(),
  maxHops: upTo(MAX_PATH_HOPS).optional(),
  pageSize: upTo(MAX_PATHS).optional(),
});
const podsQuery = z.strictObject({
  workload: text.optional(),
  order: z.enum(["requests", "bytes", "errors"], "must be requests, bytes or errors").default("requests"),
  ...questionFields,
});
const endpointsQuery = z.strictObject({ server: text.optional(), client: text.optional(), ...questionFields });

/** @throws HttpError 400 that names the parameter at fault. The same holds for the other functions here. */
export function parseWorkloadsQuery(raw: RawQuery, nowMs: number): WorkloadsQuestion {
  const { filters, once } = apart(raw);
  const { namespace, ...asked } = parseQuery(workloadsQuery, once);
  return { namespace, ...askedOf(asked, nowMs), filters: parseFilters(filters, NODES) };
}

export function parseTopologyQuery(raw: RawQuery, nowMs: number): TopologyQuestion {
  const { filters, once } = apart(raw);
  const { groupBy, around, hops, direction, ...asked } = parseQuery(topologyQuery, once);
  const near = toAround({ around, hops, direction });
  const subject = groupBy !== undefined && isPodGroupBy(groupBy) ? POD_EDGES : EDGES;
  return { groupBy, around: near, ...askedOf(asked, nowMs), filters: parseFilters(filters, subject) };
}

export function parsePodsQuery(raw: RawQuery, nowMs: number): PodsQuestion {
  const { filters, once } = apart(raw);
  const { workload, order, ...asked } = parseQuery(podsQuery, once);
  return { workload, order, ...askedOf(asked, nowMs), filters: parseFilters(filters, PODS) };
}

export function parseEndpointsQuery(raw: RawQuery, nowMs: number): EndpointsQuestion {
  const { filters, once } = apart(raw);
  const { server, client, ...asked } = parseQuery(endpointsQuery, once);
  return { server, client, ...askedOf(asked, nowMs), filters: parseFilters(filters, ENDPOINTS) };
}

export function parsePathsQuery(raw: RawQuery, nowMs: number): PathsQuestion {
  const { filters, once } = apart(raw);
  const {
    client = "",
    server = "",
    maxHops = DEFAULT_PATH_HOPS,
    pageSize: size,
    ...asked
  } = parseQuery(pathsQuery, once);
  const fault = faultOfEnds({ client, server });
  if (fault) throw invalid(fault.field, fault.why);
  const question = askedOf({ ...asked, pageSize: size ?? DEFAULT_PATHS }, nowMs);
  return { client, server, maxHops, ...question, filters: parseFilters(filters, EDGES) };
}

type AroundQuery = Pick<z.output<typeof topologyQuery>, keyof typeof aroundFields>;

function toAround({ around: node, hops, direction }: AroundQuery): Around | undefined {
  if (node !== undefined) return { node, hops: hops ?? 1, direction: direction ?? "both" };
  const alone = hops !== undefined ? "hops" : direction !== undefined ? "direction" : undefined;
  if (alone === undefined) return undefined;
  throw invalid(alone, 'is of what lies around a node: give "around" too');
}

/** What every question says of time and of pages. */
function askedOf({ at, window, ...page }: Asked, nowMs: number): When & PagedQuestion {
  return { past: toPast(at, window, nowMs), page: toPage(page) };
}

/** Filters may be given several times, everything else once. */
function apart({ filter = [], ...once }: RawQuery): { readonly filters: readonly string[]; readonly once: RawQuery } {
  return { filters: filter, once };
}
