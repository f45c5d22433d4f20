/** Wires alerting: its journal, the objects that say what is watched, the rules as they run, and what the APIs ask of it. */
import type { Registry } from "prom-client";
import { objectivesNow, openNow } from "./alert-answers.ts";
import { AlertDb } from "./alerts/alert-db.ts";
import { defaultObjects } from "./alerts/objects/defaults.ts";
import { expand } from "./alerts/objects/expand.ts";
import { AlertRun } from "./alerts/running/alert-run.ts";
import { alertsOf } from "./alerts/running/alert-events.ts";
import { backtest } from "./alerts/running/backtest.ts";
import { DurableJournal } from "./alerts/running/durable-journal.ts";
import type { AlertSource } from "./api/alert-source.ts";
import type { Config } from "./config.ts";
import type { DataFolder } from "./data-folder.ts";
import type { Inventory } from "./identity/inventory.ts";
import type { ReportedWindow } from "./identity/observation.ts";
import { scrapedMetrics } from "./ingest/scraped-metrics.ts";
import type { Log } from "./log.ts";
import type { Store } from "./store/store.ts";

/** Changes of one alert that are read to tell of it, and of all of one answer. */
const EVENTS_AN_ALERT = 3;
const MAX_EVENTS = 5_000;

/** What says who owns a workload. */
const OWNER = "sidelight.dev/owner";

export interface AlertingDeps {
  readonly config: Pick<Config, "alertsDir" | "publicUrl">;
  readonly folder: Pick<DataFolder, "alerts" | "objects">;
  readonly store: Store;
  readonly inventory: Inventory;
  readonly registry: Registry;
  readonly log: Log;
  /** As `AlertRun` takes them. */
  readonly completedMs: () => number | undefined;
  readonly arrivedMs: () => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Alerting {
  readonly source: AlertSource;
  /** Takes a window, the same that the world got. */
  add(window: ReportedWindow): void;
  stop(): Promise<void>;
}

/** Starts it. Throws where its journal cannot be opened. */
export function startAlerting(deps: AlertingDeps): Alerting {
  const { folder, store, inventory, registry, log, completedMs, arrivedMs, now } = deps;
  const warn = (message: string, error: Error): void => log.warn({ err: error }, message);
  const listeners = new Set<() => void>();
  const { rules, mutes } = expand(defaultObjects());
  const db = new AlertDb(folder.alerts);
  const journal = new DurableJournal({ db, store, enqueue: () => undefined, warn });
  const run = new AlertRun({
    ...{ store, journal, completedMs, arrivedMs, now, warn },
    rules: () => rules,
    mutes: () => mutes,
    ownerOf: (workload) => inventory.annotated(OWNER).get(workload) ?? "",
    onTick: () => listeners.forEach((listener) => listener()),
  });
  registerAlertMetrics(registry, { run, journal });
  journal.start();
  run.start();
  const source: AlertSource = {
    now: () => openNow(run, mutes, now()),
    onChanged(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async past(range, limit) {
      const events = await store.alertEvents(range, Math.min(limit * EVENTS_AN_ALERT, MAX_EVENTS));
      const found = alertsOf(events, (name) => rules.find((rule) => rule.name === name));
      return found.slice(0, limit).map((alert) => ({ ...alert, mutedBy: "" }));
    },
    objectives: () => objectivesNow(run),
    objects: () => [],
    apply: () => Promise.resolve({ changes: [], problems: [] }),
    remove: () => Promise.resolve(false),
    async backtest({ name, range }, onProgress, signal) {
      const tested = rules.filter((rule) => name === "" || rule.name === name);
      const { told, ...found } = await backtest(store, { rules: tested, range, nowMs: now(), onProgress, signal });
      return { ...found, incidents: told, range, problems: [] };
    },
    receivers: () => [],
    test: () => Promise.resolve(undefined),
    settle: () => Promise.resolve(0),
  };
  return {
    source,
    add: (window) => run.add(window),
    async stop() {
      await run.stop();
      await journal.stop();
      await db.close();
    },
  };
}

interface Measured {
  readonly run: AlertRun;
  readonly journal: DurableJournal;
}

function registerAlertMetrics(registry: Registry, { run, journal }: Measured): void {
  const { gauge, counter } = scrapedMetrics(registry);
  gauge("sidelight_alert_journal_events", "Changes of alerts that wait for the history.", () => journal.status.waiting);
  counter(
    "sidelight_alert_journal_dropped_events_total",
    "Changes of alerts that the history never gets, since it was away for too long.",
    () => journal.status.dropped,
  );
  gauge("sidelight_alert_rules_refused", "Rules that cannot be judged.", () => run.engine?.refused.length ?? 0);
}
