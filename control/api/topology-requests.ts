/** The questions about workloads, topology and endpoints, out of the messages of the gRPC API. */
import * as proto from "#proto/stats.ts";
import { EDGES, ENDPOINTS, NODES, PODS, POD_EDGES } from "../world/attributes.ts";
import type { Attribute, End, Subject } from "../world/attributes.ts";
import { isGroupBy, whyNotBy } from "../world/groups.ts";
import { FilterError, Filters } from "../world/filters.ts";
import type { Filter, Operator } from "../world/filters.ts";
import type { Around, Direction } from "../world/neighbourhood.ts";
import type { PodOrder } from "../world/pod-figures.ts";
import { isPodGroupBy } from "../world/pod-topology.ts";
import { HttpError } from "./http-errors.ts";
import { MAX_HOPS, MAX_ROWS } from "./limits.ts";
import { DEFAULT_PATH_HOPS, DEFAULT_PATHS, faultOfEnds, MAX_PATH_HOPS, MAX_PATHS } from "./path-answers.ts";
import type { PathsQuestion } from "./path-answers.ts";
import type { PagedQuestion, PageWish } from "./pages.ts";
import type { PodsQuestion } from "./pod-answers.ts";
import { MAX_TIME_MS, MAX_WINDOW_SECONDS, toPast } from "./queries.ts";
import type { EndpointsQuestion, TopologyQuestion, When, WorkloadsQuestion } from "./topology-answers.ts";

const attributes = new Map<proto.Attribute, Attribute>([
  [proto.Attribute.ATTRIBUTE_NAMESPACE, "namespace"],
  [proto.Attribute.ATTRIBUTE_WORKLOAD, "workload"],
  [proto.Attribute.ATTRIBUTE_SERVICE, "service"],
  [proto.Attribute.ATTRIBUTE_POD, "pod"],
  [proto.Attribute.ATTRIBUTE_NODE, "node"],
  [proto.Attribute.ATTRIBUTE_VERSION, "version"],
  [proto.Attribute.ATTRIBUTE_KIND, "kind"],
  [proto.Attribute.ATTRIBUTE_PROTOCOL, "protocol"],
  [proto.Attribute.ATTRIBUTE_HEALTH, "health"],
  [proto.Attribute.ATTRIBUTE_METHOD, "method"],
  [proto.Attribute.ATTRIBUTE_ROUTE, "route"],
]);

const ends = new Map<proto.End, End>([
  [proto.End.END_UNSPECIFIED, undefined],
  [proto.End.END_CLIENT, "client"],
  [proto.End.END_SERVER, "server"],
]);

const directions = new Map<proto.Direction, Direction>([
  [proto.Direction.DIRECTION_UNSPECIFIED, "both"],
  [proto.Direction.DIRECTION_CLIENTS, "clients"],
  [proto.Direction.DIRECTION_SERVERS, "servers"],
]);

const operators = new Map<proto.FilterOperator, Operator>([
  [proto.FilterOperator.FILTER_OPERATOR_UNSPECIFIED, "="],
  [proto.FilterOperator.FILTER_OPERATOR_EQUALS, "="],
  [proto.FilterOperator.FILTER_OPERATOR_NOT_EQUALS, "!="],
  [proto.FilterOperator.FILTER_OPERATOR_MATCHES, "~"],
  [proto.FilterOperator.FILTER_OPERATOR_NOT_MATCHES, "!~"],
]);

const podOrders = new Map<proto.PodOrder, PodOrder>([
  [proto.PodOrder.POD_ORDER_UNSPECIFIED, "requests"],
  [proto.PodOrder.POD_ORDER_REQUESTS, "requests"],
  [proto.PodOrder.POD_ORDER_BYTES, "bytes"],
  [proto.PodOrder.POD_ORDER_ERRORS, "errors"],
]);

/** @throws HttpError 400 that names the field at fault. The same holds for the other functions here. */
export function workloadsQuestion(request: proto.ListWorkloadsRequest, nowMs: number): WorkloadsQuestion {
  const { namespace, filters } = request;
  return { namespace, ...askedOf(request, nowMs), filters: filtersOf(filters, NODES) };
}

export function topologyQuestion(request: proto.GetTopologyRequest, nowMs: number): TopologyQuestion {
  const { filters } = request;
  const groupBy = groupByOf(request.groupBy);
  const subject = groupBy !== undefined && isPodGroupBy(groupBy) ? POD_EDGES : EDGES;
  const asked = { ...askedOf(request, nowMs), around: aroundOf(request), groupBy };
  return { ...asked, filters: filtersOf(filters, subject) };
}

export function podsQuestion(request: proto.ListPodsRequest, nowMs: number): PodsQuestion {
  const { workload, filters } = request;
  const order = podOrders.get(request.order);
  if (!order) throw wrong("order", `${request.order} is not known to this version`);
  return { workload, order, ...askedOf(request, nowMs), filters: filtersOf(filters, PODS) };
}

