import type { TimeRange } from "../store.ts";
import type { InfluxClient, Series } from "./client.ts";
import { pointsFlux, sumsFlux } from "./flux.ts";
import type { FluxRow } from "./flux-rows.ts";
import { SPAN_OWN, bucketName } from "./layout.ts";
import type { Level, Levels } from "./levels.ts";
import { timeIn } from "./line.ts";
import { COUNTER_FIELDS } from "./rows.ts";
import type { CounterRow, Measured } from "./rows.ts";

/** What is asked of a level. */
export interface Asked<K> {
  readonly of: Measured<K>;
  /** Further conditions in InfluxQL, each beginning with " AND ". With them few series are left, without it is all. */
  readonly where: string;
  /** All that counters have, where not given. Besides "count" and "duration_ms" those that are read, in that order. */
  readonly fields?: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/** A level, stretches of time that are wanted of it, and the longest windows of it. */
export interface Part {
  readonly level: Level;
  readonly stretches: readonly TimeRange[];
  readonly upToMs: number;
}

/** Reads counters from the bucket of a level, a piece of the answer at a time. */
export class LevelReader {
  readonly #client: InfluxClient;
  readonly #levels: Levels;
  readonly #prefix: string;

  constructor(client: InfluxClient, levels: Levels, prefix: string) {
    this.#client = client;
    this.#levels = levels;
    this.#prefix = prefix;
  }

  bucket(level: Level): string {
    return bucketName(this.#prefix, this.#levels.at(level));
  }

  /** Points at their slot's or window's start. */
  points<K>(level: Level, stretch: TimeRange, asked: Asked<K>): AsyncGenerator<CounterRow<K>[]> {
    const lookBackMs = level === 0 ? this.#levels.plainUpToMs : this.#levels.slotMs(level);
    const time = { fromMs: stretch.fromMs - lookBackMs + 1, toMs: stretch.toMs };
    // A window has its length in a field of its own, which Flux would have to be asked to put beside the others.
    return level === 0 || asked.where !== ""
      ? this.#points(level, { time, stretch }, asked)
      : this.#slots(level, { time, stretch }, asked);
  }

  async *#points<K>(
    level: Level,
    { time, stretch }: { readonly time: TimeRange; readonly stretch: TimeRange },
    { of, where, fields, signal }: Asked<K>,
  ): AsyncGenerator<CounterRow<K>[]> {
    const slotMs = this.#levels.slotMs(level);
    const query = select(of, `${timeIn(time)} AND span = ''${where}`, fields);
    for await (const series of this.#client.select(this.bucket(level), query, "ms", signal)) {
      const key = of.keyOf(series.tags);
      const rows = series.values.map((value) => rowOf(key, value, { slotMs, isOwn: false, stretch }));
      yield rows.filter((row) => row.startMs + row.durationMs > stretch.fromMs);
    }
  }

  async *#slots<K>(
    level: Level,
    { time, stretch }: { readonly time: TimeRange; readonly stretch: TimeRange },
    { of, fields = COUNTER_FIELDS, signal }: Asked<K>,
  ): AsyncGenerator<CounterRow<K>[]> {
    const bucket = this.bucket(level);
    const slotMs = this.#levels.slotMs(level);
    const summed = fields.filter((field) => field !== "duration_ms");
    const query = pointsFlux({ bucket, ...of, stretch: time, fields: summed });
    const keyOf = keysOf(of);
    for await (const rows of this.#client.flux(bucket, query, signal)) {
      yield rows.map((row) => partOf(keyOf(row), row, { startMs: row.atMs, durationMs: slotMs }, stretch));
    }
  }

  /** Whole slots of a level above the finest, added up by what they count: each row is as long as the stretch. */
  summed<K>(level: Level, slots: TimeRange, asked: Asked<K>): AsyncGenerator<CounterRow<K>[]> {
    return asked.where === "" ? this.#sums(level, slots, asked) : this.#seriesSums(level, slots, asked);
  }

