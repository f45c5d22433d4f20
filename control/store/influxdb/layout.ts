/**
 * The history in InfluxDB 2: a bucket a resolution, and one for requests by name (docs/history-influxdb.md shows it to
 * those who query it). With the default prefix:
 *
 *     sidelight_1s          requests    a point a counter of a window: client, server, ... as tags, counts as fields
 *                           pods        likewise what two pods said to each other: their workloads, names, nodes and
 *                                       versions as tags, summed over endpoints and statuses
 *                           windows     a point a window: who reported it, how long it was
 *                           state       how far each control has come
 *     sidelight_10s         requests, pods
 *                                       the same, merged to slots of 10 s on whole 10 s
 *                           losses      what was given up, by kind, as it came
 *                           exemplars   requests by name, as they came
 *     sidelight_1m          requests, pods
 *                                       likewise
 *     sidelight_1h          requests    likewise; pods come and go, and are not kept that long
 *     sidelight_1h          minute_losses
 *                           losses by minute, of the days that sidelight_10s keeps no more
 *                           alerts      each change of an alert's state: rule, severity and state as tags
 *     sidelight_names       nodes       identities, a point each time one changed
 *                           moves       routes that have become others
 *                           exemplars   of the hours that are over the most telling requests by name
 *
 * Timestamps. A point of `requests` or `pods` lies at its slot's or window's start. Its nanoseconds within the millisecond are 0
 * for a slot and the number of the window modulo 10^6 otherwise: two pods of one workload, whose points have the same
 * tags, never share one. The tag `replica` does the same for two controls. So a point that is written again, by a retry
 * or by a roll-up that is made again, replaces itself.
 *
 * Points that keep their window's own time in spite of their bucket's slots carry the tag `span=own` and lie at the
 * window's _end_: windows longer than a slot (after an outage), which cut would be as many points as the outage had
 * slots, and windows that come when the finer bucket keeps their time no more. They are few, so that a reader can afford
 * to look for them far beyond its range.
 */
import { RESOLUTIONS } from "../resolutions.ts";
import type { Kept } from "../resolutions.ts";
import { HOUR_MS } from "./limits.ts";

/** One resolution: how long a slot is, and how long it is kept. The finest has windows as they came, and no slots. */
export interface Resolution {
  /** "1s", "10s"; also the end of the bucket's name. */
  readonly name: string;
  readonly slotMs: number;
  readonly keptMs: number;
}

/** The resolutions of a history that keeps each for so long, finest first. */
export function resolutionsOf(kept: Kept): Resolution[] {
  return RESOLUTIONS.map(({ name, slotMs }) => ({ name, slotMs, keptMs: kept[name] }));
}

/** Measurements. */
export const REQUESTS = "requests";
export const PODS = "pods";
export const WINDOWS = "windows";
export const LOSSES = "losses";
export const LOSSES_BY_MINUTE = "minute_losses";
export const STATE = "state";
export const NODES = "nodes";
export const MOVES = "moves";
export const EXEMPLARS = "exemplars";
export const ALERTS = "alerts";

/** The value of the tag `span` of points with a time of their own. */
export const SPAN_OWN = "own";

/** Nanoseconds of a millisecond: what tells points of one millisecond apart. */
const NUMBERS = 1_000_000;

/** Name of a bucket. */
export function bucketName(prefix: string, resolution: Resolution): string {
  return `${prefix}_${resolution.name}`;
}

/** Names and the requests that tell most, in one bucket beside the resolutions'. */
export function namesBucket(prefix: string): string {
  return `${prefix}_names`;
}

/** A timestamp of the line protocol, nanoseconds. */
export function timestamp(ms: number, number = 0): string {
  const nanoseconds = String(number % NUMBERS).padStart(6, "0");
  const whole = Math.floor(ms);
  return whole === 0 ? String(number % NUMBERS) : `${whole}${nanoseconds}`;
}

/**
 * How long InfluxDB itself keeps a bucket: some hours longer than history promises, in which a control that was away
 * can still merge what it had not merged.
 */
export function retentionMs({ keptMs }: Resolution): number {
  return Math.max(keptMs, HOUR_MS) + 3 * HOUR_MS;
}
