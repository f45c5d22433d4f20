/** Which alerts are held back. */
import type { Alert } from "./alert.ts";
import type { Matcher, Mute } from "./rule.ts";
import { Pattern, PatternBudget } from "../world/pattern.ts";

/** Steps that the matchers of one look at all alerts may take, of regular expressions. */
const MAX_STEPS = 10_000_000;

/** What matchers are asked of: an alert's labels and `rule`, `severity`, `owner`, `namespace`. */
export function labelsOf({ labels, rule, severity, owner }: Alert): Readonly<Record<string, string>> {
  const workload = labels["workload"] ?? labels["server.workload"] ?? "";
  const namespace =
    labels["namespace"] ?? labels["server.namespace"] ?? workload.slice(0, Math.max(0, workload.indexOf("/")));
  return { ...labels, rule, severity, owner, namespace };
}

/** Whether all matchers hold. @throws TooMuchWork where regular expressions would take too long */
export function matches(matchers: readonly Matcher[], labels: Readonly<Record<string, string>>): boolean {
  const budget = new PatternBudget(MAX_STEPS);
  return matchers.every(({ label, operator, value }) => {
    const has = labels[label] ?? "";
    if (operator === "=" || operator === "!=") return (has === value) === (operator === "=");
    return new Pattern(`^(?:${value})$`, budget).isIn(has) === (operator === "=~");
  });
}

/** The name of the mute that holds an alert back at an instant; undefined for none. */
export function mutedBy(alert: Alert, mutes: readonly Mute[], atMs: number): string | undefined {
  const inForce = mutes.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
  if (inForce.length === 0) return undefined;
  const labels = labelsOf(alert);
  return inForce.find(({ matchers }) => matches(matchers, labels))?.name;
}
