/** Which nodes and edges carry the mark of a firing alert. Pure. */
import type { Severity } from "../../../control/alerts/rule.ts";
import type { ShownAlert } from "../../../control/api/alert-source.ts";
import { clientOf, serverOf } from "./alerts.ts";

export interface AlertMark {
  /** Alerts that fire there. */
  readonly count: number;
  readonly severity: Severity;
  /** Whether nobody is told of any of them. */
  readonly isMuted: boolean;
}

export interface AlertMarks {
  /** By the id of the node. */
  readonly nodes: ReadonlyMap<string, AlertMark>;
  /** By `callKey`. */
  readonly calls: ReadonlyMap<string, AlertMark>;
}

export function callKey({ client, server }: { readonly client: string; readonly server: string }): string {
  return `${client}>${server}`;
}

/** An alert about who calls whom marks the call, every other one the workload that it is about. */
export function marksOf(alerts: readonly ShownAlert[]): AlertMarks {
  const nodes = new Map<string, AlertMark>();
  const calls = new Map<string, AlertMark>();
  for (const alert of alerts) {
    if (alert.state !== "firing") continue;
    const server = serverOf(alert);
    const client = clientOf(alert);
    const mark = { count: 1, severity: alert.severity, isMuted: alert.mutedBy !== "" };
    if (server && client) add(calls, callKey({ client, server }), mark);
    else if (server || client) add(nodes, server || client, mark);
  }
  return { nodes, calls };
}

/** Of several things that are drawn as one; undefined where none has a mark. */
export function joinedMark(marks: Iterable<AlertMark | undefined>): AlertMark | undefined {
  let joined: AlertMark | undefined;
  for (const mark of marks) if (mark) joined = joined ? join(joined, mark) : mark;
  return joined;
}

/** "2 alerts firing", "1 alert firing, muted". */
export function markWords({ count, isMuted }: AlertMark): string {
  return `${count} ${count === 1 ? "alert" : "alerts"} firing${isMuted ? ", muted" : ""}`;
}

function add(marks: Map<string, AlertMark>, key: string, mark: AlertMark): void {
  const known = marks.get(key);
  marks.set(key, known ? join(known, mark) : mark);
}

/** What is muted never makes anything louder. */
function join(a: AlertMark, b: AlertMark): AlertMark {
  const loud = [a, b].filter(({ isMuted }) => !isMuted);
  const worst = (loud.length > 0 ? loud : [a, b]).some(({ severity }) => severity === "critical");
  return { count: a.count + b.count, severity: worst ? "critical" : "warning", isMuted: loud.length === 0 };
}
