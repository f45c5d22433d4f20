import type { Piece } from "../pieces.ts";
import type { TimeRange } from "../store.ts";
import type { InfluxClient, Series } from "./client.ts";
import type { Dirty } from "./dirty.ts";
import { SPAN_OWN, STATE, bucketName } from "./layout.ts";
import type { Level, Levels } from "./levels.ts";
import { MAX_STRETCHES, QUESTIONS_AT_ONCE } from "./limits.ts";
import { original, quoted, timeIn } from "./line.ts";
import { COUNTER_FIELDS, OF_ENDPOINTS } from "./rows.ts";
import type { CounterRow, Key, Measured } from "./rows.ts";
import { common, stretchesOf, wholeSlots, without } from "./stretches.ts";
import { together } from "./together.ts";

/** What is to be read. */
export interface Wanted {
  /** Stretches of time, each with the level that it is read from. */
  readonly pieces: readonly Piece[];
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

type CleanPart = Part & { readonly clean: readonly TimeRange[] };

/** The measurement, further conditions, and the fields that are read; all where not given. */
interface Asked<K> {
  readonly of: Measured<K>;
  readonly where: string;
  readonly fields?: readonly string[];
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

  /** The counters of endpoints that overlap what is wanted, in no order. */
  rows(wanted: Wanted): AsyncGenerator<CounterRow> {
    return this.rowsOf(OF_ENDPOINTS, wanted);
  }

