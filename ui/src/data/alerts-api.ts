/** What the HTTP API tells of alerts, objectives and the objects that lead to them. */
import type {
  AlertsAnswer,
  IncidentsAnswer,
  ObjectivesAnswer,
  ReceiversAnswer,
  SettledAnswer,
  TestAnswer,
} from "../../../control/api/alert-answers.ts";
import type {
  AlertsNow,
  Applied,
  ReceiverStatus,
  ShownIncident,
  StatedObject,
} from "../../../control/api/alert-source.ts";
import { fetchJson, send } from "./http.ts";

/** As many as control tells at once. */
const MOST = 5000;
/** So many of the past are asked for at once. */
const MOST_PAST = 1000;

/** What is open, as the stream tells it. */
export async function fetchAlertsNow(signal: AbortSignal): Promise<AlertsNow> {
  const [now, { incidents }] = await Promise.all([
    fetchJson<AlertsAnswer>("Fetching the alerts", `/api/v1/alerts?limit=${MOST}`, signal),
    fetchJson<IncidentsAnswer>("Fetching the incidents", `/api/v1/incidents?limit=${MOST}`, signal),
  ]);
  const { atMs, waits, alerts } = now;
  return { atMs, waits, alerts, incidents };
}

export type PastAlerts = Pick<AlertsAnswer, "alerts" | "isCut">;

/** Alerts that changed in half-open [fromMs, toMs), as they were last in it, the newest first. */
export function fetchPastAlerts(
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  signal: AbortSignal,
): Promise<PastAlerts> {
  const path = `/api/v1/alerts?from=${fromMs}&to=${toMs}&limit=${MOST_PAST}`;
  return fetchJson("Fetching the alerts of that time", path, signal);
}

/** Incidents that alerts which changed in half-open [fromMs, toMs) belong to, the newest first. */
export async function fetchPastIncidents(
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  signal: AbortSignal,
): Promise<readonly ShownIncident[]> {
  const path = `/api/v1/incidents?from=${fromMs}&to=${toMs}&limit=${MOST_PAST}`;
  return (await fetchJson<IncidentsAnswer>("Fetching the incidents of that time", path, signal)).incidents;
}

/** Those with the least budget left first. */
export function fetchObjectives(signal: AbortSignal): Promise<ObjectivesAnswer> {
  return fetchJson("Fetching the objectives", `/api/v1/objectives?limit=${MOST}`, signal);
}

export async function fetchObjects(signal: AbortSignal): Promise<readonly StatedObject[]> {
  return (await fetchJson<{ objects: StatedObject[] }>("Fetching the rules", "/api/v1/objects", signal)).objects;
}

/** @param isDryRun whether it is only checked */
export async function applyObjects(yaml: string, isDryRun: boolean, signal?: AbortSignal): Promise<Applied> {
  const order = { method: "POST", path: "/api/v1/objects", body: { yaml, dryRun: isDryRun } } as const;
  return (await (await send(isDryRun ? "Checking" : "Saving", order, signal)).json()) as Applied;
}

export async function removeObject({ kind, name }: Pick<StatedObject, "kind" | "name">): Promise<void> {
  const path = `/api/v1/objects/${encodeURIComponent(kind)}/${encodeURIComponent(name)}`;
  await send(`Deleting ${kind} ${name}`, { method: "DELETE", path });
}

export async function fetchReceivers(signal: AbortSignal): Promise<readonly ReceiverStatus[]> {
  return (await fetchJson<ReceiversAnswer>("Fetching the receivers", "/api/v1/receivers", signal)).receivers;
}

/** Has a test sent. @returns why the receiver did not take it; empty where it did */
export async function testReceiver(name: string): Promise<string> {
  const order = { method: "POST", path: `/api/v1/receivers/${encodeURIComponent(name)}/test`, body: {} } as const;
  return ((await (await send(`Sending a test to ${name}`, order)).json()) as TestAnswer).error;
}

/** Has what was given up sent again, or drops it. @param ids all, where empty @returns how many */
export async function settleDead(name: string, ids: readonly string[], isDrop: boolean): Promise<number> {
  const body = { ids, drop: isDrop };
  const order = { method: "POST", path: `/api/v1/receivers/${encodeURIComponent(name)}/dead`, body } as const;
  const doing = isDrop ? "Dropping notifications" : "Having notifications sent again";
  return ((await (await send(doing, order)).json()) as SettledAnswer).settled;
}
