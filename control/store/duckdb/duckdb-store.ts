import type { DuckDBInstance } from "@duckdb/node-api";
import type { NodeIdentity } from "../../identity/node.ts";
import type { Exemplar, Loss, ReportedWindow } from "../../identity/observation.ts";
import type { RouteOf } from "../../routes/route-of.ts";
import { TooMuchWork } from "../../world/pattern.ts";
import type { AlertEvent, AlertSelection } from "../alert-event.ts";
import { ExemplarBudget } from "../exemplar-budget.ts";
import {
  MAX_ALERT_EVENTS,
  checkAlertEvent,
  checkCursor,
  checkHistory,
  checkLimit,
  checkRange,
  checkSeries,
} from "../questions.ts";
import type { HistoryStep, StepsQuestion } from "../history-step.ts";
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
import { readAlertEvents, recordAlerts } from "./alert-events.ts";
import { appendWindows } from "./append.ts";
import type { Added, Mirror } from "./append.ts";
import { diskUse, dropOldest } from "./disk.ts";
import { countByHour, readExemplars } from "./exemplars.ts";
import { dropExpired, wereNamesDropped, werePodsDropped } from "./expire.ts";
import type { Dropped } from "./expire.ts";
import { LastNumbers } from "./last-numbers.ts";
import { noteLastNumbers, readLevels } from "./levels.ts";
import { readLosses } from "./losses.ts";
import { moveRoutes } from "./move-routes.ts";
import { Names } from "./names.ts";
import { openDatabase } from "./open.ts";
import type { DuckDbOptions } from "./open.ts";
import { PodNames } from "./pod-names.ts";
import { readPods } from "./pods.ts";
import { latestStart, progressSql, readCursor, readProgress } from "./progress.ts";
import { RollUps } from "./roll-ups.ts";
import { POD_LEVELS } from "./schema.ts";
import { readSeries } from "./series.ts";
import { Session } from "./session.ts";
import type { Transaction } from "./session.ts";
import { readSteps } from "./steps.ts";
import { readSums } from "./sums.ts";
import { readTotals } from "./totals.ts";
import { readWindows } from "./windows.ts";

/** A history that takes too much is brought below this share of what it may take, in so many steps at a time. */
const ROOM_AFTER_CAPPING = 0.9;
const DROPPED_AT_ONCE = 50;

/**
 * History in an embedded DuckDB (schema.ts has the layout). One process holds the file; within it writes and reads run
 * side by side, each in transactions of its own.
 */
export class DuckDbStore implements Store {
  readonly #options: DuckDbOptions;
  readonly #instance: DuckDBInstance;
  readonly #writer: Session;
  readonly #reader: Session;
  readonly #rollUps: RollUps;
  readonly #lastNumbers: LastNumbers;
  #names = new Names();
  #pods = new PodNames();
  #exemplars = new ExemplarBudget();

  private constructor(
    options: DuckDbOptions,
    instance: DuckDBInstance,
    lastNumbers: LastNumbers,
    sessions: { writer: Session; reader: Session; roller: Session },
  ) {
    this.#options = options;
    this.#instance = instance;
    this.#writer = sessions.writer;
    this.#reader = sessions.reader;
    this.#rollUps = new RollUps(sessions.roller, (doing, result) => this.#explain(doing, result));
    this.#lastNumbers = lastNumbers;
  }

