import { Gauge, type Registry } from "prom-client";
import type { Objective } from "../alerts/objective.ts";
import { SEVERITIES } from "../alerts/rule.ts";
import { scrapedMetrics } from "../ingest/scraped-metrics.ts";
import type { AlertsFeed } from "./alerts-feed.ts";
import type { ApiSources } from "./sources.ts";

/** Objectives that have series; those with the least budget left. */
const MAX_OBJECTIVES = 500;
const OBJECTIVE_LABELS = ["slo", "group"];

/** Registers what is open, how objectives fare and who watches. Read at the scrape; there are none until rules are judged. */
export function registerAlertMetrics(
  registry: Registry,
  sources: Pick<ApiSources, "alerts">,
  { stats }: AlertsFeed,
): void {
  const registers = [registry];
  new Gauge({
    name: "sidelight_alerts",
    help: "Alerts that are open, by state and severity.",
    labelNames: ["state", "severity"],
    registers,
    collect() {
      this.reset();
      const open = sources.alerts?.now().alerts ?? [];
      for (const state of ["pending", "firing"] as const) {
        for (const severity of SEVERITIES) {
          this.set(
            { state, severity },
            open.filter((each) => each.state === state && each.severity === severity).length,
          );
        }
      }
    },
  });
  const objectives = (): readonly Objective[] => sources.alerts?.objectives() ?? [];
  const perObjective = (name: string, help: string, read: (objective: Objective) => number): void => {
    new Gauge({
      ...{ name, help, registers, labelNames: OBJECTIVE_LABELS },
      collect() {
        this.reset();
        for (const objective of objectives().slice(0, MAX_OBJECTIVES)) {
          this.set({ slo: objective.slo, group: groupOf(objective) }, read(objective));
        }
      },
    });
  };
  perObjective(
    "sidelight_objective_budget_left_ratio",
    "Share of an objective's error budget that is left; below 0 where more was used up than there is.",
    ({ budgetLeft }) => budgetLeft,
  );
  perObjective(
    "sidelight_objective_good_ratio",
    "Share of good requests in its window so far.",
    ({ actual }) => actual,
  );
  perObjective(
    "sidelight_objective_promised_ratio",
    "Share of good requests that is promised.",
    (each) => each.objective,
  );

  const { gauge, counter } = scrapedMetrics(registry);
  gauge(
    "sidelight_objective_metrics_cut",
    "Objectives that have no series here, since there are too many: those with the most budget left.",
    () => Math.max(0, objectives().length - MAX_OBJECTIVES),
  );
  gauge("sidelight_incidents", "Incidents that are open.", () => sources.alerts?.now().incidents.length ?? 0);
  gauge("sidelight_alert_watches", "Watches of what is open, over both APIs.", () => stats.subscribers);
  counter(
    "sidelight_alert_watches_refused_total",
    "Watches of what is open refused at the limit.",
    () => stats.refused,
  );
  counter(
    "sidelight_alert_watches_skipped_total",
    "Changes of what is open that slow watches skipped.",
    () => stats.skipped,
  );
  counter(
    "sidelight_alert_watches_stalled_total",
    "Watches of what is open cut off since they took nothing for too long.",
    () => stats.stalled,
  );
}

/** "workload=shop/user"; labels in the order of their names. */
function groupOf({ labels }: Objective): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(",");
}
