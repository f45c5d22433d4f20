import type { Piece } from "../pieces.ts";
import type { TimeRange } from "../store.ts";
import type { InfluxClient } from "./client.ts";
import type { Dirty } from "./dirty.ts";
import { STATE } from "./layout.ts";
import { LevelReader } from "./level-reader.ts";
import type { Part } from "./level-reader.ts";
import type { Level, Levels } from "./levels.ts";
import { MAX_STRETCHES, QUESTIONS_AT_ONCE } from "./limits.ts";
import { original, quoted } from "./line.ts";
import { OF_ENDPOINTS } from "./rows.ts";
import type { CounterRow, Key, Measured } from "./rows.ts";
import { common, stretchesOf, touching, wholeSlots, without } from "./stretches.ts";
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

type CleanPart = Part & {
  /** What of the stretches is read from this level, and not from the finer one. */
  readonly clean: readonly TimeRange[];
};

/**
 * Reads counters, each once, from the level that is asked for; and where slots of it are to be merged again, from the
 * finer one.
 */
export class Reader {
  readonly #client: InfluxClient;
  readonly #levels: Levels;
  readonly #level: LevelReader;
  readonly #replica: string;
  readonly #ownDirty: () => Dirty;

  constructor(
    client: InfluxClient,
    levels: Levels,
    where: { readonly prefix: string; readonly replica: string; readonly dirty: () => Dirty },
  ) {
    this.#client = client;
    this.#levels = levels;
    this.#level = new LevelReader(client, levels, where.prefix);
    this.#replica = where.replica;
    this.#ownDirty = where.dirty;
  }

  /** The counters of endpoints that overlap what is wanted, in no order, some at a time as they come. */
  rows(wanted: Wanted): AsyncGenerator<CounterRow[]> {
    return this.rowsOf(OF_ENDPOINTS, wanted);
  }

  /** The same of one of the measurements. */
  async *rowsOf<K>(of: Measured<K>, wanted: Wanted): AsyncGenerator<CounterRow<K>[]> {
    const asked = { of, where: this.#where(wanted), signal: wanted.signal };
    const parts = await this.#parts(of, wanted);
    const questions = [
      ...cleanStretches(parts).map(({ level, stretch }) => this.#level.points(level, stretch, asked)),
      ...sameLevel(parts).map((part) => this.#level.own(part, asked)),
    ];
    yield* together(questions, QUESTIONS_AT_ONCE);
  }

  /** Who reports what of whom: the keys of all counters that overlap what is wanted, some more than once. */
  async present(wanted: Wanted): Promise<Key[]> {
    const keys: Key[] = [];
    for await (const rows of this.#sums(OF_ENDPOINTS, wanted, [])) for (const { key } of rows) keys.push(key);
    return keys;
  }

  /** Counts and bytes of what is wanted, without latencies: the sums of whole slots are made by InfluxDB. */
  totals<K>(of: Measured<K>, wanted: Wanted): AsyncGenerator<CounterRow<K>[]> {
    return this.#sums(of, wanted, ["request_bytes", "response_bytes"]);
  }

  async *#sums<K>(of: Measured<K>, wanted: Wanted, bytes: readonly string[]): AsyncGenerator<CounterRow<K>[]> {
    const { signal } = wanted;
    const asked = { of, where: this.#where(wanted), fields: ["count", "duration_ms", ...bytes], signal };
    const parts = await this.#parts(of, wanted);
    const questions = [
      ...cleanStretches(parts).flatMap(({ level, stretch }) => {
        // Windows may reach beyond the ends of their stretch; so may a slot that stands in for finer ones that are gone.
        const { whole, ends } =
          level === 0 ? { whole: [], ends: [stretch] } : wholeSlots(stretch, this.#levels.slotMs(level));
        return [
          ...whole.map((slots) => this.#level.summed(level, slots, { ...asked, fields: ["count", ...bytes] })),
          ...ends.map((end) => this.#level.points(level, end, asked)),
        ];
      }),
      ...sameLevel(parts).map((part) => this.#level.own(part, asked)),
    ];
    yield* together(questions, QUESTIONS_AT_ONCE);
  }

  #where({ where = "", own }: Wanted): string {
    return own ? `${where} AND replica = ${quoted(this.#replica)}` : where;
  }

  /** Of each piece, from its level down to the finest that is needed: what of each is to be read. */
  async #parts<K>(of: Measured<K>, wanted: Wanted): Promise<CleanPart[]> {
    const { pieces, own = false, upToMs: longestMs = Infinity } = wanted;
    const parts: CleanPart[] = [];
    const dirtySlots = pieces.some(({ level }) => level > 0) ? await this.#dirty(own) : () => new Set<number>();
    for (const piece of pieces) {
      let stretches: readonly TimeRange[] = this.#told(of, piece);
      let upToMs = longestMs;
      for (let { level } = piece; level >= 0 && stretches.length > 0; level--) {
        const dirty = level === 0 ? [] : this.#readableBelow(level, dirtySlots(level));
        parts.push({ level, stretches, upToMs, clean: without(stretches, dirty) });
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
    for await (const { values } of this.#client.select(this.#level.bucket(0), query)) {
      for (const [, dirty] of values) lists.push(JSON.parse(original(String(dirty))) as Record<string, number[]>);
    }
    return (level) => {
      const { name } = this.#levels.at(level);
      return lists.length === 0
        ? own.of(level)
        : new Set([...own.of(level), ...lists.flatMap((list) => list[name] ?? [])]);
    };
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

/** What is to be read of each level as it is; stretches that touch are one. */
function cleanStretches(parts: readonly CleanPart[]): { readonly level: Level; readonly stretch: TimeRange }[] {
  const levels = new Set(parts.map(({ level }) => level));
  return [...levels].flatMap((level) => {
    const clean = parts.flatMap((part) => (part.level === level ? part.clean : []));
    return touching(clean).map((stretch) => ({ level, stretch }));
  });
}
