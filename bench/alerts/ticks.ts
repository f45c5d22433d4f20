/** What ten thousand rules over two thousand workloads cost: processor time of counting ten seconds and judging them. */
import { SLOT_MS } from "../../control/alerts/counting/slots.ts";
import { AlertEngine } from "../../control/alerts/engine.ts";
import { burnWindows } from "../../control/alerts/objects/burn-windows.ts";
import type { BaselineRule, BurnRule, Rule, RuleHead, ThresholdRule } from "../../control/alerts/rule.ts";
import type { Observation, ReportedWindow } from "../../control/identity/observation.ts";
import { bucketsOf } from "../../control/world/histogram.ts";
import { median } from "../statistics.ts";
import { BEGIN_MS, WEEK_MS } from "./week.ts";

const WORKLOADS = 2_000;
const ENDPOINTS = 5;
/** Ticks that are measured, after those in which everything is seen for the first time. */
const TICKS = 20;
const FIRST_TICKS = 7;
const MINUTE_MS = 60_000;
const MONTH_MS = 30 * 24 * 60 * MINUTE_MS;

export interface TickCost {
  readonly rules: number;
  /** Seconds of processor time: the first tick, in which all groups are new, and the middle one of the others. */
  readonly firstSeconds: number;
  readonly seconds: number;
  /** Of that: judging alone. */
  readonly judgingSeconds: number;
  readonly alerts: number;
}

export function measureTicks(): TickCost {
  const rules = Array.from({ length: WORKLOADS }, (_, at) => rulesOf(nameOf(at))).flat();
  const engine = new AlertEngine({ rules });
  engine.begin(BEGIN_MS);
  teach(engine);
  const costs: number[] = [];
  const judging: number[] = [];
  for (let tick = 0; tick < FIRST_TICKS + TICKS; tick++) {
    const windows = windowsAt(engine.endMs);
    const before = process.cpuUsage();
    for (const window of windows) engine.add(window);
    const counted = process.cpuUsage(before);
    engine.tick([]);
    const all = process.cpuUsage(before);
    costs.push(seconds(all));
    judging.push(seconds(all) - seconds(counted));
  }
  const later = (of: readonly number[]): number => median(of.slice(FIRST_TICKS));
  const alerts = engine.alerts().length;
  return {
    rules: rules.length,
    firstSeconds: costs[0]!,
    seconds: later(costs),
    judgingSeconds: later(judging),
    alerts,
  };
}

function seconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}

function nameOf(at: number): string {
  return `team-${at % 50}/service-${at}`;
}

/** Five about one workload: an objective, two thresholds and two baselines. */
function rulesOf(workload: string): Rule[] {
  const head = (name: string): RuleHead => ({
    name: `${name} of ${workload}`,
    where: [{ attribute: "workload", end: undefined, operator: "=", value: workload }],
    groupBy: [],
    forMs: 0,
    keepMs: 2 * MINUTE_MS,
    description: "",
    runbook: "",
    owner: "",
  });
  const share = { kind: "threshold", severity: "warning", comparison: "above", value: 0.05, clearValue: 0.04 } as const;
  const threshold = (name: string, rule: Pick<ThresholdRule, "indicator" | "windowMs">): ThresholdRule => ({
    ...head(name),
    ...share,
    ...rule,
    minRequests: 20,
  });
  const baseline = (name: string, indicator: BaselineRule["indicator"]): BaselineRule => ({
    ...head(name),
    ...{ kind: "baseline", severity: "warning", indicator, factor: 3, windowMs: 10 * MINUTE_MS, minRequests: 20 },
  });
  const objective: BurnRule = {
    ...head("availability"),
    kind: "burn",
    indicator: { kind: "errors" },
    objective: 0.999,
    windowMs: MONTH_MS,
    minRequests: 20,
    burns: burnWindows(MONTH_MS),
  };
  return [
    objective,
    threshold("errors", { indicator: { kind: "errors" }, windowMs: 5 * MINUTE_MS }),
    threshold("latency", { indicator: { kind: "latency", overMs: 300 }, windowMs: 5 * MINUTE_MS }),
    baseline("unusual latency", "latency"),
    baseline("unusual traffic", "throughput"),
  ];
}

/** The same hour of five weeks, and the one after it. */
function teach(engine: AlertEngine): void {
  const counts = windowsAt(BEGIN_MS)
    .slice(0, WORKLOADS)
    .flatMap(({ observations }) =>
      observations.map((series) => ({ series, outcomes: [18_000, 0, 0, 0, 0], buckets: LATENCIES })),
    );
  for (let week = 5; week > 0; week--) {
    for (const hour of [0, 1]) engine.learn({ atMs: BEGIN_MS - week * WEEK_MS + hour * 60 * MINUTE_MS, counts });
  }
}

const LATENCIES = [...bucketsOf([5_000, 9_000, 20_000, 50_000, 400_000])];

/** Ten seconds of all reporters, a window each second, as sidecars send them. One workload in a hundred fails. */
function windowsAt(atMs: number): ReportedWindow[] {
  return Array.from({ length: WORKLOADS * 10 }, (_, at): ReportedWindow => {
    const server = at % WORKLOADS;
    const named = { client: nameOf((server * 7 + 1) % WORKLOADS), server: nameOf(server) };
    const observations = Array.from({ length: ENDPOINTS }, (_, route): Observation => {
      const outcome = server % 100 === 0 && route === 0 ? "serverError" : "success";
      const what = {
        method: "GET",
        route: `/items/${route}`,
        outcome,
        status: outcome === "success" ? 200 : 500,
      } as const;
      const counted = { count: 5, buckets: LATENCIES, requestBytes: 0, responseBytes: 0, active: 0 };
      return { side: "destination", protocol: "http", ...named, ...what, ...counted };
    });
    const startMs = atMs + Math.floor(at / WORKLOADS) * 1_000;
    const nothing = { nodes: [], pods: [], losses: [], exemplars: [] };
    return { reporter: named.server, instance: named.server, startMs, durationMs: 1_000, observations, ...nothing };
  });
}

/** Of a core, in the time between two ticks. */
export function shareOfCore(cost: Pick<TickCost, "seconds">): number {
  return (cost.seconds * 1_000) / SLOT_MS;
}
