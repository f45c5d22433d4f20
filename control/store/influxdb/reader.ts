import type { TimeRange } from "../store.ts";
import type { InfluxClient, Series } from "./client.ts";
import type { Dirty } from "./dirty.ts";
import { REQUESTS, SPAN_OWN, STATE, bucketName } from "./layout.ts";
import type { Level, Levels } from "./levels.ts";
import { MAX_STRETCHES } from "./limits.ts";
import { original, quoted } from "./line.ts";
import { COUNTER_FIELDS, keyOf } from "./rows.ts";
import type { CounterRow, Key } from "./rows.ts";
import { common, stretchesOf, without } from "./stretches.ts";

/** What is to be read. */
export interface Wanted {
  readonly range: TimeRange;
  readonly level: Level;
  /** Further conditions in InfluxQL, each beginning with " AND ". */
  readonly where?: string;
  /** Only what this control wrote. */
  readonly own?: boolean;
  /** Windows longer than this are left out. */
  readonly upToMs?: number;
  /** Aborted when nobody waits for it any more. */
  readonly signal?: AbortSignal | undefined;
}

/** A question to one bucket: a level, the stretches of time that are wanted of it, and the longest windows of it. */
interface Part {
  readonly level: Level;
  readonly stretches: readonly TimeRange[];
  readonly upToMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads counters, each once, from the level that is asked for; and where slots of it are to be merged again, from the
 * finer one.
 */
export class Reader {
  readonly #client: InfluxClient;
  readonly #levels: Levels;
  readonly #bucket: (level: Level) => string;
  readonly #replica: string;
  readonly #ownDirty: () => Dirty;

  constructor(
    client: InfluxClient,
    levels: Levels,
    where: { readonly prefix: string; readonly replica: string; readonly dirty: () => Dirty },
  ) {
    this.#client = client;
    this.#levels = levels;
    this.#bucket = (level) => bucketName(where.prefix, levels.at(level));
    this.#replica = where.replica;
    this.#ownDirty = where.dirty;
  }

  /** The counters that overlap a range. */
  async *rows(wanted: Wanted): AsyncGenerator<CounterRow> {
    const where = this.#where(wanted);
    for (const part of await this.#parts(wanted)) {
      for (const stretch of part.clean) yield* this.#plain(part, stretch, where);
      yield* this.#own(part, where);
    }
  }

  /**
   * Who reports what of whom in a range: the keys of all counters that overlap it, some more than once.
   *
   * @param tags those that are told apart; by default no more than the reporter rule needs
   */
  async present(wanted: Wanted, tags: "*" | "side, client, server" = "side, client, server"): Promise<Key[]> {
    const keys: Key[] = [];
    for (const part of await this.#parts(wanted)) {
      for (const stretch of part.clean) keys.push(...(await this.#presentIn(part, stretch, tags)));
      for await (const { key } of this.#own(part, "", ["count", "duration_ms"])) keys.push(key);
    }
    return keys;
  }

  /** Sums of whole slots are made by the server; what overlaps the edges of a stretch is looked at one by one. */
  async #presentIn(part: Part, stretch: TimeRange, by: string): Promise<Key[]> {
    const lookBackMs = part.level === 0 ? this.#levels.plainUpToMs : this.#levels.slotMs(part.level);
    const keys: Key[] = [];
    const inside = `SELECT count("count") FROM ${REQUESTS} WHERE ${timeIn(stretch)} AND span = '' GROUP BY ${by}`;
    for await (const { tags } of this.#client.select(this.#bucket(part.level), inside, "ms", part.signal)) {
      keys.push(keyOf(tags));
    }
    const edge = { fromMs: stretch.fromMs - lookBackMs + 1, toMs: stretch.fromMs };
    const fields = ["count", "duration_ms"];
    for await (const row of this.#plainRows(part, edge, { stretch, where: "", fields })) keys.push(row.key);
    return keys;
  }

  #where({ where = "", own }: Wanted): string {
    return own ? `${where} AND replica = ${quoted(this.#replica)}` : where;
  }

  /** From the level that is wanted down to the finest that is needed: what of each is to be read. */
  async #parts(wanted: Wanted): Promise<(Part & { readonly clean: readonly TimeRange[] })[]> {
    const parts: (Part & { readonly clean: readonly TimeRange[] })[] = [];
    const dirtySlots = wanted.level === 0 ? () => new Set<number>() : await this.#dirty(wanted.own ?? false);
    let stretches: readonly TimeRange[] = this.#told(wanted);
    let upToMs = wanted.upToMs ?? Infinity;
    for (let level = wanted.level; level >= 0 && stretches.length > 0; level--) {
      const dirty = level === 0 ? [] : this.#readableBelow(level, dirtySlots(level));
      parts.push({ level, stretches, upToMs, signal: wanted.signal, clean: without(stretches, dirty) });
      stretches = common(stretches, dirty);
      upToMs = this.#levels.slotMs(level);
    }
    return parts;
  }

  /** A range may begin before everything that is told; InfluxDB drops it some time later. */
  #told({ range: { fromMs, toMs }, level }: Wanted): TimeRange[] {
    const { coarsest } = this.#levels;
    const toldFromMs = level === coarsest ? Math.max(fromMs, this.#levels.expiredBeforeMs(coarsest)) : fromMs;
    return toldFromMs < toMs ? [{ fromMs: toldFromMs, toMs }] : [];
  }

  /** What the finer level does not have for sure any more stays as it was merged last. */
  #readableBelow(level: Level, slots: ReadonlySet<number>): TimeRange[] {
    const slotMs = this.#levels.slotMs(level);
    const fromMs = this.#levels.completeFromMs(level - 1);
    const readable = [...slots].filter((slot) => slot * slotMs >= fromMs);
    return stretchesOf(readable, slotMs, MAX_STRETCHES);
  }