  /** The same of one of the measurements. */
  async *rowsOf<K>(of: Measured<K>, wanted: Wanted): AsyncGenerator<CounterRow<K>> {
    const asked = { of, where: this.#where(wanted) };
    const parts = await this.#parts(of, wanted);
    const questions = [
      ...parts.flatMap((part) => part.clean.map((stretch) => this.#plain(part, stretch, asked))),
      ...sameLevel(parts).map((part) => this.#own(part, asked)),
    ];
    for await (const rows of together(questions, QUESTIONS_AT_ONCE)) yield* rows;
  }

  /** Who reports what of whom: the keys of all counters that overlap what is wanted, some more than once. */
  async present(wanted: Wanted): Promise<Key[]> {
    const keys: Key[] = [];
    for await (const { key } of this.#sums(wanted, [])) keys.push(key);
    return keys;
  }

  /** Counts and bytes of what is wanted, without latencies: the sums of whole slots are made by InfluxDB. */
  totals(wanted: Wanted): AsyncGenerator<CounterRow> {
    return this.#sums(wanted, ["request_bytes", "response_bytes"]);
  }

  async *#sums(wanted: Wanted, summed: readonly string[]): AsyncGenerator<CounterRow> {
    const asked = { of: OF_ENDPOINTS, where: this.#where(wanted), fields: ["count", "duration_ms", ...summed] };
    const parts = await this.#parts(OF_ENDPOINTS, wanted);
    const questions = [
      ...parts.flatMap((part) =>
        part.clean.flatMap((stretch) => {
          // Windows may reach beyond the ends of their stretch; so may a slot that stands in for finer ones that are gone.
          const { whole, ends } =
            part.level === 0 ? { whole: [], ends: [stretch] } : wholeSlots(stretch, this.#levels.slotMs(part.level));
          return [
            ...whole.map((slots) => this.#summed(part, slots, { ...asked, fields: ["count", ...summed] })),
            ...ends.map((end) => this.#plain(part, end, asked)),
          ];
        }),
      ),
      ...sameLevel(parts).map((part) => this.#own(part, asked)),
    ];
    for await (const rows of together(questions, QUESTIONS_AT_ONCE)) yield* rows;
  }

  #where({ where = "", own }: Wanted): string {
    return own ? `${where} AND replica = ${quoted(this.#replica)}` : where;
  }

  /** Of each piece, from its level down to the finest that is needed: what of each is to be read. */
  async #parts<K>(of: Measured<K>, wanted: Wanted): Promise<CleanPart[]> {
    const { pieces, own = false, upToMs: longestMs = Infinity, signal } = wanted;
    const parts: CleanPart[] = [];
    const dirtySlots = pieces.some(({ level }) => level > 0) ? await this.#dirty(own) : () => new Set<number>();
    for (const piece of pieces) {
      let stretches: readonly TimeRange[] = this.#told(of, piece);
      let upToMs = longestMs;
      for (let { level } = piece; level >= 0 && stretches.length > 0; level--) {
        const dirty = level === 0 ? [] : this.#readableBelow(level, dirtySlots(level));
        parts.push({ level, stretches, upToMs, signal, clean: without(stretches, dirty) });
        stretches = common(stretches, dirty);
        upToMs = this.#levels.slotMs(level);
      }
    }
    return parts;
  }

  /** A range may begin before everything that is told; InfluxDB drops it some time later. */
  #told<K>({ coarsest }: Measured<K>, { fromMs, toMs, level }: Piece): TimeRange[] {
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
  async *#plain<K>(
    { level, signal }: Part,
    stretch: TimeRange,
    { of, ...asked }: Asked<K>,
  ): AsyncGenerator<CounterRow<K>[]> {
    const slotMs = this.#levels.slotMs(level);
    const lookBackMs = level === 0 ? this.#levels.plainUpToMs : slotMs;
    const time = { fromMs: stretch.fromMs - lookBackMs + 1, toMs: stretch.toMs };
    const query = select(of, `${timeIn(time)} AND span = ''`, asked);
    for await (const series of this.#client.select(this.#bucket(level), query, "ms", signal)) {
      const key = of.keyOf(series.tags);
      const rows = series.values.map((value) => rowOf(key, value, { slotMs, isOwn: false, stretch }));
      yield rows.filter((row) => row.startMs + row.durationMs > stretch.fromMs);
    }
  }

  /** Whole slots, each series' added up to one row that is as long as the stretch. */
  async *#summed<K>(
    { level, signal }: Part,
    stretch: TimeRange,
    { of: { measurement, keyOf }, where, fields = [] }: Asked<K>,
  ): AsyncGenerator<CounterRow<K>[]> {
    const sums = fields.map((field) => `sum("${field}")`).join(", ");
    // By all tags, although fewer would do: InfluxDB needs twice as long to add series up to each other.
    const query = `SELECT ${sums} FROM ${measurement} WHERE ${timeIn(stretch)} AND span = ''${where} GROUP BY *`;
    const { fromMs, toMs } = stretch;
    for await (const { tags, values } of this.#client.select(this.#bucket(level), query, "ms", signal)) {
      const key = keyOf(tags);
      yield values.map(([, count, requestBytes = 0, responseBytes = 0]) => {
        const numbers = {
          count: Number(count),
          requestBytes: Number(requestBytes),
          responseBytes: Number(responseBytes),
        };
        return { key, startMs: fromMs, durationMs: toMs - fromMs, ...numbers, buckets: "", fromMs, toMs };
      });
    }
  }

  /** Points with a time of their own, at its end. Few, so they are looked for far and wide. */
  async *#own<K>(
    { level, stretches, upToMs, signal }: Part,
    { of, ...asked }: Asked<K>,
  ): AsyncGenerator<CounterRow<K>[]> {
    const fromMs = Math.min(...stretches.map((stretch) => stretch.fromMs));
    const query = select(of, `time > ${fromMs}ms AND span = '${SPAN_OWN}'`, asked);
    for await (const series of this.#client.select(this.#bucket(level), query, "ms", signal)) {
      const key = of.keyOf(series.tags);
      const rows = stretches.flatMap((stretch) =>
        series.values
          .map((value) => rowOf(key, value, { slotMs: 0, isOwn: true, stretch }))
          .filter((row) => row.startMs < stretch.toMs && row.startMs + row.durationMs > stretch.fromMs),
      );
      yield rows.filter((row) => row.durationMs <= upToMs);
    }
  }
}

/** Parts of the same level, and of windows up to the same length, as one. */
function sameLevel(parts: readonly Part[]): Part[] {
  const joined = new Map<string, Part>();
  for (const part of parts) {
    const name = `${part.level} ${part.upToMs}`;
    const stretches = [...(joined.get(name)?.stretches ?? []), ...part.stretches];
    joined.set(name, { ...part, stretches });
  }
  return [...joined.values()];
}

function select(
  { measurement }: Pick<Measured<unknown>, "measurement">,
  where: string,
  { where: further, fields = COUNTER_FIELDS }: Omit<Asked<unknown>, "of">,
): string {
  const columns = fields.map((field) => `"${field}"`).join(", ");
  return `SELECT ${columns} FROM ${measurement} WHERE ${where}${further} GROUP BY *`;
}

function rowOf<K>(
  key: K,
  value: Series["values"][number],
  { slotMs, isOwn, stretch }: { readonly slotMs: number; readonly isOwn: boolean; readonly stretch: TimeRange },
): CounterRow<K> {
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
