/** What new rules begin as. Pure. */
import type { StatedObject } from "../../../control/api/alert-source.ts";
import { findRule, isRule } from "./rules.ts";
import { RuleText, type Condition } from "./rule-text.ts";

export interface RuleTemplate {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly kind: "SLO" | "Alert";
  /** Lines of its spec. */
  readonly spec: string;
}

const alert = (condition: string, severity = "warning"): string => `  severity: ${severity}\n${condition}`;

export const TEMPLATES: readonly RuleTemplate[] = [
  {
    ...{
      id: "availability",
      kind: "SLO",
      title: "Availability",
      about: "A share of requests is answered without an error",
    },
    spec: "  indicator: availability\n  objective: 99.9\n  window: 30d\n",
  },
  {
    ...{ id: "latency-slo", kind: "SLO", title: "Latency objective", about: "A share of requests is answered in time" },
    spec: "  indicator: { latency: { under: 300ms } }\n  objective: 99\n  window: 30d\n",
  },
  {
    ...{ id: "errors", kind: "Alert", title: "Errors", about: "Too many requests fail" },
    spec: alert("  threshold:\n    errors: { above: 5% }\n    window: 5m\n", "critical"),
  },
  {
    ...{ id: "latency", kind: "Alert", title: "Latency", about: "A percentile is above a time" },
    spec: alert("  threshold:\n    latency: { percentile: 99, above: 300ms }\n    window: 5m\n"),
  },
  {
    ...{ id: "throughput", kind: "Alert", title: "Throughput", about: "Too few requests, or too many" },
    spec: alert("  threshold:\n    throughput: { below: 1/m }\n    window: 30m\n"),
  },
  {
    ...{ id: "connects", kind: "Alert", title: "TCP connects", about: "Connections to a server are not made" },
    spec: alert(
      "  groupBy: [client.workload, workload]\n  threshold:\n    connectFailures: { above: 5% }\n    window: 5m\n",
    ),
  },
  {
    ...{ id: "baseline", kind: "Alert", title: "Unusual", about: "Against what is usual at this hour of the week" },
    spec: alert("  baseline: { indicator: latency, factor: 3, window: 10m }\n"),
  },
  {
    ...{ id: "topology", kind: "Alert", title: "Topology", about: "Somebody calls whom nobody called before" },
    spec: alert("  topology: newEdge\n"),
  },
  {
    ...{ id: "no-data", kind: "Alert", title: "No data", about: "What should report says nothing" },
    spec: alert("  noData: { after: 5m }\n"),
  },
];

/** What a condition begins as where another was. */
export const CONDITION_START: Readonly<Record<Condition, unknown>> = {
  errors: { above: "5%" },
  latency: { percentile: 99, above: "300ms" },
  throughput: { below: "1/m" },
  connectFailures: { above: "5%" },
  loss: { above: "1%" },
  baseline: { indicator: "latency" },
  topology: "newEdge",
  noData: { after: "5m" },
};

/** What a new rule begins as, as it stands in the address; each may be empty. */
export interface Beginning {
  /** Of a template. */
  readonly template: string;
  /** Name of the rule that it is a copy of. */
  readonly copy: string;
  /** Node id of what it is about, and the endpoint. */
  readonly workload: string;
  readonly method: string;
  readonly route: string;
}

/** The text of a new rule, under a name that none of the others has; undefined where there is no such beginning. */
export function beginningOf(beginning: Beginning, objects: readonly StatedObject[]): string | undefined {
  const taken = new Set(objects.filter(isRule).map(({ name }) => name));
  const copied = beginning.copy === "" ? undefined : findRule(objects, beginning.copy);
  if (beginning.copy !== "") return copied && copiedText(copied.yaml, taken);
  const template = TEMPLATES.find(({ id }) => id === beginning.template);
  return template && begunText(template, beginning, taken);
}

/** Its name says what it is about. */
function begunText(template: RuleTemplate, begun: Beginning, taken: ReadonlySet<string>): string {
  const { kind, id, spec } = template;
  const { workload } = begun;
  // It is workloads that are silent.
  const { method, route } = id === "no-data" ? { method: "", route: "" } : begun;
  const name = freeName([workload.split("/").at(-1) ?? "", id].filter(Boolean).join("-"), taken);
  const text = `apiVersion: sidelight.dev/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\nspec:\n${spec}`;
  const where = Object.entries({ workload, method, route }).flatMap(([attribute, value]) =>
    value ? [`${attribute}=${value}`] : [],
  );
  return new RuleText(text).with("spec.where", where);
}

/** A copy under a name of its own, which is on. */
function copiedText(text: string, taken: ReadonlySet<string>): string {
  const rule = new RuleText(text);
  const named = new RuleText(rule.with("metadata.name", freeName(rule.name, taken)));
  return named.with("disabled", "");
}

/** "orders-errors", "orders-errors-2": in the letters that a name may have. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const base =
    wanted
      .toLowerCase()
      .replace(/[^a-z0-9.]+/g, "-")
      .replace(/^[-.]+|[-.]+$/g, "")
      .slice(0, 90) || "rule";
  let name = base;
  for (let number = 2; taken.has(name); number++) name = `${base}-${number}`;
  return name;
}
