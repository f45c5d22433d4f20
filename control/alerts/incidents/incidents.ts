/**
 * Alerts with one origin are one incident, of which people are told once: a while after its first alert, so that what
 * fires together is told together; again when it gets worse; and when its last alert is resolved, if they were told at all.
 */
import type { AlertCause } from "../../store/alert-event.ts";
import type { Alert, Incident } from "../alert.ts";
import { mutedBy } from "../mutes.ts";
import { SEVERITIES } from "../rule.ts";
import type { Mute, Severity } from "../rule.ts";
import type { Origins, Subject } from "./origins.ts";

/** How long the first alert waits for others. */
const GROUP_WAIT_MS = 30_000;

/** Workloads that the history keeps of an incident as hurt by it. */
const MAX_AFFECTED_KEPT = 100;

/** Something to say. */
export interface Telling {
  /** Unique: of an incident each severity and its end are told once. */
  readonly id: string;
  readonly incident: Incident;
}

/** An incident and what was said of it, as it is kept over a restart. */
export interface OpenIncident {
  readonly incident: Incident;
  /** The severity that was told; null for nothing. */
  readonly told: Severity | null;
}

interface Open {
  incident: Incident;
  told: Severity | null;
}

export class Incidents {
  /** By the server that they come from. */
  readonly #open = new Map<string, Open>();

  /** Takes up what was open before a restart. */
  restore(open: Iterable<OpenIncident>): void {
    for (const { incident, told } of open) this.#open.set(keyOf(incident), { incident, told });
  }

  all(): OpenIncident[] {
    return [...this.#open.values()];
  }

  /** An alert fired: the incident that it belongs to. */
  join(alert: Alert, subject: Subject, origins: Origins): string {
    const origin = origins.of(subject);
    const key = origin.server === "" ? alert.fingerprint : origin.server;
    const open = this.#open.get(key);
    const affected = origins.affectedBy(origin.server);
    if (!open) {
      const id = `${alert.firedMs!.toString(36)}-${alert.fingerprint}`;
      const { severity, sinceMs } = alert;
      const first = { id, state: "firing", severity, sinceMs, resolvedMs: null, origin, mutedBy: "" } as const;
      this.#open.set(key, { incident: { ...first, affected, alerts: [{ ...alert, incident: id }] }, told: null });
      return id;
    }
    const { incident } = open;
    // What fires again takes its own place, so an incident holds each group once however long it goes on.
    const others = incident.alerts.filter(({ fingerprint }) => fingerprint !== alert.fingerprint);
    const alerts = inOrder([...others, { ...alert, incident: incident.id }], incident.origin.server);
    const all = [...new Set([...incident.affected, ...affected])].sort();
    open.incident = withAlerts({ ...incident, affected: all }, alerts);
    return incident.id;
  }

  /** An alert is resolved. */
  leave(alert: Alert): void {
    for (const open of this.#open.values()) {
      const { incident } = open;
      if (incident.id !== alert.incident) continue;
      const alerts = incident.alerts.map((each) => (each.id === alert.id ? alert : each));
      open.incident = withAlerts(incident, alerts);
    }
  }

  /** What an incident that is not forgotten yet is put down to. @param id empty for none */
  causeOf(id: string): AlertCause | null {
    if (id === "") return null;
    const known = [...this.#open.values()].find(({ incident }) => incident.id === id)?.incident;
    return known ? { ...known.origin, affected: known.affected.slice(0, MAX_AFFECTED_KEPT) } : null;
  }

  /** What is to be said by an instant. Incidents that are over are forgotten. */
  tell(atMs: number, mutes: readonly Mute[]): Telling[] {
    const tellings: Telling[] = [];
    for (const [key, open] of this.#open) {
      const firing = open.incident.alerts.filter(({ state }) => state === "firing");
      const held = (firing.length > 0 ? firing : open.incident.alerts).map((alert) => mutedBy(alert, mutes, atMs));
      open.incident = { ...open.incident, mutedBy: held.every((name) => name !== undefined) ? held[0]! : "" };
      const { incident, told } = open;
      if (incident.state === "resolved") {
        this.#open.delete(key);
        if (told) tellings.push({ id: `${incident.id}/resolved`, incident });
      } else if (this.#isDue(open, atMs)) {
        open.told = incident.severity;
        tellings.push({ id: `${incident.id}/${incident.severity}`, incident });
      }
    }
    return tellings;
  }

  #isDue({ incident, told }: Open, atMs: number): boolean {
    if (incident.mutedBy !== "") return false;
    if (told) return SEVERITIES.indexOf(incident.severity) > SEVERITIES.indexOf(told);
    return atMs - Math.min(...incident.alerts.map(({ firedMs }) => firedMs ?? atMs)) >= GROUP_WAIT_MS;
  }
}

function keyOf({ origin, alerts }: Incident): string {
  return origin.server === "" ? alerts[0]!.fingerprint : origin.server;
}

/** The state of an incident is that of its alerts; its severity the worst of those that are not over. */
function withAlerts(incident: Incident, alerts: readonly Alert[]): Incident {
  const firing = alerts.filter(({ state }) => state === "firing");
  const resolvedMs = firing.length > 0 ? null : Math.max(...alerts.map((alert) => alert.resolvedMs ?? 0));
  const isCritical = firing.some(({ severity }) => severity === "critical");
  const severity = firing.length === 0 ? incident.severity : isCritical ? "critical" : "warning";
  const sinceMs = Math.min(incident.sinceMs, ...alerts.map((alert) => alert.sinceMs));
  return { ...incident, alerts, severity, sinceMs, resolvedMs, state: firing.length > 0 ? "firing" : "resolved" };
}

/** Those of the origin first, then as they fired. */
function inOrder(alerts: readonly Alert[], origin: string): Alert[] {
  const rank = ({ labels }: Alert): number => ((labels["workload"] ?? labels["server.workload"]) === origin ? 0 : 1);
  return [...alerts].sort((a, b) => rank(a) - rank(b) || (a.firedMs ?? 0) - (b.firedMs ?? 0));
}
