/** Alert policies of OpenSLO as the windows of an SLO's alerts. */
import { BURN_NAMES } from "../burn-windows.ts";
import { durationText } from "../quantities.ts";
import { Unfit } from "./counted.ts";
import type { OpenCondition, OpenPolicy, OpenSlo } from "./shapes.ts";

/** OpenSLO has one window; the workbook recommends a short one of a twelfth beside it. */
const SHORT_OF_LONG = 12;
const MINUTE_MS = 60_000;

/** What an SLO refers to by kind and name; undefined where there is nothing that can be used. */
export type RefersTo = (kind: string, name: string) => unknown;

/** `alerts` and `for` of a Sidelight SLO; nothing where it has no policies, and then all of its alerts. @throws Unfit */
export function burnChanges({ alertPolicies = [] }: OpenSlo, refersTo: RefersTo): Readonly<Record<string, unknown>> {
  if (alertPolicies.length === 0) return {};
  const conditions = alertPolicies.map((policy, at) => {
    const path = ["alertPolicies", at];
    return conditionOf(policy, path, refersTo);
  });
  const waits = new Set(conditions.map(({ condition }) => condition.alertAfter ?? 0));
  if (waits.size > 1) throw new Unfit(["alertPolicies"], "all policies must have the same `alertAfter`");
  const [wait = 0] = waits;
  const byWindow = [...conditions].sort((a, b) => a.condition.lookbackWindow - b.condition.lookbackWindow);
  const alerts = BURN_NAMES.map((name, at): [string, unknown] => [name, changeOf(byWindow[at])]);
  return { alerts: Object.fromEntries(alerts), ...(wait > 0 ? { for: durationText(wait) } : {}) };
}

function conditionOf(
  policy: NonNullable<OpenSlo["alertPolicies"]>[number],
  path: Unfit["path"],
  refersTo: RefersTo,
): OpenCondition {
  const { alertPolicyRef } = policy;
  const missing = (kind: string, ref: string, at: Unfit["path"]): Unfit =>
    new Unfit(at, `there is no ${kind} "${ref}" in this text that can be used`);
  const spec =
    alertPolicyRef === undefined ? policy.spec : (refersTo("AlertPolicy", alertPolicyRef) as OpenPolicy | undefined);
  if (!spec) throw missing("AlertPolicy", alertPolicyRef ?? "", path);
  const [condition] = spec.conditions;
  const ref = condition?.conditionRef;
  const found = ref === undefined ? condition?.spec : (refersTo("AlertCondition", ref) as OpenCondition | undefined);
  if (!found) throw missing("AlertCondition", ref ?? "", path);
  return found;
}

function changeOf(one: OpenCondition | undefined): unknown {
  if (!one) return "off";
  const { threshold, lookbackWindow } = one.condition;
  const short = Math.max(MINUTE_MS, Math.round(lookbackWindow / SHORT_OF_LONG / MINUTE_MS) * MINUTE_MS);
  const severity = one.severity === "critical" || one.severity === "page" ? "critical" : "warning";
  return { severity, burnRate: threshold, long: durationText(lookbackWindow), short: durationText(short) };
}
