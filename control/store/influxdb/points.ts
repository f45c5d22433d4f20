/** The points of the history as lines of the line protocol; layout.ts says what lies where. */
import type { NodeIdentity } from "../../identity/node.ts";
import type { Exemplar } from "../../identity/observation.ts";
import { quantile } from "../../world/histogram.ts";
import type { Buckets } from "../../world/histogram.ts";
import { causeText } from "../alert-event.ts";
import type { AlertEvent } from "../alert-event.ts";
import {
  ALERTS,
  EXEMPLARS,
  LOSSES,
  LOSSES_BY_MINUTE,
  MOVES,
  NODES,
  PODS,
  REQUESTS,
  SPAN_OWN,
  STATE,
  WINDOWS,
  timestamp,
} from "./layout.ts";
import { float, integer, string, tagSet } from "./line.ts";
import type { Move } from "./names.ts";
import { pack } from "./packed.ts";
import type { PodKey } from "../pod-keys.ts";
import { podTags, tagsOf } from "./rows.ts";
import type { Key } from "./rows.ts";

/** Where a point lies: a slot has neither number nor duration, a window both; `isOwn` as layout.ts has it. */
export interface Spot {
  readonly startMs: number;
  readonly number?: number;
  readonly durationMs?: number;
  readonly isOwn?: boolean;
}

/** What a point of `pods` says. */
export interface PodCounted {
  readonly count: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly buckets: Buckets;
}

/** What a point of `requests` says. */
export interface Counted extends PodCounted {
  readonly active: number;
}

/** Percentiles as they stand ready in a field, in milliseconds; of TCP those of how long connections lived. */
const READY = { p50_ms: 0.5, p95_ms: 0.95, p99_ms: 0.99 } as const;

/** What every point of this control has. */
export class Points {
  readonly #replica: string;

  constructor(replica: string) {
    this.#replica = replica;
  }

  /** A counter of a slot or window. */
  requests(key: Key, spot: Spot, counted: Counted, position?: number): string {
    const fields = requestFields(spot, counted, position);
    return this.#line(REQUESTS, { ...tagsOf(key), ...spanOf(spot) }, fields, timeOf(spot));
  }

  /** What two pods said in a slot or window. */
  pods(key: PodKey, spot: Spot, counted: PodCounted, position?: number): string {
    const fields = counterFields(spot, counted, position);
    return this.#line(PODS, { ...podTags(key), ...spanOf(spot) }, fields, timeOf(spot));
  }

  /** Who reported a window. */
  window(spot: Spot, { reporter, instance }: { readonly reporter: string; readonly instance: string }): string {
    const fields = [integer("duration_ms", spot.durationMs ?? 0), string("instance", instance)];
    return this.#line(WINDOWS, { reporter, ...spanOf(spot) }, fields, timeOf(spot));
  }

  /** Something that was given up in the window that began then. */
  loss(time: string, reporter: string, { kind, count }: { readonly kind: string; readonly count: number }): string {
    return this.#line(LOSSES, { reporter, kind }, [integer("count", count)], time);
  }

  /** Losses of one kind in a minute, whoever stated them. */
  minuteLoss({ atMs, kind, count }: { readonly atMs: number; readonly kind: string; readonly count: number }): string {
    return this.#line(LOSSES_BY_MINUTE, { kind }, [integer("count", count)], timestamp(atMs));
  }

  exemplar(exemplar: Exemplar, number: number): string {
    return this.exemplarAt(exemplar, timestamp(Math.floor(exemplar.atMs), number));
  }

  /** A request by name, at a timestamp that it has already. */
  exemplarAt(exemplar: Exemplar, time: string): string {
    const { reason, side, client, server, protocol, outcome } = exemplar;
    const fields = [
      string("method", exemplar.method),
      string("route", exemplar.route),
      integer("status", exemplar.status),
      string("path", exemplar.path),
      float("duration_ms", exemplar.durationMs),
      integer("flags", exemplar.flags),
      string("request_id", exemplar.requestId),
      string("trace_id", exemplar.traceId),
    ];
    return this.#line(EXEMPLARS, { reason, side, client, server, protocol, outcome }, fields, time);
  }

