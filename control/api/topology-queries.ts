/** The questions about workloads, topology and endpoints, out of the parameters of the HTTP API. */
import { z } from "zod";
import { EDGES, ENDPOINTS, NODES } from "../world/attributes.ts";
import { parseFilters } from "./filter-query.ts";
import { instantFields, parseQuery, text, toPast } from "./queries.ts";
import type { RawQuery } from "./queries.ts";
import type { EndpointsQuestion, TopologyQuestion, WorkloadsQuestion } from "./topology-answers.ts";

const questionFields = { ...instantFields, filter: z.string().optional() };
const workloadsQuery = z.strictObject({ namespace: text.optional(), ...questionFields });
const topologyQuery = z.strictObject(questionFields);
const endpointsQuery = z.strictObject({ server: text.optional(), client: text.optional(), ...questionFields });

/** @throws HttpError 400 that names the parameter at fault. The same holds for the other functions here. */
export function parseWorkloadsQuery(raw: RawQuery, nowMs: number): WorkloadsQuestion {
  const { filters, once } = apart(raw);
  const { namespace, at, window } = parseQuery(workloadsQuery, once);
  return { namespace, past: toPast(at, window, nowMs), filters: parseFilters(filters, NODES) };
}

export function parseTopologyQuery(raw: RawQuery, nowMs: number): TopologyQuestion {
  const { filters, once } = apart(raw);
  const { at, window } = parseQuery(topologyQuery, once);
  return { past: toPast(at, window, nowMs), filters: parseFilters(filters, EDGES) };
}

export function parseEndpointsQuery(raw: RawQuery, nowMs: number): EndpointsQuestion {
  const { filters, once } = apart(raw);
  const { server, client, at, window } = parseQuery(endpointsQuery, once);
  return { server, client, past: toPast(at, window, nowMs), filters: parseFilters(filters, ENDPOINTS) };
}

/** Filters may be given several times, everything else once. */
function apart({ filter = [], ...once }: RawQuery): { readonly filters: readonly string[]; readonly once: RawQuery } {
  return { filters: filter, once };
}