  /** Opens the history, or begins one. Throws a StoreOpenError. */
  static async open(options: DuckDbOptions): Promise<DuckDbStore> {
    const instance = await openDatabase(options);
    const lastNumbers = new LastNumbers();
    const writer = new Session(await instance.connect(), lastNumbers);
    const reader = new Session(await instance.connect(), lastNumbers);
    const roller = new Session(await instance.connect(), lastNumbers);
    const store = new DuckDbStore(options, instance, lastNumbers, { writer, reader, roller });
    await store.#write(
      "Reading the names",
      async (tx) => {
        await noteLastNumbers(tx);
        return {
          names: await Names.load(tx, options.maxKeys),
          pods: await PodNames.load(tx, options.maxPodKeys),
          exemplars: await countByHour(tx),
          levels: [...(await readLevels(tx)), ...(await readLevels(tx, POD_LEVELS))],
        };
      },
      ({ names, pods, exemplars, levels }) => {
        store.#names = names;
        store.#pods = pods;
        store.#rollUps.reached(levels);
        store.#exemplars = new ExemplarBudget(exemplars, options.exemplarLimits);
      },
    );
    return store;
  }

  async append(windows: readonly ReportedWindow[], cursor: number): Promise<void> {
    checkCursor(cursor);
    this.#rollUps.throwIfFailed();
    const isNew = await this.#write(
      `Appending ${windows.length} windows`,
      (tx) => this.#append(tx, windows, cursor),
      (added) => {
        if (!added) return;
        this.#names.keep(added.keys, added.identities);
        this.#pods.keep(added.podKeys);
        this.#exemplars.keep(added.exemplars);
      },
    );
    if (isNew && windows.length > 0) this.#rollUps.start(latestStart(windows));
  }

  async moveRoutes(routeOf: RouteOf, servers?: ReadonlySet<string>): Promise<void> {
    await this.#write(
      "Moving routes",
      (tx) => moveRoutes(tx, routeOf, servers),
      (moves) => this.#names.move(moves),
    );
  }

  cursor(): Promise<number> {
    return this.#read("Reading the cursor", readCursor);
  }

  async series(question: SeriesQuestion, signal?: AbortSignal): Promise<SeriesAnswer> {
    const checked = checkSeries(question);
    return this.#read("Reading series", (tx) => readSeries(tx, checked), signal);
  }

  async *steps(question: StepsQuestion, signal?: AbortSignal): AsyncGenerator<HistoryStep> {
    checkHistory(question);
    yield* this.#stream("Reading steps", (tx) => readSteps(tx, question), signal);
  }

  async totals(range: TimeRange, signal?: AbortSignal): Promise<EdgeTotal[]> {
    checkRange(range);
    return this.#read("Reading totals", (tx) => readTotals(tx, range), signal);
  }

  async sums(range: TimeRange, signal?: AbortSignal): Promise<RangeSums> {
    checkRange(range);
    return this.#read("Reading sums", (tx) => readSums(tx, range), signal);
  }

  async pods(range: TimeRange, signal?: AbortSignal): Promise<PodRangeSums> {
    checkRange(range);
    return this.#read("Reading pods", (tx) => readPods(tx, range), signal);
  }

  async losses(range: TimeRange): Promise<Loss[]> {
    checkRange(range);
    return this.#read("Reading losses", (tx) => readLosses(tx, range));
  }

  async exemplars(selection: Selection, range: TimeRange, limit: number): Promise<Exemplar[]> {
    checkRange(range);
    checkLimit(limit);
    return this.#read("Reading requests by name", (tx) => readExemplars(tx, { selection, range, limit }));
  }

  async recordAlerts(events: readonly AlertEvent[]): Promise<void> {
    for (const event of events) checkAlertEvent(event);
    if (events.length === 0) return;
    await this.#write(`Recording ${events.length} events of alerts`, (tx) => recordAlerts(tx, events));
  }

  async alertEvents(range: TimeRange, limit: number, selection: AlertSelection = {}): Promise<AlertEvent[]> {
    checkRange(range);
    checkLimit(limit, MAX_ALERT_EVENTS);
    return this.#read("Reading events of alerts", (tx) => readAlertEvents(tx, range, { ...selection, limit }));
  }

  async *windows(range: TimeRange): AsyncGenerator<ReportedWindow> {
    checkRange(range);
    yield* this.#stream("Reading windows", (tx) => readWindows(tx, range));
  }

  nodes(): Promise<NodeIdentity[]> {
    return Promise.resolve(this.#names.identities());
  }

  async expire(nowMs: number): Promise<void> {
    const { kept = DEFAULT_KEPT, onDisk } = this.#options;
    const dropped = await this.#drop("Expiring", (tx) => dropExpired(tx, nowMs, kept));
    if (dropped.length > 0) await this.#giveBack();
    const capped = await this.#cap();
    onDisk?.({ ...(await diskUse(this.#reader, this.#options.path)), capped });
  }

  async close(): Promise<void> {
    await this.#rollUps.close();
    await this.#writer.close();
    await this.#reader.close();
    this.#instance.closeSync();
  }

  /** Drops the finest and oldest until the history takes no more than it may. */
  async #cap(): Promise<Dropped[]> {
    const { maxBytes = Infinity, path } = this.#options;
    const capped: Dropped[] = [];
    const isPast = async (bytes: number): Promise<boolean> => (await diskUse(this.#reader, path)).usedBytes > bytes;
    // What is free is only known of a log that is folded in, and that waits for those who read.
    if (!(await isPast(maxBytes)) || !(await this.#giveBack())) return capped;
    while (capped.length < DROPPED_AT_ONCE && (await isPast(maxBytes * ROOM_AFTER_CAPPING))) {
      const dropped = await this.#drop("Dropping the oldest", async (tx) => {
        const oldest = await dropOldest(tx);
        return oldest ? [oldest] : [];
      });
      capped.push(...dropped);
      if (dropped.length === 0 || !(await this.#giveBack())) break;
    }
    return capped;
  }

  async #drop(doing: string, work: (tx: Transaction) => Promise<Dropped[]>): Promise<Dropped[]> {
    const { dropped } = await this.#rollUps.without(() =>
      this.#write(
        doing,
        async (tx) => {
          const dropped = await work(tx);
          const { maxKeys, maxPodKeys } = this.#options;
          const names = wereNamesDropped(dropped) ? await Names.load(tx, maxKeys) : this.#names;
          const pods = werePodsDropped(dropped) ? await PodNames.load(tx, maxPodKeys) : this.#pods;
          return { dropped, names, pods };
        },
        ({ names, pods }) => {
          this.#names = names;
          this.#pods = pods;
        },
      ),
    );
    return dropped;
  }

  /** Gives the space of dropped tables back. Refused while someone reads; then a later commit does it by itself. */
  #giveBack(): Promise<boolean> {
    return this.#writer.run("CHECKPOINT").then(
      () => true,
      () => false,
    );
  }

  async #append(tx: Transaction, windows: readonly ReportedWindow[], cursor: number): Promise<Added | undefined> {
    const before = await readProgress(tx);
    if (cursor <= before.cursor) return undefined;
    const added = await appendWindows(tx, this.#mirror, { windows, firstId: before.lastNumber + 1 });
    await tx.run(progressSql(before, windows, cursor));
    return added;
  }

  get #mirror(): Mirror {
    return { names: this.#names, pods: this.#pods, exemplars: this.#exemplars };
  }

  #write<T>(doing: string, work: (tx: Transaction) => Promise<T>, committed?: (result: T) => void): Promise<T> {
    return this.#explain(doing, this.#writer.transaction(work, committed));
  }

  #read<T>(doing: string, work: (tx: Transaction) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#explain(doing, this.#reader.read(work, signal), signal);
  }

  /** On a connection of its own, so that nobody waits for the one who reads. */
  async *#stream<T>(
    doing: string,
    work: (tx: Transaction) => AsyncGenerator<T>,
    signal?: AbortSignal,
  ): AsyncGenerator<T> {
    const session = new Session(await this.#instance.connect(), this.#lastNumbers);
    try {
      yield* session.stream(work, signal);
    } catch (cause) {
      throw this.#explained(doing, cause, signal);
    } finally {
      await session.close();
    }
  }

  async #explain<T>(doing: string, result: Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await result;
    } catch (cause) {
      throw this.#explained(doing, cause, signal);
    }
  }

  #explained(doing: string, cause: unknown, signal?: AbortSignal): unknown {
    // These are for the one who asks: they say what was too much, or why it was given up.
    if (cause instanceof TooMuchWork || signal?.aborted) return cause;
    return new Error(`${doing} in the store at ${this.#options.path}`, { cause });
  }
}