  /** What became of an alert. */
  alert(event: AlertEvent, number: number): string {
    const { rule, severity, state, measured } = event;
    const fields = [
      string("alert_id", event.alertId),
      string("fingerprint", event.fingerprint),
      string("incident", event.incident),
      string("labels", JSON.stringify(event.labels)),
      string("summary", event.summary),
      float("value", measured.value),
      float("limit", measured.limit),
      ...(measured.usual === null ? [] : [float("usual", measured.usual)]),
      float("requests", measured.requests),
      float("bad", measured.bad),
      ...(event.cause ? [string("cause", causeText(event.cause))] : []),
    ];
    return this.#line(ALERTS, { rule, severity, state }, fields, timestamp(event.atMs, number));
  }

  /** How far this control has come. */
  state(atMs: number, { cursor, dirty }: { readonly cursor: number; readonly dirty: object }): string {
    const fields = [integer("cursor", cursor), string("dirty", JSON.stringify(dirty))];
    return this.#line(STATE, {}, fields, timestamp(atMs));
  }

  #line(measurement: string, tags: Record<string, string>, fields: readonly string[], time: string): string {
    return `${measurement}${tagSet({ ...tags, replica: this.#replica })} ${fields.join(",")} ${time}`;
  }
}

/** The fields of a counter of a slot or window. Those that are 0 but for the count are left out. */
export function requestFields(spot: Spot, counted: Counted, position?: number): string[] {
  const fields = counterFields(spot, counted, position);
  if (counted.active !== 0) fields.push(integer("active", counted.active));
  return fields;
}

/** What a node is from an instant on; the same of whichever control says it. */
export function nodePoint(identity: NodeIdentity, sinceMs: number): string {
  const { id, kind, namespace, name, workloadKind, service, reason } = identity;
  const words = { kind, namespace, name, workload_kind: workloadKind, service, reason };
  const fields = Object.entries(words).map(([field, value]) => string(field, value));
  return `${NODES}${tagSet({ node: id })} ${fields.join(",")} ${timestamp(sinceMs)}`;
}

/** An endpoint whose route became another one. */
export function movePoint({ from, route }: Move, time: string): string {
  const { server, protocol, method } = from;
  const fields = [string("method", method), string("from", from.route), string("to", route)];
  return `${MOVES}${tagSet({ server, protocol })} ${fields.join(",")} ${time}`;
}

function counterFields(spot: Spot, counted: PodCounted, position: number | undefined): string[] {
  const { count, requestBytes, responseBytes, buckets } = counted;
  const fields = [integer("count", count)];
  if (spot.durationMs !== undefined) fields.push(integer("duration_ms", spot.durationMs));
  if (position) fields.push(integer("position", position));
  if (requestBytes !== 0) fields.push(integer("request_bytes", requestBytes));
  if (responseBytes !== 0) fields.push(integer("response_bytes", responseBytes));
  if (buckets.length > 0) {
    fields.push(string("buckets", pack(buckets)));
    if (isReady(spot)) fields.push(...readyPercentiles(buckets));
  }
  return fields;
}

/** The timestamp of a spot. */
function timeOf({ startMs, number, durationMs = 0, isOwn }: Spot): string {
  return timestamp(isOwn ? startMs + durationMs : startMs, number);
}

function spanOf({ isOwn }: Spot): Record<string, string> {
  return isOwn ? { span: SPAN_OWN } : {};
}

/** Of single seconds they would be more than half of what is stored. */
function isReady({ durationMs, isOwn }: Spot): boolean {
  return durationMs === undefined || isOwn === true;
}

function readyPercentiles(buckets: Buckets): string[] {
  return Object.entries(READY).map(([name, share]) => float(name, Math.round(quantile(buckets, share) ?? 0) / 1_000));
}
