import type { AlertEvent, AlertSelection } from "../alert-event.ts";
import { causeIn, eventKey } from "../alert-event.ts";
import type { TimeRange } from "../store.ts";
import type { InfluxClient, Series } from "./client.ts";
import { ALERTS } from "./layout.ts";
import { ALERTS_ASKED } from "./limits.ts";
import { original, quoted, timeIn } from "./line.ts";

/** The bucket that has them. */
export interface AlertPlace {
  readonly client: InfluxClient;
  readonly bucket: string;
}

/** In the order in which they are asked for, after the time. */
const WORDS = [
  "alert_id",
  "fingerprint",
  "incident",
  "rule",
  "severity",
  "state",
  "labels",
  "summary",
  "cause",
] as const;
const NUMBERS = ["value", "limit", "usual", "requests", "bad"] as const;
const COLUMNS = [...WORDS, ...NUMBERS].map((column) => `"${column}"`).join(", ");

/** Events of a range, the newest first; of one instant, what was recorded last. */
export async function readAlertEvents(
  { client, bucket }: AlertPlace,
  range: TimeRange,
  { limit, rule, incident }: AlertSelection & { readonly limit: number },
): Promise<AlertEvent[]> {
  const given = Object.entries({ rule, incident }).map(([field, value]) =>
    value ? ` AND "${field}" = ${quoted(value)}` : "",
  );
  const where = `${timeIn(range)}${given.join("")}`;
  const events = new Map<string, AlertEvent>();
  const query = `SELECT ${COLUMNS} FROM ${ALERTS} WHERE ${where} ORDER BY time DESC LIMIT ${limit}`;
  for await (const { values } of client.select(bucket, query)) {
    for (const event of values.map(eventOf)) events.set(eventKey(event), event);
  }
  return [...events.values()];
}

/** The events that are not there yet. */
export async function unrecorded(place: AlertPlace, events: readonly AlertEvent[]): Promise<AlertEvent[]> {
  const known = new Set<string>();
  const ids = [...new Set(events.map(({ alertId }) => alertId))];
  for (let at = 0; at < ids.length; at += ALERTS_ASKED) {
    const asked = ids.slice(at, at + ALERTS_ASKED).map((id) => `alert_id = ${quoted(id)}`);
    const query = `SELECT alert_id, state FROM ${ALERTS} WHERE ${asked.join(" OR ")}`;
    for await (const { values } of place.client.select(place.bucket, query)) {
      for (const [, id, state] of values) {
        known.add(eventKey({ alertId: textOf(id), state: textOf(state) as AlertEvent["state"] }));
      }
    }
  }
  return events.filter((event) => !known.has(eventKey(event)) && known.add(eventKey(event)));
}

type Value = Series["values"][number][number];

function eventOf([atMs, ...columns]: Series["values"][number]): AlertEvent {
  const [alertId, fingerprint, incident, rule, severity, state, labels, summary, cause] = columns.map(textOf);
  const [value, limit, usual, requests, bad] = columns.slice(WORDS.length);
  return {
    atMs: Number(atMs),
    ...{ alertId: alertId!, fingerprint: fingerprint!, incident: incident!, rule: rule!, summary: summary! },
    severity: severity as AlertEvent["severity"],
    state: state as AlertEvent["state"],
    labels: JSON.parse(labels!) as AlertEvent["labels"],
    measured: {
      value: Number(value),
      limit: Number(limit),
      usual: usual === null || usual === undefined ? null : Number(usual),
      requests: Number(requests),
      bad: Number(bad),
    },
    cause: causeIn(cause!),
  };
}

function textOf(value: Value | undefined): string {
  return original(String(value ?? ""));
}
