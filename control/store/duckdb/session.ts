import type { DuckDBConnection, DuckDBDataChunk, DuckDBValue } from "@duckdb/node-api";
import { LastNumbers } from "./last-numbers.ts";

/** A row of an answer, by column name. Numbers come as numbers: queries cast what would be a bigint to DOUBLE. */
export type Row = Record<string, unknown>;

/** Named parameters of a statement. */
export type Parameters = Record<string, DuckDBValue>;

/** A connection that runs one transaction at a time, in the order in which they were asked for. */
export class Session {
  readonly #connection: DuckDBConnection;
  readonly #lastNumbers: LastNumbers;
  #last: Promise<unknown> = Promise.resolve();

  /** @param lastNumbers one for all sessions of a history */
  constructor(connection: DuckDBConnection, lastNumbers = new LastNumbers()) {
    this.#connection = connection;
    this.#lastNumbers = lastNumbers;
  }

  /**
   * Runs `work` in a transaction of its own: all of it happens, or nothing. `committed` is called with its result after
   * the commit and before the next transaction begins; what mirrors the database in memory is changed there.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, committed?: (result: T) => void): Promise<T> {
    const result = this.#last.then(async () => {
      const answer = await this.#transact(work);
      committed?.(answer);
      return answer;
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** The same for what only reads, and may be given up: before its turn it is not begun, later it is broken off. */
  read<T>(work: (tx: Transaction) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const result = this.#last.then(() => {
      signal?.throwIfAborted();
      return this.#transact(work, signal);
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Yields what `work` yields, in a transaction that lasts until the reader has had enough. */
  async *stream<T>(work: (tx: Transaction) => AsyncGenerator<T>, signal?: AbortSignal): AsyncGenerator<T> {
    await this.#connection.run("BEGIN TRANSACTION");
    try {
      yield* work(new Transaction(this.#connection, this.#lastNumbers, signal));
    } finally {
      await this.#connection.run("ROLLBACK").catch(() => undefined);
    }
  }

  /** Runs one statement outside a transaction, after those that were asked for before. */
  run(sql: string): Promise<void> {
    const result = this.#last.then(() => this.#connection.run(sql)).then(() => undefined);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Waits for what was asked for, then disconnects. */
  async close(): Promise<void> {
    await this.#last;
    this.#connection.closeSync();
  }

  async #transact<T>(work: (tx: Transaction) => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#connection.run("BEGIN TRANSACTION");
    try {
      const result = await work(new Transaction(this.#connection, this.#lastNumbers, signal));
      await this.#connection.run("COMMIT");
      return result;
    } catch (error) {
      // A statement that failed may have ended the transaction already; what counts is the first error.
      await this.#connection.run("ROLLBACK").catch(() => undefined);
      throw error;
    }
  }
}

/** An interruption that comes before the engine has begun with a statement is lost, so it is repeated this often, milliseconds. */
const INTERRUPT_EVERY_MS = 20;

/** What can be done inside a transaction. */
export class Transaction {
  readonly connection: DuckDBConnection;
  readonly lastNumbers: LastNumbers;
  readonly #signal: AbortSignal | undefined;

  /** @param signal aborted when nobody waits for the answer any more */
  constructor(connection: DuckDBConnection, lastNumbers: LastNumbers, signal?: AbortSignal) {
    this.connection = connection;
    this.lastNumbers = lastNumbers;
    this.#signal = signal;
  }

  /**
   * Runs a statement, or several where there are no parameters. With parameters it is prepared, which takes two more answers of the
   * engine, and each of these waits for a turn of the event loop.
   */
  async run(sql: string, parameters?: Parameters): Promise<void> {
    await this.#unlessGivenUp(() => this.connection.run(sql, parameters));
  }

  async rows(sql: string, parameters?: Parameters): Promise<Row[]> {
    const reader = await this.#unlessGivenUp(() => this.connection.runAndReadAll(sql, parameters));
    return reader.getRowObjectsJS();
  }

  /** The rows in pieces as the engine makes them, so that a long answer is never in memory as a whole. */
  async *stream(sql: string, parameters: Parameters = {}): AsyncGenerator<Row> {
    const result = await this.#unlessGivenUp(() => this.connection.stream(sql, parameters));
    const pieces: AsyncIterator<Row[]> = result.yieldRowObjectJs();
    for (;;) {
      const piece = await this.#unlessGivenUp(() => pieces.next());
      if (piece.done) return;
      yield* piece.value;
    }
  }

  /** The same by column, which spares an object for each row. */
  async *chunks(sql: string): AsyncGenerator<DuckDBDataChunk> {
    const result = await this.#unlessGivenUp(() => this.connection.stream(sql));
    for (;;) {
      const chunk = await this.#unlessGivenUp(() => result.fetchChunk());
      if (!chunk || chunk.rowCount === 0) return;
      yield chunk;
    }
  }

  /** The same, each piece as its columns, which of many short rows takes a third of the time. */
  async *columns(sql: string): AsyncGenerator<readonly (readonly DuckDBValue[])[]> {
    for await (const chunk of this.chunks(sql)) yield chunk.getColumns();
  }

  /** Interrupts what is under way as soon as it is given up. The error is then the signal's reason. */
  async #unlessGivenUp<T>(work: () => Promise<T>): Promise<T> {
    const signal = this.#signal;
    if (!signal) return work();
    signal.throwIfAborted();
    let again: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      this.connection.interrupt();
      again = setTimeout(interrupt, INTERRUPT_EVERY_MS);
    };
    signal.addEventListener("abort", interrupt, { once: true });
    try {
      return await work();
    } finally {
      clearTimeout(again);
      signal.removeEventListener("abort", interrupt);
      signal.throwIfAborted();
    }
  }
}
