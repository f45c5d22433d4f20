/** Alerts as people see them, out of the states that groups are in. */
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

export interface Judging {
  readonly isBlind: boolean;
  /** The incident that an alert which fires belongs to. */
  readonly incidentOf: (alert: Alert, subject: Subject) => string;
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
  readonly #waiting = new Map<string, Alert>();
  #seen: number[];

  constructor(judges: readonly Judge[], ownerOf: (workload: string) => string) {
    this.#rules = judges.map((judge) => new LiveAlerts(judge));
    this.#ownerOf = ownerOf;
    this.#seen = judges.map(() => 0);
  }

  /** Alerts whose groups are seen go on; the others wait for theirs, and end as one of which nothing is known. */
  restore(alerts: Iterable<Alert>): void {
    for (const alert of alerts) this.#waiting.set(alert.fingerprint, alert);
    this.#seen = this.#rules.map(() => 0);
    this.#adopt();
  }

  tick(endMs: number, { isBlind, incidentOf }: Judging): AlertChange[] {
    this.#adopt();
    const changes: AlertChange[] = this.#giveUp(endMs);
    for (const rule of this.#rules) {
      for (const change of rule.tick(endMs, isBlind)) {
        let alert = this.#alertOf(rule.judge, change, stateOf(change));
        if (change.to === "firing") {
          const incident = incidentOf(alert, {
            labels: alert.labels,
            server: rule.judge.example(change.group).server.id,
          });
          this.#kept.get(change.live)!.incident = incident;
          alert = { ...alert, incident };
        }
        if (change.to === "resolved") alert = { ...alert, resolvedMs: endMs, resolvedBy: change.by };
        if (change.to === "resolved" || change.to === "dropped") this.#kept.delete(change.live);
        changes.push({ alert, isDropped: change.to === "dropped" });
      }
    }
    return changes;
  }

  alerts(): Alert[] {
    const alerts = [...this.#waiting.values()];
    for (const rule of this.#rules) {
      for (const [group, live] of rule.entries()) {
        alerts.push(this.#alertOf(rule.judge, { group, live }, live.firedMs === null ? "pending" : "firing"));
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
      owner: this.#ownerOf(judge.example(group).server.id) || rule.owner,
    };
  }

  /** Groups that were seen since: alerts of before the restart that are theirs go on. */
  #adopt(): void {
    if (this.#waiting.size === 0) return;
    const wanted = new Set([...this.#waiting.values()].map(({ rule }) => rule));
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
    this.#waiting.delete(before.fingerprint);
    const { id, fingerprint, incident, sinceMs, firedMs } = before;
    const live = { sinceMs, firedMs, goodMs: null, unknownMs: null };
    rule.restore(group, live);
    this.#kept.set(live, { id, fingerprint, incident });
  }

  /** Ends what was firing before a restart, and whose rule is gone or of whose group nothing is known any more. */
  #giveUp(endMs: number): AlertChange[] {
    const changes: AlertChange[] = [];
    for (const [fingerprint, alert] of this.#waiting) {
      const rule = this.#rules.find(({ judge }) => judge.rule.name === alert.rule && judge.severity === alert.severity);
      const isLate = rule && endMs - (alert.firedMs ?? alert.sinceMs) >= rule.judge.unknownForMs;
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

function stateOf({ to }: Change): AlertState {
  if (to === "dropped") return "resolved";
  return to;
}
