import type { NodeIdentity } from "../../identity/node.ts";
import type { Exemplar, Loss, ReportedWindow } from "../../identity/observation.ts";
import type { RouteOf } from "../../routes/route-of.ts";
import type { AlertEvent, AlertSelection } from "../alert-event.ts";
import type { HistoryStep, StepsQuestion } from "../history-step.ts";
import { MAX_ALERT_EVENTS, checkAlertEvent, checkHistory, checkLimit, checkRange, checkSeries } from "../questions.ts";
import { DEFAULT_KEPT } from "../resolutions.ts";
import type {
  EdgeTotal,
  PodRangeSums,
  RangeSums,
  Selection,
  SeriesAnswer,
  SeriesQuestion,
  Store,
  TimeRange,
} from "../store.ts";
import { readAlertEvents } from "./alert-events.ts";
import { InfluxClient } from "./client.ts";
import { readExemplars } from "./exemplars.ts";
import { Journal } from "./journal.ts";
import { bucketName, namesBucket, resolutionsOf } from "./layout.ts";
import { Levels } from "./levels.ts";
import { readLosses } from "./losses.ts";
import { Names } from "./names.ts";
import type { InfluxOptions } from "./options.ts";
import { readPods } from "./pods.ts";
import { Reader } from "./reader.ts";
import { readSeries } from "./series.ts";
import { readSteps } from "./steps.ts";
import { countReporters, readSums } from "./sums.ts";
import { readTotals } from "./totals.ts";
import { readWindows } from "./windows.ts";
import { Writer } from "./writer.ts";

/**
 * History in InfluxDB 2 (layout.ts has the layout). Several controls write to one; each reads what all have written.
 *
 * InfluxDB need not be there when the store is opened: what needs it waits for it, by failing until it answers. What was
 * handed over is never lost in between: it lies in the journal (journal.ts).
 */
export class InfluxStore implements Store {
  readonly #client: InfluxClient;
  readonly #levels: Levels;
  readonly #names: Names;
  readonly #reader: Reader;
  readonly #writer: Writer;
  readonly #prefix: string;

  private constructor(options: InfluxOptions, journal: Journal) {
    this.#prefix = options.prefix;
    this.#client = new InfluxClient(options, options.onDropped);
    this.#levels = new Levels(resolutionsOf(options.kept ?? DEFAULT_KEPT), options.now);
    this.#names = new Names(options.maxSeries, options.maxPodSeries);
    const { prefix } = options;
    const { replica } = journal.state;
    this.#reader = new Reader(this.#client, this.#levels, { prefix, replica, dirty: () => this.#writer.dirty });
    const parts = { client: this.#client, levels: this.#levels, names: this.#names, reader: this.#reader };
    this.#writer = new Writer(parts, journal, options);
  }

  /** Opens the history, or begins one. Throws a StoreOpenError where the journal cannot be used. */
  static open(options: InfluxOptions): InfluxStore {
    return new InfluxStore(options, Journal.open(options.journal));
  }

  append(windows: readonly ReportedWindow[], cursor: number): Promise<void> {
    return this.#writer.append(windows, cursor);
  }

  moveRoutes(routeOf: RouteOf, servers?: ReadonlySet<string>): Promise<void> {
    return this.#writer.moveRoutes(routeOf, servers);
  }

  /** That of the journal, which InfluxDB follows: what was handed over is sent before anything else. */
  cursor(): Promise<number> {
    return Promise.resolve(this.#writer.cursor);
  }

  async series(question: SeriesQuestion, signal?: AbortSignal): Promise<SeriesAnswer> {
    const checked = checkSeries(question);
    await this.#writer.ready();
    return readSeries({ ...this.#source, namesBucket: namesBucket(this.#prefix) }, checked, signal);
  }

  async *steps(question: StepsQuestion, signal?: AbortSignal): AsyncGenerator<HistoryStep> {
    checkHistory(question);
    await this.#writer.ready();
    yield* readSteps(this.#source, question, signal);
  }

  async totals(range: TimeRange, signal?: AbortSignal): Promise<EdgeTotal[]> {
    checkRange(range);
    await this.#writer.ready();
    return readTotals(this.#source, range, signal);
  }

  async sums(range: TimeRange, signal?: AbortSignal): Promise<RangeSums> {
    checkRange(range);
    await this.#writer.ready();
    const isKnown = range.fromMs >= this.#levels.expiredBeforeMs(0);
    const [sums, losses, reporters] = await Promise.all([
      readSums({ ...this.#source, namesBucket: namesBucket(this.#prefix) }, range, signal),
      this.losses(range),
      isKnown ? countReporters(this.#client, this.#bucket(0), range, this.#levels.plainUpToMs) : null,
    ]);
    return { ...sums, losses, reporters };
  }

  async pods(range: TimeRange, signal?: AbortSignal): Promise<PodRangeSums> {
    checkRange(range);
    await this.#writer.ready();
    return readPods({ ...this.#source, namesBucket: namesBucket(this.#prefix) }, range, signal);
  }

  async losses(range: TimeRange): Promise<Loss[]> {
    checkRange(range);
    await this.#writer.ready();
    return readLosses({ ...this.#source, bucketOf: (level) => this.#bucket(level) }, range);
  }

  async exemplars(selection: Selection, range: TimeRange, limit: number): Promise<Exemplar[]> {
    checkRange(range);
    checkLimit(limit);
    await this.#writer.ready();
    return readExemplars(this.#source, this.#writer.exemplarPlaces(range), { selection, limit });
  }

  async recordAlerts(events: readonly AlertEvent[]): Promise<void> {
    for (const event of events) checkAlertEvent(event);
    if (events.length > 0) await this.#writer.recordAlerts(events);
  }

  async alertEvents(range: TimeRange, limit: number, selection: AlertSelection = {}): Promise<AlertEvent[]> {
    checkRange(range);
    checkLimit(limit, MAX_ALERT_EVENTS);
    await this.#writer.ready();
    const level = this.#levels.coarsest;
    const told = { ...range, fromMs: Math.max(range.fromMs, this.#levels.expiredBeforeMs(level)) };
    if (told.fromMs >= told.toMs) return [];
    return readAlertEvents({ client: this.#client, bucket: this.#bucket(level) }, told, { ...selection, limit });
  }

  async *windows(range: TimeRange): AsyncGenerator<ReportedWindow> {
    checkRange(range);
    await this.#writer.ready();
    yield* readWindows({ ...this.#source, prefix: this.#prefix }, range);
  }

  async nodes(): Promise<NodeIdentity[]> {
    await this.#writer.ready();
    return this.#names.identities();
  }

  expire(nowMs: number): Promise<void> {
    return this.#writer.expire(nowMs);
  }

  async close(): Promise<void> {
    await this.#writer.close();
    this.#client.close();
  }

  /** Fails what is under way, and whatever is asked for from now on. */
  breakOff(): void {
    this.#client.close();
  }

  get #source() {
    return { client: this.#client, reader: this.#reader, levels: this.#levels, names: this.#names };
  }

  #bucket(level: number): string {
    return bucketName(this.#prefix, this.#levels.at(level));
  }
}
