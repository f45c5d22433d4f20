/** Wires alerting: its journal, the objects that say what is watched, the rules as they run, and what the APIs ask of it. */
import type { Registry } from "prom-client";
import { ObjectivesNow, openNow } from "./alert-answers.ts";
import { AlertReceivers } from "./alert-receivers.ts";
import { AlertDb } from "./alerts/alert-db.ts";
import { AnnotatedSlos, SLO_ANNOTATION } from "./alerts/objects/annotated-slos.ts";
import { ALERTING_KINDS, defaultObjects } from "./alerts/objects/defaults.ts";
import { expand } from "./alerts/objects/expand.ts";
import type { Expanded } from "./alerts/objects/expand.ts";
import { ObjectBook } from "./alerts/objects/object-book.ts";
import { readObjects } from "./alerts/objects/read-objects.ts";
import { AlertRun } from "./alerts/running/alert-run.ts";
import { alertsOf, causesOf } from "./alerts/running/alert-events.ts";
import { backtest } from "./alerts/running/backtest.ts";
import { DurableJournal } from "./alerts/running/durable-journal.ts";
import type { AlertSource, ObjectProblem } from "./api/alert-source.ts";
import type { Config } from "./config.ts";
import type { DataFolder } from "./data-folder.ts";
import type { Inventory } from "./identity/inventory.ts";
import type { ReportedWindow } from "./identity/observation.ts";
import { scrapedMetrics } from "./ingest/scraped-metrics.ts";
import type { Log } from "./log.ts";
import { NOTIFY_KINDS, secretsElsewhere } from "./notify/object-kinds.ts";
import { MAX_ALERT_EVENTS } from "./store/questions.ts";
import type { Store } from "./store/store.ts";

/** Changes of one alert that are read to tell of it. */
const EVENTS_AN_ALERT = 3;
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
  /** Workloads, or what is annotated of them, may be others now. */
  inventoryChanged(): void;
  stop(): Promise<void>;
}

/** Opens the objects, the journal and the outbox. Throws where one of them cannot be. */
export async function startAlerting(deps: AlertingDeps): Promise<Alerting> {
  const { config, folder, inventory, log } = deps;
  const annotated = new AnnotatedSlos(() => inventory.annotated(SLO_ANNOTATION));
  const objects = await ObjectBook.open({
    kinds: new Map([...ALERTING_KINDS, ...NOTIFY_KINDS]),
    defaults: defaultObjects(),
    folder: config.alertsDir,
    own: folder.objects,
    notFromApi: secretsElsewhere,
    annotated,
    watcher: {
      changed() {
        log.info("Objects of alerting changed");
        alerting.objectsChanged();
      },
      refused: (error) => log.error({ err: error }, error.message),
    },
  });
  const alerting = new RunningAlerting(deps, { objects, annotated });
  return alerting;
}

/** What says what is watched. */
interface Stated {
  readonly objects: ObjectBook;
  readonly annotated: AnnotatedSlos;
}

class RunningAlerting implements Alerting {
  readonly source: AlertSource;
  readonly #deps: AlertingDeps;
  readonly #objects: ObjectBook;
  readonly #annotated: AnnotatedSlos;
  readonly #db: AlertDb;
  readonly #receivers: AlertReceivers;
  readonly #journal: DurableJournal;
  readonly #run: AlertRun;
  readonly #unwatch: () => void;
  readonly #listeners = new Set<() => void>();
  #expanded: Expanded;

