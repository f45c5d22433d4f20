/** What the HTTP API tells of alerts, objectives and the objects that lead to them. */
import type { AlertsAnswer, IncidentsAnswer, ObjectivesAnswer } from "../../../control/api/alert-answers.ts";
import type { AlertsNow, Applied, StatedObject } from "../../../control/api/alert-source.ts";
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
