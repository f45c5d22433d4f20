/**
 * The last number (schema.ts) that each table of counters may have. What is not rolled up yet lies in one or two of a
 * level's tables; without knowing in which, a question about a month would have to be put to all of them.
 *
 * It is told before a transaction is committed and forgets nothing when one fails, so a table has never rows with higher
 * numbers than it says, whatever moment a reader sees. Of a table that it does not know it says that it may have any.
 */
export class LastNumbers {
  readonly #byTable = new Map<string, number>();

  /** A table may get rows with numbers up to this one. */
  note(table: string, number: number): void {
    this.#byTable.set(table, Math.max(number, this.#byTable.get(table) ?? 0));
  }

  /** A table is dropped. */
  forget(table: string): void {
    this.#byTable.delete(table);
  }

  /** Whether a table may have rows with higher numbers than this one. */
  mayBePast(table: string, number: number): boolean {
    return (this.#byTable.get(table) ?? Infinity) > number;
  }
}