  async *#sums<K>(
    level: Level,
    slots: TimeRange,
    { of, fields = [], signal }: Asked<K>,
  ): AsyncGenerator<CounterRow<K>[]> {
    const bucket = this.bucket(level);
    const whole = { startMs: slots.fromMs, durationMs: slots.toMs - slots.fromMs };
    const keyOf = keysOf(of);
    for await (const rows of this.#client.flux(bucket, sumsFlux({ bucket, ...of, stretch: slots, fields }), signal)) {
      yield rows.map((row) => partOf(keyOf(row), row, whole, slots));
    }
  }

  /** By all tags, although fewer would do: InfluxQL needs twice as long to add series up to each other. */
  async *#seriesSums<K>(
    level: Level,
    slots: TimeRange,
    { of: { measurement, keyOf }, where, fields = [], signal }: Asked<K>,
  ): AsyncGenerator<CounterRow<K>[]> {
    const sums = fields.map((field) => `sum("${field}")`).join(", ");
    const query = `SELECT ${sums} FROM ${measurement} WHERE ${timeIn(slots)} AND span = ''${where} GROUP BY *`;
    const whole = { startMs: slots.fromMs, durationMs: slots.toMs - slots.fromMs, ...slots };
    for await (const { tags, values } of this.#client.select(this.bucket(level), query, "ms", signal)) {
      const key = keyOf(tags);
      yield values.map(([, count, requestBytes = 0, responseBytes = 0]) => {
        const bytes = { requestBytes: Number(requestBytes), responseBytes: Number(responseBytes) };
        return { key, count: Number(count), ...bytes, buckets: "", ...whole };
      });
    }
  }

  /** Points with a time of their own, at its end. Few, so they are looked for far and wide. */
  async *own<K>(
    { level, stretches, upToMs }: Part,
    { of, where, fields, signal }: Asked<K>,
  ): AsyncGenerator<CounterRow<K>[]> {
    const fromMs = Math.min(...stretches.map((stretch) => stretch.fromMs));
    const time = `time > ${fromMs}ms AND span = '${SPAN_OWN}'`;
    if (!(await this.#hasAny(level, `SELECT "duration_ms" FROM ${of.measurement} WHERE ${time} LIMIT 1`, signal)))
      return;
    const query = select(of, `${time}${where}`, fields);
    for await (const series of this.#client.select(this.bucket(level), query, "ms", signal)) {
      const key = of.keyOf(series.tags);
      const rows = stretches.flatMap((stretch) =>
        series.values
          .map((value) => rowOf(key, value, { slotMs: 0, isOwn: true, stretch }))
          .filter((row) => row.startMs < stretch.toMs && row.startMs + row.durationMs > stretch.fromMs),
      );
      yield rows.filter((row) => row.durationMs <= upToMs);
    }
  }

  /** Of a month it takes a fifth of what the question with all fields and conditions takes, and mostly there is nothing. */
  async #hasAny(level: Level, query: string, signal: AbortSignal | undefined): Promise<boolean> {
    for await (const { values } of this.#client.select(this.bucket(level), query, "ms", signal)) {
      if (values.length > 0) return true;
    }
    return false;
  }
}

function select(
  { measurement }: Pick<Measured<unknown>, "measurement">,
  where: string,
  fields: readonly string[] = COUNTER_FIELDS,
): string {
  const columns = fields.map((field) => `"${field}"`).join(", ");
  return `SELECT ${columns} FROM ${measurement} WHERE ${where} GROUP BY *`;
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

/** The key of a row, the same object as long as the row's tags are. */
function keysOf<K>({ keyOf }: Pick<Measured<K>, "keyOf">): (row: FluxRow) => K {
  let last: { readonly tags: FluxRow["tags"]; readonly key: K } | undefined;
  return ({ tags }) => {
    if (last?.tags !== tags) last = { tags, key: keyOf(tags) };
    return last.key;
  };
}

/** What a row says of its point or sum: one number, or the histogram. Written out, for a month has a million of them. */
function partOf<K>(
  key: K,
  { field, value }: FluxRow,
  { startMs, durationMs }: Pick<CounterRow, "startMs" | "durationMs">,
  { fromMs, toMs }: TimeRange,
): CounterRow<K> {
  return {
    key,
    startMs,
    durationMs,
    count: field === "count" ? Number(value) : 0,
    requestBytes: field === "request_bytes" ? Number(value) : 0,
    responseBytes: field === "response_bytes" ? Number(value) : 0,
    buckets: field === "buckets" ? value : "",
    fromMs,
    toMs,
  };
}
