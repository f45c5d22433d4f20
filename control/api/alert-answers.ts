import type { Objective } from "../alerts/objective.ts";
import type { TimeRange } from "../store/store.ts";
import { MAX_ALERTS, MAX_YAML_BYTES } from "./alert-questions.ts";
import type { AlertsQuestion, IncidentsQuestion, ObjectivesQuestion } from "./alert-questions.ts";
import type {
  AlertSource,
  Applied,
  BacktestQuestion,
  PastAlerts,
  ReceiverStatus,
  ShownAlert,
  ShownIncident,
  StatedObject,
} from "./alert-source.ts";
import { alertsOf } from "./alerts-feed.ts";
import { Backtests } from "./backtests.ts";
import type { BacktestRun } from "./backtests.ts";
import type { HistoryReader } from "./history-reader.ts";
import { HttpError } from "./http-errors.ts";
import { requireNode } from "./known-node.ts";
import { nearNames, oneOf } from "./near-names.ts";
import { asksForAll, isWanted } from "./open-alerts.ts";
import { pastIncidents } from "./past-incidents.ts";
import type { ApiSources } from "./sources.ts";

/** The answer of `GET /api/v1/alerts`. */
export interface AlertsAnswer {
  /** Up to when rules were judged, milliseconds since the epoch. */
  readonly atMs: number;
  /** Why rules cannot be judged just now; empty where they are. */
  readonly waits: string;
  readonly alerts: readonly ShownAlert[];
  /** Whether there are, or may be, more than these: of the past older ones. */
  readonly isCut: boolean;
}

/** The answer of `GET /api/v1/incidents`. */
export interface IncidentsAnswer {
  readonly atMs: number;
  readonly incidents: readonly ShownIncident[];
  /** As in `AlertsAnswer`. */
  readonly isCut: boolean;
}

/** The answer of `GET /api/v1/objectives`. */
export interface ObjectivesAnswer {
  readonly atMs: number;
  readonly objectives: readonly Objective[];
  /** How many there are. */
  readonly total: number;
}

/** The answer of `GET /api/v1/objects`. */
export interface ObjectsAnswer {
  readonly objects: readonly StatedObject[];
}

/** The answer of `GET /api/v1/receivers`. */
export interface ReceiversAnswer {
  readonly receivers: readonly ReceiverStatus[];
}

/** The answer of `POST /api/v1/receivers/NAME/test`. */
export interface TestAnswer {
  /** Why it was not taken; empty where it was. */
  readonly error: string;
}

/** The answer of `POST /api/v1/receivers/NAME/dead`. */
export interface SettledAnswer {
  readonly settled: number;
}

type AlertSources = Pick<ApiSources, "alerts" | "notReady" | "feed">;

/** Answers what is asked of alerts. Both APIs stand on it. Everything throws HttpError 503 while no rules are judged yet. */
export class AlertAnswers {
  readonly #sources: AlertSources;
  readonly #history: HistoryReader;
  readonly #backtests = new Backtests();

  constructor(sources: AlertSources, history: HistoryReader) {
    this.#sources = sources;
    this.#history = history;
  }

