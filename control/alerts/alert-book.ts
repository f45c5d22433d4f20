/** Alerts as people see them, out of the states that groups are in. */
import type { AlertCause } from "../store/alert-event.ts";
import type { Alert, AlertState, ResolvedBy } from "./alert.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Subject } from "./incidents/origins.ts";
import type { Judge } from "./judging/judge.ts";
import { LiveAlerts } from "./judging/live-alerts.ts";
import type { Change, LiveAlert } from "./judging/live-alerts.ts";

/** An alert that changed its state. `isDropped`: it was pending and is over without having fired. */
export interface AlertChange {
  readonly alert: Alert;
  readonly isDropped: boolean;
}

/** With what its incident was put down to then; null where it belongs to none. */
export interface ExplainedChange extends AlertChange {
  readonly cause: AlertCause | null;
}

export interface Judging {
  readonly isBlind: boolean;
  /** The incident that an alert which fires belongs to. */
  readonly incidentOf: (alert: Alert, subject: Subject) => string;
}

/** An alert as it is kept over a restart. Times are milliseconds since the epoch. */
export interface KeptAlert extends Pick<LiveAlert, "goodMs" | "unknownMs" | "blindForMs"> {
  readonly alert: Alert;
}

/** What of an alert is not in its group's state. */
interface Kept {
  readonly id: string;
  readonly fingerprint: string;
  incident: string;
}

export class AlertBook {
  readonly #rules: readonly LiveAlerts[];
  readonly #ownerOf: (workload: string) => string;
  /** By the state that it is of. */
  readonly #kept = new Map<Readonly<LiveAlert>, Kept>();
  /** Of before a restart, by fingerprint, while their groups were not seen again. */
  readonly #waiting = new Map<string, KeptAlert>();
  /** Since when, in the counters' own time; undefined while nothing was known since. */
  #waitingSinceMs: number | undefined;
  #hasGivenUp = false;
  #seen: number[];

  constructor(judges: readonly Judge[], ownerOf: (workload: string) => string) {
    this.#rules = judges.map((judge) => new LiveAlerts(judge));
    this.#ownerOf = ownerOf;
    this.#seen = judges.map(() => 0);
  }

  /** Alerts whose groups are seen go on; the others wait for theirs, and end as one of which nothing is known. */
  restore(alerts: Iterable<KeptAlert>): void {
    for (const kept of alerts) this.#waiting.set(kept.alert.fingerprint, kept);
    this.#seen = this.#rules.map(() => 0);
    this.#waitingSinceMs = undefined;
    this.#adopt();
  }

