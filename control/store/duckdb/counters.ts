import type { TimeRange } from "../store.ts";
import { readLevels } from "./levels.ts";
import type { LevelState } from "./levels.ts";
import { Partitions, createNone } from "./partitions.ts";
import { piecesOf } from "../pieces.ts";
import type { Piece, Steps } from "../pieces.ts";
import { LEVELS } from "./schema.ts";
import type { Level } from "./schema.ts";
import type { Transaction } from "./session.ts";
import type { Stretch } from "./spread.ts";

const COLUMNS = "key_id, start_ms, duration_ms, count, request_bytes, response_bytes, bucket_indexes, bucket_counts";

/** What of a row of counters counts: the stretch that it was read for. */
export const CLIP: Stretch = { from: "clip_from", to: "clip_to" };

/** What of a range is read, besides all. */
export interface CountersWanted {
  /** What it is to be divided into; undefined where it is not. */
  readonly steps?: Steps;
  /** Only counters of these keys, a few; of all where left out. */
  readonly keyIds?: readonly number[] | undefined;
}

/** The tables of counters and how far their levels have come, as one transaction sees them at one moment. */
export class CounterTables {
  readonly #tx: Transaction;
  readonly #levels: readonly LevelState[];
  readonly #partitions: Partitions;

  private constructor(tx: Transaction, levels: readonly LevelState[], partitions: Partitions) {
    this.#tx = tx;
    this.#levels = levels;
    this.#partitions = partitions;
  }

  /** @param all the levels of the counters */
  static async read(tx: Transaction, all: readonly Level[] = LEVELS): Promise<CounterTables> {
    return new CounterTables(tx, await readLevels(tx, all), await Partitions.read(tx));
  }

  /**
   * SQL for the counters that overlap a range, at the resolutions that fit (pieces.ts), each with the stretch of time
   * (`clip_from`, `clip_to`) that it counts for: what of it lies outside is read from another resolution.
   */
  counters(range: TimeRange, { steps, keyIds }: CountersWanted = {}): Promise<string> {
    const columnsOf = ({ fromMs, toMs }: Piece): string => `${COLUMNS}, ${fromMs} AS clip_from, ${toMs} AS clip_to`;
    const where = keyIds ? ` AND ${keyIds.length > 0 ? `key_id IN (${keyIds.join(", ")})` : "false"}` : "";
    return this.#sql(piecesOf(range, this.#levels, steps), columnsOf, where);
  }

  /** SQL for the keys (`key_id`, some more than once) of the counters that overlap a range, which the reporter rule asks for. */
  present(range: TimeRange): Promise<string> {
    return this.#sql(piecesOf(range, this.#levels), () => "key_id", "");
  }

  async #sql(pieces: readonly Piece[], columnsOf: (piece: Piece) => string, where: string): Promise<string> {
    const selects = pieces.flatMap((piece) => this.#piece(piece, columnsOf(piece), where));
    if (selects.length > 0) return selects.join("\nUNION ALL ");
    return `SELECT ${columnsOf({ fromMs: 0, toMs: 0, level: 0 })} FROM ${await createNone(this.#tx, this.#levels[0]!.table)}`;
  }

  /** A level's own rows, and of finer ones what is not rolled up yet. */
  #piece({ fromMs, toMs, level }: Piece, columns: string, where: string): string[] {
    return this.#levels.slice(0, level + 1).flatMap(({ table, number, longestMs }, at) => {
      const taken = at < level ? this.#levels[at + 1]!.taken : undefined;
      const isFresh = taken === undefined ? "" : ` AND ${number} > ${taken}`;
      const overlaps = `start_ms < ${toMs} AND start_ms > ${fromMs - longestMs} AND start_ms + duration_ms > ${fromMs}`;
      return this.#partitions.select(table, {
        columns,
        where: `${overlaps}${isFresh}${where}`,
        afterMs: fromMs,
        untilMs: toMs + longestMs,
        mayHave: (name) => taken === undefined || this.#tx.lastNumbers.mayBePast(name, taken),
      });
    });
  }
}
