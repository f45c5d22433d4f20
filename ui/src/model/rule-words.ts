/** Rules in words: what they watch, of what, and apart by what. Pure. */
import type { BurnName } from "../../../control/alerts/objects/burn-windows.ts";
import type { BurnWindow, Severity, TopologyEvent } from "../../../control/alerts/rule.ts";
import type { Condition, RuleText } from "./rule-text.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What an SLO's alerts are where nothing is said, by how soon they tell. */
export const USUAL_BURNS: Readonly<Record<BurnName, BurnWindow>> = {
  fast: { severity: "critical", longMs: HOUR_MS, shortMs: 5 * MINUTE_MS, burnRate: 14.4 },
  medium: { severity: "critical", longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS, burnRate: 6 },
  slow: { severity: "warning", longMs: 72 * HOUR_MS, shortMs: 6 * HOUR_MS, burnRate: 1 },
};

export const BURN_NAMES = Object.keys(USUAL_BURNS) as readonly BurnName[];

export const CONDITION_WORD: Readonly<Record<Condition, string>> = {
  errors: "Errors above a share",
  latency: "Latency above a time",
  throughput: "Throughput, too little or too much",
  connectFailures: "TCP connections that fail",
  loss: "Requests that could not be counted",
  baseline: "Against what is usual at this hour",
  topology: "Who calls whom has changed",
  noData: "Silence of what should be there",
};

export const TOPOLOGY_WORD: Readonly<Record<TopologyEvent, string>> = {
  newEdge: "somebody is called by a workload that never called it",
  edgeVanished: "a call that was usual is not made any more",
  newExternal: "something outside the cluster is called that never was",
  restartedIntoErrors: "a workload restarted and fails since",
};

/** "More than 5% of requests fail over 5m"; empty for what cannot be read. */
export function watchedWords(rule: RuleText): string {
  if (rule.kind === "SLO") return promisedWords(rule);
  if (rule.kind !== "Alert") return "";
  const condition = rule.condition;
  return condition ? CONDITION_WORDS[condition](rule) : "";
}

function promisedWords(rule: RuleText): string {
  const objective = rule.at("spec.objective").replace(/\s*%$/, "");
  if (objective === "") return "";
  const over = `over ${rule.at("spec.window") || "30d"}`;
  const under = rule.at("spec.indicator.latency.under");
  if (under) return `${objective} % of requests are answered within ${under} ${over}`;
  if (rule.at("spec.indicator") === "connect") return `${objective} % of connections can be made ${over}`;
  return `${objective} % of requests are answered without an error ${over}`;
}

const shareWords =
  (what: string, name: Condition) =>
  (rule: RuleText): string =>
    `More than ${rule.at(`spec.threshold.${name}.above`) || "?"} of ${what} ${windowWords(rule)}`;

const CONDITION_WORDS: Readonly<Record<Condition, (rule: RuleText) => string>> = {
  errors: shareWords("requests fail", "errors"),
  connectFailures: shareWords("connections fail", "connectFailures"),
  loss: shareWords("requests cannot be counted in full", "loss"),
  latency: (rule) => {
    const { percentile, above } = fieldsOf(rule, "threshold.latency");
    return `p${percentile ?? "?"} is above ${above ?? "?"} ${windowWords(rule)}`;
  },
  throughput: (rule) => {
    const { below, above } = fieldsOf(rule, "threshold.throughput");
    const limit = below === undefined ? `More than ${above ?? "?"}` : `Fewer than ${below}`;
    return `${limit} requests ${windowWords(rule)}`;
  },
  baseline: (rule) => {
    const { indicator = "latency", factor = "3", window = "10m" } = fieldsOf(rule, "baseline");
    const what = indicator === "errors" ? "Errors are" : indicator === "throughput" ? "Throughput is" : "Latency is";
    const way = indicator === "throughput" ? "away from" : "above";
    return `${what} ${factor}× ${way} what is usual at this hour of the week, over ${window}`;
  },
  topology: (rule) => {
    const words = TOPOLOGY_WORD[rule.at("spec.topology") as TopologyEvent] as string | undefined;
    return words ? words[0]!.toUpperCase() + words.slice(1) : "Who calls whom has changed";
  },
  noData: (rule) => `What reported before says nothing for ${rule.at("spec.noData.after") || "?"}`,
};

function windowWords(rule: RuleText): string {
  return `over ${rule.at("spec.threshold.window") || "5m"}`;
}

function fieldsOf(rule: RuleText, path: string): Readonly<Record<string, string | undefined>> {
  const data = rule.data(`spec.${path}`);
  if (typeof data !== "object" || data === null) return {};
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, String(value)]));
}

/** "workload=shop/user and route=/cards, each workload". */
export function scopeWords(rule: RuleText): string {
  const where = rule.list("spec.where").join(" and ");
  const groups = rule.has("spec.groupBy") ? rule.list("spec.groupBy") : usualGrouping(rule);
  const each = groups.length === 0 ? "all as one" : `each ${groups.join(", ")}`;
  return [where || "everything", each].join(", ");
}

/** What a rule tells apart where it does not say. */
export function usualGrouping(rule: RuleText): readonly string[] {
  if (rule.condition === "baseline") return ["workload", "method", "route"];
  const isOfEdges = rule.condition === "topology" && rule.at("spec.topology") !== "restartedIntoErrors";
  return isOfEdges ? ["client.workload", "server.workload"] : ["workload"];
}

/** Severities of the alerts that a rule makes, the worst first. */
export function severitiesOf(rule: RuleText): readonly Severity[] {
  const found = rule.kind === "SLO" ? burnSeverities(rule) : [rule.at("spec.severity")];
  return (["critical", "warning"] as const).filter((severity) => found.includes(severity));
}

function burnSeverities(rule: RuleText): string[] {
  const isOff = (path: string): boolean => ["off", "false"].includes(rule.at(path));
  if (isOff("spec.alerts") || !rule.has("spec.objective")) return [];
  return BURN_NAMES.filter((name) => !isOff(`spec.alerts.${name}`)).map(
    (name) => rule.at(`spec.alerts.${name}.severity`) || USUAL_BURNS[name].severity,
  );
}