  constructor(deps: AlertingDeps, { objects, annotated }: Stated) {
    const { config, folder, store, inventory, registry, log, completedMs, arrivedMs, now } = deps;
    const warn = (message: string, error: Error): void => log.warn({ err: error }, message);
    this.#deps = deps;
    this.#objects = objects;
    this.#annotated = annotated;
    this.#expanded = this.#expand(objects.inForce());
    this.#db = new AlertDb(folder.alerts);
    this.#receivers = new AlertReceivers({
      ...{ db: this.#db, registry, publicUrl: config.publicUrl, now },
      objects: () => objects.inForce(),
    });
    const tell: ConstructorParameters<typeof DurableJournal>[0]["tell"] = (tick, alsoWrite) =>
      this.#receivers.tell(tick, alsoWrite);
    this.#journal = new DurableJournal({ db: this.#db, store, tell, warn });
    this.#run = new AlertRun({
      ...{ store, journal: this.#journal, completedMs, arrivedMs, now, warn },
      rules: () => this.#expanded.rules,
      mutes: () => this.#expanded.mutes,
      ownerOf: (workload) => inventory.annotated(OWNER).get(workload) ?? "",
      onTick: () => this.#ticked(),
    });
    registerAlertMetrics(registry, { run: this.#run, journal: this.#journal });
    this.source = this.#makeSource();
    this.#unwatch = objects.watch();
    this.#journal.start();
    this.#run.start();
  }

  add(window: ReportedWindow): void {
    this.#run.add(window);
  }

  async stop(): Promise<void> {
    this.#unwatch();
    await this.#run.stop();
    await this.#receivers.close();
    await this.#journal.stop();
    await this.#db.close();
  }

  objectsChanged(): void {
    const before = this.#expanded;
    this.#expanded = this.#expand(this.#objects.inForce());
    // Mutes are looked at anew each time, and need no other engine.
    if (JSON.stringify(before.rules) !== JSON.stringify(this.#expanded.rules)) this.#run.rulesChanged();
    this.#receivers.objectsChanged();
    this.#tellListeners();
  }

  inventoryChanged(): void {
    if (this.#annotated.refresh()) this.objectsChanged();
  }

  #expand(objects: Parameters<typeof expand>[0]): Expanded {
    const { rules, mutes } = expand(objects);
    return { rules: this.#annotated.leftTo(rules), mutes };
  }

  #ticked(): void {
    this.#receivers.refresh((this.#run.engine?.incidents() ?? []).map(({ incident }) => incident));
    this.#tellListeners();
  }

  #tellListeners(): void {
    for (const listener of this.#listeners) listener();
  }

  #makeSource(): AlertSource {
    const receivers = this.#receivers;
    const objectives = new ObjectivesNow(this.#run);
    return {
      now: () =>
        openNow(this.#run, {
          mutes: this.#expanded.mutes,
          nowMs: this.#deps.now(),
          hasTold: (incident) => receivers.hasTold(incident),
        }),
      onChanged: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
      past: (range, limit) => this.#past(range, limit),
      objectives: () => objectives.get(),
      objects: () => this.#shown(),
      apply: (yaml, isDryRun) => Promise.resolve(this.#apply(yaml, isDryRun)),
      remove: (kind, name) => Promise.resolve(this.#remove(kind, name)),
      backtest: (question, onProgress, signal) => this.#backtest(question, onProgress, signal),
      receivers: () => receivers.status(),
      test: (name) => receivers.test(name),
      settle: (name, ids, isDrop) => receivers.settle(name, ids, isDrop),
    };
  }

  /** What the engine refuses of objects that can be read, and what it waits for, is told with them. */
  #shown(): ReturnType<AlertSource["objects"]> {
    const { refused, waiting } = this.#run.engine ?? { refused: [], waiting: [] };
    const refusals = new Map(refused.map(({ rule, why }) => [rule, why]));
    const waits = new Map(waiting.map(({ rule, why }) => [rule, why]));
    return this.#objects.shown().map((object) => {
      const isRule = object.kind === "SLO" || object.kind === "Alert";
      if (!isRule) return { ...object, waits: "" };
      const error = object.error || (refusals.get(object.name) ?? "");
      return { ...object, error, waits: waits.get(object.name) ?? "" };
    });
  }

  async #past(...[range, limit]: Parameters<AlertSource["past"]>): ReturnType<AlertSource["past"]> {
    const events = await this.#deps.store.alertEvents(range, Math.min(limit * EVENTS_AN_ALERT, MAX_ALERT_EVENTS));
    const { rules } = this.#expanded;
    const alerts = alertsOf(events, (name) => rules.find((rule) => rule.name === name));
    return {
      alerts: alerts.slice(0, limit).map((alert) => ({ ...alert, mutedBy: "" })),
      causes: causesOf(events),
    };
  }

  #apply(yaml: string, isDryRun: boolean): Awaited<ReturnType<AlertSource["apply"]>> {
    const { changes, problems } = this.#objects.apply(yaml, isDryRun);
    if (!isDryRun && changes.length > 0) this.objectsChanged();
    return { changes, problems: problems.map(problemOf) };
  }

  #remove(kind: string, name: string): boolean {
    const isThere = this.#objects.remove(kind, name);
    if (isThere) this.objectsChanged();
    return isThere;
  }

  /** Of the rules in force, or of those of a text. */
  async #backtest(
    ...[question, onProgress, signal]: Parameters<AlertSource["backtest"]>
  ): ReturnType<AlertSource["backtest"]> {
    const { yaml, name, range } = question;
    const reading = yaml === "" ? undefined : readObjects(yaml, ALERTING_KINDS);
    const { rules } = reading ? this.#expand(reading.objects) : this.#expanded;
    const tested = rules.filter((rule) => name === "" || rule.name === name);
    const { store, now } = this.#deps;
    const { told, ...found } = await backtest(store, { rules: tested, range, nowMs: now(), onProgress, signal });
    return { ...found, incidents: told, range, problems: (reading?.problems ?? []).map(problemOf) };
  }
}

type StatedProblem = ReturnType<ObjectBook["apply"]>["problems"][number];

function problemOf({ file, line, column, field, kind, name, message, frame }: StatedProblem): ObjectProblem {
  return {
    ...{ file, line, column },
    message: field === "" ? message : `${field}: ${message}`,
    object: `${kind} ${name}`.trim(),
    frame: frame.join("\n"),
    field,
  };
}

interface Measured {
  readonly run: AlertRun;
  readonly journal: DurableJournal;
}

function registerAlertMetrics(registry: Registry, { run, journal }: Measured): void {
  const { gauge, counter, counterBy } = scrapedMetrics(registry);
  gauge("sidelight_alert_journal_events", "Changes of alerts that wait for the history.", () => journal.status.waiting);
  counter(
    "sidelight_alert_journal_dropped_events_total",
    "Changes of alerts that the history never gets, since it was away for too long.",
    () => journal.status.dropped,
  );
  counterBy(
    "sidelight_alert_cut_total",
    "What rules do not count or remember, since there is no room for it or it came too late.",
    { label: "kind", read: () => Object.entries(run.engine?.cut ?? {}) },
  );
  gauge("sidelight_alert_rules_refused", "Rules that cannot be judged.", () => run.engine?.refused.length ?? 0);
}
