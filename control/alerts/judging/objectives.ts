import type { Alert } from "../alert.ts";
import type { Objective } from "../objective.ts";
import type { ObjectiveReader } from "./objective-reader.ts";

/**
 * How objectives fare, each with the worst of its alerts; those with the least budget left first.
 * @param endMs the end of all windows, milliseconds since the epoch
 */
export function objectivesWith(
  alerts: readonly Alert[],
  readers: readonly ObjectiveReader[],
  { endMs, ownerOf }: { readonly endMs: number; readonly ownerOf: (workload: string) => string },
): Objective[] {
  const worst = new Map<string, Alert>();
  for (const alert of alerts) {
    const key = objectiveKey(alert.rule, alert.labels);
    const other = worst.get(key);
    if (!other || other.state === "pending" || alert.severity === "critical") worst.set(key, alert);
  }
  const objectives = readers.flatMap((reader) =>
    [...reader.read(endMs)].map(({ server, ...fared }): Objective => {
      const alert = worst.get(objectiveKey(fared.slo, fared.labels));
      const state = alert?.state === "firing" || alert?.state === "pending" ? alert.state : null;
      const owner = ownerOf(server) || reader.rule.owner;
      return { ...fared, owner, state, severity: alert?.severity ?? null };
    }),
  );
  return objectives.sort((a, b) => a.budgetLeft - b.budgetLeft || b.requests - a.requests);
}

function objectiveKey(slo: string, labels: Readonly<Record<string, string>>): string {
  return JSON.stringify([slo, labels]);
}
