/** What programs and the UI are told of alerts, out of the engine that judges and the history. */
import type { Alert, Incident } from "./alerts/alert.ts";
import type { OpenIncident } from "./alerts/incidents/incidents.ts";
import { mutedBy } from "./alerts/mutes.ts";
import type { Objective } from "./alerts/objective.ts";
import { SEVERITIES } from "./alerts/rule.ts";
import type { Mute } from "./alerts/rule.ts";
import type { AlertRun } from "./alerts/running/alert-run.ts";
import type { AlertsNow, ShownAlert, ShownIncident } from "./api/alert-source.ts";

export interface Beside {
  readonly mutes: readonly Mute[];
  readonly nowMs: number;
  /** Whether a receiver was told of an incident. */
  readonly hasTold: (incident: string) => boolean;
}

/** What is open, as the engine has it. */
export function openNow(run: AlertRun, { mutes, nowMs, hasTold }: Beside): AlertsNow {
  const { engine, waits } = run;
  const shown = (alert: Alert): ShownAlert => ({ ...alert, mutedBy: mutedBy(alert, mutes, nowMs) ?? "" });
  const alerts = (engine?.alerts() ?? []).map(shown).sort(worstFirst);
  const current = new Map(alerts.map((alert) => [alert.id, alert]));
  const incidents = (engine?.incidents() ?? []).map(({ incident }: OpenIncident): ShownIncident => {
    // Alerts of an incident were copied when they fired; those that still do are told with their figures of now.
    const members = incident.alerts.map((alert) => current.get(alert.id) ?? shown(alert));
    return { ...incident, alerts: members, isTold: hasTold(incident.id) };
  });
  return { atMs: engine?.endMs ?? 0, waits, alerts, incidents: incidents.sort(worstFirst) };
}

/** How objectives fare, worked out at most once a tick: a scrape asks several times, and programs as they please. */
export class ObjectivesNow {
  readonly #run: Pick<AlertRun, "engine">;
  #read: { readonly engine: AlertRun["engine"]; readonly endMs: number; readonly objectives: readonly Objective[] };

  constructor(run: Pick<AlertRun, "engine">) {
    this.#run = run;
    this.#read = { engine: undefined, endMs: -Infinity, objectives: [] };
  }

  get(): readonly Objective[] {
    const { engine } = this.#run;
    if (!engine) return [];
    const { endMs } = engine;
    if (this.#read.engine !== engine || this.#read.endMs !== endMs) {
      this.#read = { engine, endMs, objectives: engine.objectives() };
    }
    return this.#read.objectives;
  }
}

/** Firing before pending, critical before warning, the newest first. */
function worstFirst(a: Alert | Incident, b: Alert | Incident): number {
  const rank = ({ state, severity }: Alert | Incident): number =>
    (state === "firing" ? SEVERITIES.length : 0) + SEVERITIES.indexOf(severity);
  return rank(b) - rank(a) || b.sinceMs - a.sinceMs || (a.id < b.id ? -1 : 1);
}