  /**
   * @param signal aborted when the asker is gone
   * @throws HttpError as `HistoryReader.read`. The same holds for `incidents`.
   */
  async alerts(question: AlertsQuestion, signal: AbortSignal): Promise<AlertsAnswer> {
    const { range, limit } = question;
    const { atMs, waits, alerts: open } = this.#source.now();
    // What is left of too few may be fewer than there are.
    const most = asksForAll(question) ? limit : MAX_ALERTS;
    const all = range ? (await this.#past(range, most, signal)).alerts : open;
    const wanted = all.filter(isWanted(question));
    const isCut = wanted.length > limit || (range !== undefined && all.length >= most);
    return { atMs, waits, alerts: wanted.slice(0, limit), isCut };
  }

  async incidents({ range, limit }: IncidentsQuestion, signal: AbortSignal): Promise<IncidentsAnswer> {
    const { atMs, incidents: open } = this.#source.now();
    if (!range) return { atMs, incidents: open.slice(0, limit), isCut: open.length > limit };
    const past = await this.#past(range, MAX_ALERTS, signal);
    // Of those that are open more is known.
    const known = new Map(open.map((incident) => [incident.id, incident]));
    const incidents = pastIncidents(past).map((incident) => known.get(incident.id) ?? incident);
    const isCut = incidents.length > limit || past.alerts.length >= MAX_ALERTS;
    return { atMs, incidents: incidents.slice(0, limit), isCut };
  }

  /** @throws HttpError 404 for an SLO or workload that nobody knows */
  objectives({ slo, workload, limit }: ObjectivesQuestion): ObjectivesAnswer {
    const source = this.#source;
    const objectives = source.objectives().filter(({ slo: name, labels }) => {
      if (slo !== "" && name !== slo) return false;
      return workload === "" || (labels["workload"] ?? labels["server.workload"]) === workload;
    });
    if (objectives.length === 0) this.#requireSlo(source, slo);
    if (objectives.length === 0) {
      requireNode([this.#sources.feed.latest()], { field: "workload", role: "node", id: workload });
    }
    return { atMs: source.now().atMs, objectives: objectives.slice(0, limit), total: objectives.length };
  }

  /** @param kind empty for all */
  objects(kind: string): ObjectsAnswer {
    const objects = this.#source.objects();
    return { objects: kind === "" ? objects : objects.filter((object) => object.kind === kind) };
  }

  receivers(): ReceiversAnswer {
    return { receivers: this.#source.receivers() };
  }

  /** @throws HttpError 413 for a text that is too long */
  apply(yaml: string, isDryRun: boolean): Promise<Applied> {
    const source = this.#source;
    requireShort(yaml);
    return source.apply(yaml, isDryRun);
  }

  /** @throws HttpError 404 where there is none, 409 where it cannot be deleted here */
  async remove(kind: string, name: string): Promise<void> {
    const source = this.#source;
    const ofKind = source.objects().filter((object) => object.kind === kind);
    const object = ofKind.find((each) => each.name === name);
    if (!object) throw unknown(kind, name, { field: "name", names: ofKind.map((each) => each.name) });
    if (object.origin === "file") {
      throw new HttpError(409, `${kind} ${name} is in the file ${object.file}; delete it there`, { field: "name" });
    }
    if (object.origin === "annotation") {
      const message = `${kind} ${name} is stated by an annotation of its workload; change it there`;
      throw new HttpError(409, message, { field: "name" });
    }
    if (object.origin === "default") {
      const message = `${kind} ${name} comes with Sidelight; to switch it off apply one of its name that is disabled`;
      throw new HttpError(409, message, { field: "name" });
    }
    if (!(await source.remove(kind, name))) throw unknown(kind, name, { field: "name", names: [] });
  }

  /** @throws TooManyBacktests; HttpError as `apply` */
  backtest(question: BacktestQuestion): BacktestRun {
    const source = this.#source;
    requireShort(question.yaml);
    return this.#backtests.begin((onProgress, signal) => source.backtest(question, onProgress, signal));
  }

  /** @throws HttpError 404 where there is no such receiver. The same holds for `settle`. */
  async test(receiver: string): Promise<TestAnswer> {
    const source = this.#source;
    const error = await source.test(receiver);
    if (error === undefined) throw unknownReceiver(source, receiver);
    return { error };
  }

  /** Tries again what was given up, or drops it. @param ids all, where empty */
  async settle(receiver: string, ids: readonly string[], isDrop: boolean): Promise<SettledAnswer> {
    const source = this.#source;
    if (!source.receivers().some(({ name }) => name === receiver)) throw unknownReceiver(source, receiver);
    return { settled: await source.settle(receiver, ids, isDrop) };
  }

  get #source(): AlertSource {
    return alertsOf(this.#sources);
  }

  /** Waits for its turn, as all do that read the store. */
  async #past(range: TimeRange, limit: number, signal: AbortSignal): Promise<PastAlerts> {
    const source = this.#source;
    return this.#history.read(signal, (_store, givenUp) => source.past(range, limit, givenUp));
  }

  #requireSlo(source: AlertSource, slo: string): void {
    if (slo === "") return;
    const names = source.objects().flatMap(({ kind, name }) => (kind === "SLO" ? [name] : []));
    if (!names.includes(slo)) throw unknown("SLO", slo, { field: "slo", names });
  }
}

function requireShort(yaml: string): void {
  if (Buffer.byteLength(yaml) <= MAX_YAML_BYTES) return;
  throw new HttpError(413, `"yaml" is longer than ${MAX_YAML_BYTES} bytes; send fewer objects at a time`, {
    field: "yaml",
  });
}

function unknownReceiver(source: AlertSource, receiver: string): HttpError {
  return unknown("receiver", receiver, { field: "name", names: source.receivers().map(({ name }) => name) });
}

/** That nothing has this name, and what was probably meant. */
function unknown(what: string, name: string, { field, names }: { field: string; names: readonly string[] }): HttpError {
  const near = nearNames(name, names);
  const hint = near.length > 0 ? `did you mean ${oneOf(near)}?` : `there are ${names.slice(0, 5).join(", ") || "none"}`;
  return new HttpError(404, `There is no ${what} "${name.slice(0, 128)}"; ${hint}`, { field });
}