export function endpointsQuestion(request: proto.ListEndpointsRequest, nowMs: number): EndpointsQuestion {
  const { server, client, filters } = request;
  return { server, client, refusesUnknown: true, ...askedOf(request, nowMs), filters: filtersOf(filters, ENDPOINTS) };
}

export function pathsQuestion(request: proto.ListPathsRequest, nowMs: number): PathsQuestion {
  const { client, server, maxHops, filters } = request;
  const fault = faultOfEnds(request);
  if (fault) throw wrong(fault.field, fault.why);
  if (maxHops > MAX_PATH_HOPS) throw wrong("max_hops", `must not be more than ${MAX_PATH_HOPS}`);
  const { size = DEFAULT_PATHS, ...page } = pageOf(request, MAX_PATHS);
  const asked = { ...whenOf(request, nowMs), page: { ...page, size }, filters: filtersOf(filters, EDGES) };
  return { client, server, maxHops: maxHops || DEFAULT_PATH_HOPS, ...asked };
}

function aroundOf(request: Pick<proto.GetTopologyRequest, "around" | "hops" | "direction">): Around | undefined {
  const { around: node, hops } = request;
  const direction = directions.get(request.direction);
  if (!direction) throw wrong("direction", `${request.direction} is not known to this version`);
  if (hops > MAX_HOPS) throw wrong("hops", `must not be more than ${MAX_HOPS}`);
  if (node !== "") return { node, hops: hops || 1, direction };
  if (hops === 0 && direction === "both") return undefined;
  throw wrong(hops === 0 ? "direction" : "hops", 'is of what lies around a node: give "around" too');
}

function groupByOf(given: proto.Attribute): TopologyQuestion["groupBy"] {
  if (given === proto.Attribute.ATTRIBUTE_UNSPECIFIED) return undefined;
  const attribute = attributes.get(given);
  if (!attribute) throw wrong("group_by", `${given} is not known to this version`);
  if (attribute === "workload") return undefined;
  if (isGroupBy(attribute) || isPodGroupBy(attribute)) return attribute;
  throw wrong("group_by", `${attribute} ${whyNotBy()}`);
}

/** What every question says of time. */
export type Instant = Pick<proto.GetTopologyRequest, "at" | "window">;

export function whenOf({ at, window }: Instant, nowMs: number): When {
  const atMs = at?.getTime();
  if (atMs !== undefined && !(atMs >= 0 && atMs <= MAX_TIME_MS)) throw wrong("at", "is no time since the epoch");
  return { past: toPast(atMs, window && secondsOf(window), nowMs) };
}

/** What every question says of pages. */
export type Paging = Pick<proto.GetTopologyRequest, "pageSize" | "pageToken">;

/** @param most rows of a page */
export function pageOf({ pageSize, pageToken }: Paging, most = MAX_ROWS): PageWish {
  if (pageSize > most) throw wrong("page_size", `must not be more than ${most}`);
  return { size: pageSize || undefined, token: pageToken || undefined, tokenField: "page_token" };
}

function askedOf(request: Instant & Paging, nowMs: number): When & PagedQuestion {
  return { ...whenOf(request, nowMs), page: pageOf(request) };
}

/** @param field the path of the filters in the message */
export function filtersOf(filters: readonly proto.Filter[], subject: Subject, field = "filters"): Filters {
  try {
    return Filters.of(
      filters.map((filter, index) => filterOf(filter, index)),
      subject,
    );
  } catch (cause) {
    if (!(cause instanceof FilterError)) throw cause;
    const which = cause.index === undefined ? "" : `[${cause.index}]`;
    throw wrong(`${field}${which}${cause.part === undefined ? "" : `.${cause.part}`}`, cause.message, cause);
  }
}

function filterOf(filter: proto.Filter, index: number): Filter {
  const { attribute, end } = attributeOf(filter, index);
  const operator = operators.get(filter.operator);
  if (!operator) throw new FilterError(`${filter.operator} is not known to this version`, index, "operator");
  return { attribute, end, operator, value: filter.value };
}

/** An attribute, and the end that is meant. @throws FilterError */
export function attributeOf(asked: proto.Grouping, index: number): Pick<Filter, "attribute" | "end"> {
  const attribute = attributes.get(asked.attribute);
  if (!attribute) {
    const why =
      asked.attribute === proto.Attribute.ATTRIBUTE_UNSPECIFIED
        ? "must be given"
        : `${asked.attribute} is not known to this version`;
    throw new FilterError(why, index, "attribute");
  }
  if (!ends.has(asked.end)) throw new FilterError(`${asked.end} is not known to this version`, index, "end");
  return { attribute, end: ends.get(asked.end) };
}

function secondsOf({ seconds, nanos }: NonNullable<Instant["window"]>): number {
  if (nanos === 0 && seconds >= 1 && seconds <= MAX_WINDOW_SECONDS) return seconds;
  throw wrong("window", `must be whole seconds from 1 to ${MAX_WINDOW_SECONDS}, which are 31 days`);
}

/** That a field is wrong. */
export function wrong(field: string, why: string, cause?: unknown): HttpError {
  return new HttpError(400, `Field "${field}" ${why}`, { field, cause });
}