  /** What `restore` takes. */
  kept(): KeptAlert[] {
    const kept = [...this.#waiting.values()];
    for (const rule of this.#rules) {
      for (const [group, live] of rule.entries()) {
        const { goodMs, unknownMs, blindForMs } = live;
        kept.push({
          alert: this.#alertOf(rule.judge, { group, live }, openState(live)),
          goodMs,
          unknownMs,
          blindForMs,
        });
      }
    }
    return kept;
  }

  /** Whether the last tick changed what `kept` gives, but for figures. */
  get isChanged(): boolean {
    return this.#hasGivenUp || this.#rules.some(({ isChanged }) => isChanged);
  }

  /** In an order that only depends on what is judged: by rule, then by fingerprint. */
  tick(endMs: number, judging: Judging): AlertChange[] {
    this.#adopt();
    const changes: AlertChange[] = judging.isBlind ? [] : this.#giveUp(endMs);
    this.#hasGivenUp = changes.length > 0;
    for (const rule of this.#rules) {
      const changed = rule.tick(endMs, judging.isBlind);
      const told = changed.map((change) => ({ change, alert: this.#alertOf(rule.judge, change, stateOf(change)) }));
      if (told.length > 1) told.sort((a, b) => (a.alert.fingerprint < b.alert.fingerprint ? -1 : 1));
      for (const { change, alert } of told)
        changes.push(this.#changed(rule.judge, { change, alert, endMs, ...judging }));
    }
    return changes;
  }

  #changed(judge: Judge, { change, alert, endMs, incidentOf }: Changing): AlertChange {
    switch (change.to) {
      case "pending":
        return { alert, isDropped: false };
      case "firing": {
        const incident = incidentOf(alert, { labels: alert.labels, server: serverOf(judge, change.group) });
        this.#kept.get(change.live)!.incident = incident;
        return { alert: { ...alert, incident }, isDropped: false };
      }
      case "dropped":
      case "resolved": {
        this.#kept.delete(change.live);
        const resolvedBy = change.to === "resolved" ? change.by : null;
        return { alert: { ...alert, resolvedMs: endMs, resolvedBy }, isDropped: change.to === "dropped" };
      }
    }
  }

  alerts(): Alert[] {
    const alerts = [...this.#waiting.values()].map(({ alert }) => alert);
    for (const rule of this.#rules) {
      for (const [group, live] of rule.entries()) {
        alerts.push(this.#alertOf(rule.judge, { group, live }, openState(live)));
      }
    }
    return alerts;
  }

  #alertOf(judge: Judge, { group, live }: Pick<Change, "group" | "live">, state: AlertState): Alert {
    const { rule, severity } = judge;
    const labels = judge.labels(group);
    let kept = this.#kept.get(live);
    if (!kept) {
      const fingerprint = fingerprintOf({ rule: rule.name, severity, labels });
      kept = { id: `${fingerprint}-${live.sinceMs.toString(36)}`, fingerprint, incident: "" };
      this.#kept.set(live, kept);
    }
    const { description, runbook } = rule;
    return {
      ...kept,
      rule: rule.name,
      severity,
      state,
      labels,
      sinceMs: live.sinceMs,
      firedMs: live.firedMs,
      resolvedMs: null,
      resolvedBy: null,
      measured: judge.measured(group),
      summary: judge.summary(group),
      description,
      runbook,
      owner: this.#ownerOf(serverOf(judge, group)) || rule.owner,
    };
  }

  /** Groups that were seen since: alerts of before the restart that are theirs go on. */
  #adopt(): void {
    if (this.#waiting.size === 0) return;
    const wanted = new Set([...this.#waiting.values()].map(({ alert }) => alert.rule));
    this.#rules.forEach((rule, at) => {
      const { judge } = rule;
      const from = this.#seen[at]!;
      this.#seen[at] = judge.groupCount();
      if (!wanted.has(judge.rule.name)) return;
      for (let group = from; group < this.#seen[at]; group++) this.#adoptGroup(rule, group);
    });
  }

  #adoptGroup(rule: LiveAlerts, group: number): void {
    const { judge } = rule;
    const named = { rule: judge.rule.name, severity: judge.severity, labels: judge.labels(group) };
    const before = this.#waiting.get(fingerprintOf(named));
    if (!before) return;
    const { goodMs, unknownMs, blindForMs } = before;
    const { id, fingerprint, incident, sinceMs, firedMs } = before.alert;
    this.#waiting.delete(fingerprint);
    const live = { sinceMs, firedMs, goodMs, unknownMs, blindForMs };
    rule.restore(group, live);
    this.#kept.set(live, { id, fingerprint, incident });
  }

  /** Ends what was open before a restart, and whose rule is gone or of whose group nothing was heard since. */
  #giveUp(endMs: number): AlertChange[] {
    const changes: AlertChange[] = [];
    this.#waitingSinceMs ??= endMs;
    const sinceMs = this.#waitingSinceMs;
    for (const [fingerprint, { alert, unknownMs }] of this.#waiting) {
      const rule = this.#rules.find(({ judge }) => judge.rule.name === alert.rule && judge.severity === alert.severity);
      const isLate = rule && endMs - (unknownMs ?? sinceMs) >= rule.judge.unknownForMs;
      if (rule && !isLate) continue;
      this.#waiting.delete(fingerprint);
      const resolvedBy: ResolvedBy = rule ? "noTraffic" : "ruleGone";
      changes.push({
        alert: { ...alert, state: "resolved", resolvedMs: endMs, resolvedBy },
        isDropped: alert.firedMs === null,
      });
    }
    return changes;
  }
}

/** A change of one group on its way to be told. */
interface Changing extends Judging {
  readonly change: Change;
  readonly alert: Alert;
  readonly endMs: number;
}

/** The one server that a group is about; empty where it may be about several. */
function serverOf(judge: Judge, group: number): string {
  const labels = judge.labels(group);
  const isOfOne = ["workload", "service"].some((label) => label in labels || `server.${label}` in labels);
  return isOfOne ? judge.example(group).server.id : "";
}

function openState({ firedMs }: Readonly<LiveAlert>): AlertState {
  return firedMs === null ? "pending" : "firing";
}

function stateOf({ to }: Change): AlertState {
  if (to === "dropped") return "resolved";
  return to;
}
