/** The questions about workloads, topology and endpoints, out of the parameters of the HTTP API. */
import { z } from "zod";
import { EDGES, ENDPOINTS, NODES } from "../world/attributes.ts";
import { isGroupBy, whyNotBy } from "../world/groups.ts";
import { parseFilters } from "./filter-query.ts";
import { instantFields, pageFields, parseQuery, text, toPage, toPast } from "./queries.ts";
import type { RawQuery } from "./queries.ts";
import type { PagedQuestion } from "./pages.ts";
import type { EndpointsQuestion, TopologyQuestion, When, WorkloadsQuestion } from "./topology-answers.ts";

const questionFields = { ...instantFields, ...pageFields, filter: z.string().optional() };
type Asked = Omit<z.output<z.ZodObject<typeof questionFields>>, "filter">;
const workloadsQuery = z.strictObject({ namespace: text.optional(), ...questionFields });
const groupBy = text
  .refine((word) => word === undefined || word === "workload" || isGroupBy(word), {
    error: ({ input }) => `${String(input).slice(0, 64)} ${whyNotBy(String(input))}`,
  })
  .transform((word) => (word !== undefined && isGroupBy(word) ? word : undefined));
const topologyQuery = z.strictObject({ ...questionFields, groupBy: groupBy.optional() });
const endpointsQuery = z.strictObject({ server: text.optional(), client: text.optional(), ...questionFields });

/** @throws HttpError 400 that names the parameter at fault. The same holds for the other functions here. */
export function parseWorkloadsQuery(raw: RawQuery, nowMs: number): WorkloadsQuestion {
  const { filters, once } = apart(raw);
  const { namespace, ...asked } = parseQuery(workloadsQuery, once);
  return { namespace, ...askedOf(asked, nowMs), filters: parseFilters(filters, NODES) };
}

export function parseTopologyQuery(raw: RawQuery, nowMs: number): TopologyQuestion {
  const { filters, once } = apart(raw);
  const { groupBy, ...asked } = parseQuery(topologyQuery, once);
  return { groupBy, ...askedOf(asked, nowMs), filters: parseFilters(filters, EDGES) };
}

export function parseEndpointsQuery(raw: RawQuery, nowMs: number): EndpointsQuestion {
  const { filters, once } = apart(raw);
  const { server, client, ...asked } = parseQuery(endpointsQuery, once);
  return { server, client, ...askedOf(asked, nowMs), filters: parseFilters(filters, ENDPOINTS) };
}

/** What every question says of time and of pages. */
function askedOf({ at, window, ...page }: Asked, nowMs: number): When & PagedQuestion {
  return { past: toPast(at, window, nowMs), page: toPage(page) };
}

/** Filters may be given several times, everything else once. */
function apart({ filter = [], ...once }: RawQuery): { readonly filters: readonly string[]; readonly once: RawQuery } {
  return { filters: filter, once };
}