  async #dirty(ownOnly: boolean): Promise<(level: Level) => ReadonlySet<number>> {
    const own = this.#ownDirty();
    if (ownOnly) return (level) => own.of(level);
    const lists: Record<string, number[]>[] = [];
    const query = `SELECT last("dirty") AS dirty FROM ${STATE} WHERE replica <> ${quoted(this.#replica)} GROUP BY replica`;
    for await (const { values } of this.#client.select(this.#bucket(0), query)) {
      for (const [, dirty] of values) lists.push(JSON.parse(original(String(dirty))) as Record<string, number[]>);
    }
    return (level) => {
      const { name } = this.#levels.at(level);
      return lists.length === 0
        ? own.of(level)
        : new Set([...own.of(level), ...lists.flatMap((list) => list[name] ?? [])]);
    };
  }

  /** Points at their slot's or window's start. */
  async *#plain(part: Part, stretch: TimeRange, where: string): AsyncGenerator<CounterRow> {
    const lookBackMs = part.level === 0 ? this.#levels.plainUpToMs : this.#levels.slotMs(part.level);
    const time = { fromMs: stretch.fromMs - lookBackMs + 1, toMs: stretch.toMs };
    yield* this.#plainRows(part, time, { stretch, where, fields: COUNTER_FIELDS });
  }

  async *#plainRows(
    { level, signal }: Part,
    time: TimeRange,
    {
      stretch,
      where,
      fields,
    }: { readonly stretch: TimeRange; readonly where: string; readonly fields: readonly string[] },
  ): AsyncGenerator<CounterRow> {
    const query = select(fields, `${timeIn(time)} AND span = ''${where}`);
    const slotMs = this.#levels.slotMs(level);
    for await (const series of this.#client.select(this.#bucket(level), query, "ms", signal)) {
      const key = keyOf(series.tags);
      for (const value of series.values) {
        const row = rowOf(key, value, { slotMs, isOwn: false, stretch });
        if (row.startMs + row.durationMs > stretch.fromMs) yield row;
      }
    }
  }

  /** Points with a time of their own, at its end. Few, so they are looked for far and wide. */
  async *#own(
    { level, stretches, upToMs, signal }: Part,
    where: string,
    fields: readonly string[] = COUNTER_FIELDS,
  ): AsyncGenerator<CounterRow> {
    const fromMs = Math.min(...stretches.map((stretch) => stretch.fromMs));
    const query = select(fields, `time > ${fromMs}ms AND span = '${SPAN_OWN}'${where}`);
    for await (const series of this.#client.select(this.#bucket(level), query, "ms", signal)) {
      const key = keyOf(series.tags);
      for (const value of series.values) {
        for (const stretch of stretches) {
          const row = rowOf(key, value, { slotMs: 0, isOwn: true, stretch });
          const overlaps = row.startMs < stretch.toMs && row.startMs + row.durationMs > stretch.fromMs;
          if (overlaps && row.durationMs <= upToMs) yield row;
        }
      }
    }
  }
}

function select(fields: readonly string[], where: string): string {
  const columns = fields.map((field) => `"${field}"`).join(", ");
  return `SELECT ${columns} FROM ${REQUESTS} WHERE ${where} GROUP BY *`;
}

/** The condition that points lie in a range. */
export function timeIn({ fromMs, toMs }: TimeRange): string {
  return `time >= ${Math.max(0, fromMs)}ms AND time < ${toMs}ms`;
}

function rowOf(
  key: Key,
  value: Series["values"][number],
  { slotMs, isOwn, stretch }: { readonly slotMs: number; readonly isOwn: boolean; readonly stretch: TimeRange },
): CounterRow {
  // In the order of COUNTER_FIELDS, after the time.
  const [timeMs, count, duration, requestBytes = 0, responseBytes = 0, buckets = ""] = value;
  const durationMs = Number(duration ?? slotMs);
  return {
    key,
    startMs: Number(timeMs) - (isOwn ? durationMs : 0),
    durationMs,
    count: Number(count),
    requestBytes: Number(requestBytes),
    responseBytes: Number(responseBytes),
    buckets: (buckets ?? "") as string,
    ...stretch,
  };
}
