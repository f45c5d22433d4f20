import type { DuckDBInstance } from "@duckdb/node-api";
import type { NodeIdentity } from "../../identity/node.ts";
import type { Exemplar, Loss, ReportedWindow } from "../../identity/observation.ts";
import type { RouteOf } from "../../routes/route-of.ts";
import { ExemplarBudget } from "../exemplar-budget.ts";
import { checkCursor, checkLimit, checkRange, checkSeries } from "../questions.ts";
import type { EdgeTotal, RangeSums, Selection, SeriesPoint, Store, TimeRange } from "../store.ts";
import { appendWindows } from "./append.ts";
import type { Added, Mirror } from "./append.ts";
import { countByHour, readExemplars } from "./exemplars.ts";
import { dropExpired } from "./expire.ts";
import { moveRoutes } from "./move-routes.ts";
import { Names } from "./names.ts";
import { openDatabase } from "./open.ts";
import type { DuckDbOptions } from "./open.ts";
import { rollUp } from "./roll-up.ts";
import { readSeries } from "./series.ts";
import { Session } from "./session.ts";
import type { Transaction } from "./session.ts";
import { readSums } from "./sums.ts";
import { readLosses, readTotals } from "./totals.ts";
import { readWindows } from "./windows.ts";

/** Windows are rolled up when they reach this far beyond the last roll-up, in milliseconds of their own time. */
const ROLL_UP_EVERY_MS = 60_000;

/**
 * History in an embedded DuckDB (schema.ts has the layout). One process holds the file; within it writes and reads run
 * side by side, each in transactions of its own.
 */
export class DuckDbStore implements Store {
  readonly #path: string;
  readonly #maxKeys: number | undefined;
  readonly #instance: DuckDBInstance;
  readonly #writer: Session;
  readonly #reader: Session;
  #names = new Names();
  #exemplars = new ExemplarBudget();
  #rolledUpToMs = -Infinity;

  private constructor(
    { path, maxKeys }: DuckDbOptions,
    instance: DuckDBInstance,
    sessions: { writer: Session; reader: Session },
  ) {
    this.#path = path;
    this.#maxKeys = maxKeys;
    this.#instance = instance;
    this.#writer = sessions.writer;
    this.#reader = sessions.reader;
  }

  /** Opens the history, or begins one. Throws a StoreOpenError. */
  static async open(options: DuckDbOptions): Promise<DuckDbStore> {
    const instance = await openDatabase(options);
    const writer = new Session(await instance.connect());
    const reader = new Session(await instance.connect());
    const store = new DuckDbStore(options, instance, { writer, reader });
    await store.#write(
      "Reading the names",
      async (tx) => ({ names: await Names.load(tx, options.maxKeys), exemplars: await countByHour(tx) }),
      ({ names, exemplars }) => {
        store.#names = names;
        store.#exemplars = new ExemplarBudget(exemplars, options.exemplarLimits);
      },
    );
    return store;
  }

  async append(windows: readonly ReportedWindow[], cursor: number): Promise<void> {
    checkCursor(cursor);
    const isNew = await this.#write(
      `Appending ${windows.length} windows`,
      (tx) => this.#append(tx, windows, cursor),
      (added) => {
        if (!added) return;
        this.#names.keep(added.keys, added.identities);
        this.#exemplars.keep(added.exemplars);
      },
    );
    if (!isNew) return;
    const latestMs = windows.reduce((latest, window) => Math.max(latest, window.startMs), -Infinity);
    if (this.#rolledUpToMs === -Infinity) this.#rolledUpToMs = latestMs;
    if (latestMs < this.#rolledUpToMs + ROLL_UP_EVERY_MS) return;
    await this.#write("Rolling up", rollUp);
    this.#rolledUpToMs = latestMs;
  }

  async moveRoutes(routeOf: RouteOf, servers?: ReadonlySet<string>): Promise<void> {
    await this.#write(
      "Moving routes",
      (tx) => moveRoutes(tx, routeOf, servers),
      (moves) => this.#names.move(moves),
    );
  }

  cursor(): Promise<number> {
    return this.#read("Reading the cursor", async (tx) => (await readState(tx)).cursor);
  }

  async series(selection: Selection, range: TimeRange, stepMs: number): Promise<SeriesPoint[]> {
    const points = checkSeries(range, stepMs);
    return this.#read("Reading a series", (tx) => readSeries(tx, { selection, range, stepMs, points }));
  }

  async totals(range: TimeRange): Promise<EdgeTotal[]> {
    checkRange(range);
    return this.#read("Reading totals", (tx) => readTotals(tx, range));
  }

  async sums(range: TimeRange): Promise<RangeSums> {
    checkRange(range);
    return this.#read("Reading sums", (tx) => readSums(tx, range));
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

  async *windows(range: TimeRange): AsyncGenerator<ReportedWindow> {
    checkRange(range);
    const session = new Session(await this.#instance.connect());
    try {
      yield* session.stream((tx) => readWindows(tx, range));
    } catch (error) {
      throw new Error(`Reading windows from the store at ${this.#path}`, { cause: error });
    } finally {
      await session.close();
    }
  }

  nodes(): Promise<NodeIdentity[]> {
    return Promise.resolve(this.#names.identities());
  }

  async expire(nowMs: number): Promise<void> {
    const names = await this.#write(
      "Expiring",
      async (tx) => {
        await rollUp(tx);
        return (await dropExpired(tx, nowMs)) > 0 ? Names.load(tx, this.#maxKeys) : undefined;
      },
      (left) => left && (this.#names = left),
    );
    if (!names) return;
    // Gives the space of the dropped tables back. Refused while someone reads; then a later commit does it by itself.
    await this.#writer.run("CHECKPOINT").catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#reader.close();
    this.#instance.closeSync();
  }

  async #append(tx: Transaction, windows: readonly ReportedWindow[], cursor: number): Promise<Added | undefined> {
    const state = await readState(tx);
    if (cursor <= state.cursor) return undefined;
    const added = await appendWindows(tx, this.#mirror, { windows, firstId: state.lastWindow + 1 });
    const lastWindow = state.lastWindow + windows.length;
    await tx.run(`UPDATE state SET cursor = ${cursor}, last_window = ${lastWindow}`);
    return added;
  }

  get #mirror(): Mirror {
    return { names: this.#names, exemplars: this.#exemplars };
  }

  #write<T>(doing: string, work: (tx: Transaction) => Promise<T>, committed?: (result: T) => void): Promise<T> {
    return this.#explain(doing, this.#writer.transaction(work, committed));
  }

  #read<T>(doing: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#explain(doing, this.#reader.transaction(work));
  }

  async #explain<T>(doing: string, result: Promise<T>): Promise<T> {
    try {
      return await result;
    } catch (cause) {
      throw new Error(`${doing} in the store at ${this.#path}`, { cause });
    }
  }
}

async function readState(tx: Transaction): Promise<{ readonly cursor: number; readonly lastWindow: number }> {
  const [state] = await tx.rows("SELECT cursor::DOUBLE AS cursor, last_window::DOUBLE AS last_window FROM state");
  return { cursor: state!["cursor"] as number, lastWindow: state!["last_window"] as number };
}
