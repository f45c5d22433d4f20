import { setTimeout as sleep } from "node:timers/promises";
import type { Exemplar, ReportedWindow } from "../../identity/observation.ts";
import type { RouteOf } from "../../routes/route-of.ts";
import type { AlertEvent } from "../alert-event.ts";
import { ExemplarBudget } from "../exemplar-budget.ts";
import { checkCursor } from "../questions.ts";
import type { TimeRange } from "../store.ts";
import { unrecorded } from "./alert-events.ts";
import { ensureBuckets } from "./buckets.ts";
import type { InfluxClient } from "./client.ts";
import { Dirty } from "./dirty.ts";
import { exemplarsIn, mostTelling } from "./exemplars.ts";
import type { ExemplarPlace } from "./exemplars.ts";
import { Group } from "./group.ts";
import { InfluxError } from "./influx-error.ts";
import type { Journal } from "./journal.ts";
import { bucketName, namesBucket, retentionMs, timestamp } from "./layout.ts";
import type { Levels } from "./levels.ts";
import { CLOSE_WAIT_MS, EXEMPLARS_KEPT_MS, HOUR_MS, ROLL_UP_EVERY_MS, SLOT_GRACE_MS, SLOTS_AT_ONCE } from "./limits.ts";
import { countExemplars, loadNames } from "./load.ts";
import { lossesByMinute } from "./losses.ts";
import type { Names } from "./names.ts";
import type { InfluxOptions } from "./options.ts";
import { Points, movePoint } from "./points.ts";
import type { Reader } from "./reader.ts";
import { mergedSlots } from "./roll-up.ts";
import { OF_PODS } from "./rows.ts";
import { stretchesOf } from "./stretches.ts";

interface Parts {
  readonly client: InfluxClient;
  readonly levels: Levels;
  readonly names: Names;
  readonly reader: Reader;
}

/** The writing side of the history: one thing after the other, each of which may be done again. */
export class Writer {
  readonly #parts: Parts;
  readonly #journal: Journal;
  readonly #options: InfluxOptions;
  readonly #points: Points;
  #dirty: Dirty;
  #exemplars = new ExemplarBudget();
  #isReady = false;
  #making: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #hasFailed = false;
  #latestMs = 0;
  #rolledUpAtMs = 0;
  #lastMoveMs = 0;
  /** Hours that are over up to here are left with their most telling requests by name. */
  #condensedToMs = 0;

  constructor(parts: Parts, journal: Journal, options: InfluxOptions) {
    this.#parts = parts;
    this.#journal = journal;
    this.#options = options;
    this.#points = new Points(journal.state.replica);
    this.#dirty = new Dirty(parts.levels, journal.state.dirty);
  }

  get cursor(): number {
    return this.#journal.state.cursor;
  }

  get dirty(): Dirty {
    return this.#dirty;
  }

  append(windows: readonly ReportedWindow[], cursor: number): Promise<void> {
    return this.#inTurn(async () => {
      checkCursor(cursor);
      await this.ready();
      await this.#send();
      if (cursor <= this.cursor) return;
      const dirty = this.#dirty.copy();
      const group = new Group({ ...this.#parts, ...this.#place }, dirty, this.#journal.state.next);
      for (const window of windows) group.add(window);
      this.#journal.write({ cursor, next: group.next, dirty: dirty.listed(), unsent: group.lines() });
      this.#dirty = dirty;
      this.#parts.names.keep(group.additions);
      this.#exemplars.keep(group.choice);
      this.#latestMs = Math.max(this.#latestMs, group.latestMs);
      await this.#send();
      if (group.tooOld > 0) {
        const why = "they ended before the coarsest resolution begins";
        this.#options.onDropped("retention", group.tooOld, new Error(`Counters were left out: ${why}`));
      }
      await this.#rollUpInPassing();
    });
  }

  moveRoutes(routeOf: RouteOf, servers?: ReadonlySet<string>): Promise<void> {
    return this.#inTurn(async () => {
      await this.ready();
      const moves = this.#parts.names.movesTo(routeOf, servers);
      if (moves.length === 0) return;
      // The later of two moves holds, so each round has an instant of its own.
      const atMs = Math.max(this.#parts.levels.clockMs, this.#lastMoveMs + 1);
      const lines = moves.map((move, at) => movePoint(move, timestamp(atMs, at)));
      await this.#parts.client.write(namesBucket(this.#options.prefix), lines);
      this.#lastMoveMs = atMs;
      for (const move of moves) this.#parts.names.move(move);
    });
  }

  /**
   * Writes events that are not there. They go into the journal before they are sent, so what was cut off is there before it
   * is asked for again.
   */
  recordAlerts(events: readonly AlertEvent[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.ready();
      await this.#send();
      const { client, levels } = this.#parts;
      const bucket = this.#bucket(levels.coarsest);
      const fresh = await unrecorded({ client, bucket }, events);
      if (fresh.length === 0) return;
      const { next } = this.#journal.state;
      const lines = fresh.map((event, at) => this.#points.alert(event, next + at));
      this.#journal.write({ next: next + fresh.length, unsent: [{ bucket, lines }] });
      await this.#send();
    });
  }

  expire(nowMs: number): Promise<void> {
    return this.#inTurn(async () => {
      const { levels, names } = this.#parts;
      await this.ready();
      await this.#send();
      await this.#rollUp(nowMs);
      await this.#condenseLosses(nowMs);
      levels.advance(nowMs);
      await this.#condense();
      names.forget(levels.expiredBeforeMs(levels.coarsest));
      names.pods.forget(levels.expiredBeforeMs(OF_PODS.coarsest));
    });
  }

  /** Merges what can be merged, as far as that takes no time, so that a long absence costs no resolution. */
  async close(): Promise<void> {
    await this.#last;
    if (!this.#isReady || this.#hasFailed) return;
    const merged = this.#rollUp(this.#latestMs).catch((error: Error) => this.#options.warn(error));
    const late = new AbortController();
    await Promise.race([merged, sleep(CLOSE_WAIT_MS, undefined, { signal: late.signal }).catch(() => undefined)]);
    late.abort();
  }

  /** Makes the buckets that are missing and loads the names, once. Throws where InfluxDB does not let it. */
  async ready(): Promise<void> {
    if (this.#isReady) return;
    this.#making ??= this.#makeReady().finally(() => (this.#making = undefined));
    await this.#making;
  }

  async #makeReady(): Promise<void> {
    const { client, levels, names } = this.#parts;
    const { prefix, retention = true, warn, exemplarLimits } = this.#options;
    const kept = [...levels.all].sort((a, b) => b.keptMs - a.keptMs)[0]!;
    const longest = { ...kept, keptMs: Math.max(kept.keptMs, EXEMPLARS_KEPT_MS) };
    const seconds = (of: typeof kept): number => (retention ? Math.ceil(retentionMs(of) / 1_000) : 0);
    const buckets = levels.all.map((of) => ({ name: bucketName(prefix, of), everySeconds: seconds(of) }));
    await ensureBuckets(client, [...buckets, { name: namesBucket(prefix), everySeconds: seconds(longest) }], warn);
    const place = { client, levels, prefix, replica: this.#journal.state.replica };
    // What was cut off comes first, so that its names are there too.
    await this.#send();
    this.#lastMoveMs = await loadNames(place, names);
    this.#exemplars = new ExemplarBudget(await countExemplars(place), exemplarLimits);
    this.#isReady = true;
  }

  get #place() {
    return { prefix: this.#options.prefix, points: this.#points, exemplars: this.#exemplars };
  }

  /** Sends what the journal holds, and then how far this control has come. */
  async #send(): Promise<void> {
    const { unsent, cursor } = this.#journal.state;
    if (unsent.length === 0) return;
    for (const { bucket, lines } of unsent) await this.#parts.client.write(bucket, lines);
    await this.#writeState(cursor);
    this.#journal.write({ unsent: [], dirty: this.#dirty.listed() });
  }

  async #writeState(cursor: number): Promise<void> {
    const line = this.#points.state(this.#parts.levels.clockMs, { cursor, dirty: this.#dirty.listed() });
    await this.#parts.client.write(this.#bucket(0), [line]);
  }

  /** Merging that fails does not fail the append: what it wrote stays, and the slots stay to be merged. */
  async #rollUpInPassing(): Promise<void> {
    if (this.#latestMs < this.#rolledUpAtMs + ROLL_UP_EVERY_MS) return;
    this.#rolledUpAtMs = this.#latestMs;
    await this.#rollUp(this.#latestMs - SLOT_GRACE_MS).catch((error: Error) => this.#options.warn(error));
  }

  /** Merges the slots that are over by an instant and whose finer points changed, the finest first. */
  async #rollUp(untilMs: number): Promise<void> {
    const { levels, reader, client } = this.#parts;
    let merged = 0;
    for (let level = 1; level <= levels.coarsest; level++) {
      const slotMs = levels.slotMs(level);
      const completeFromMs = levels.completeFromMs(level - 1);
      const over = [...this.#dirty.of(level)].filter((slot) => (slot + 1) * slotMs <= untilMs);
      // Merged out of less than there was, a slot would lose what it has.
      this.#dirty.clear(
        level,
        over.filter((slot) => slot * slotMs < completeFromMs),
      );
      const slots = over.filter((slot) => slot * slotMs >= completeFromMs).sort((a, b) => a - b);
      for (let at = 0; at < slots.length; at += SLOTS_AT_ONCE) {
        const some = slots.slice(at, at + SLOTS_AT_ONCE);
        for (const stretch of stretchesOf(some, slotMs, some.length)) {
          const lines = await mergedSlots({ reader, levels, points: this.#points }, level, stretch);
          await client.write(this.#bucket(level), lines);
        }
        this.#dirty.clear(level, some);
        merged += some.length;
      }
    }
    if (merged > 0) await this.#writeState(this.cursor);
  }

  /** Where requests by name lie that are told: the fresh ones, and the most telling ones of hours that are over. */
  exemplarPlaces({ fromMs, toMs }: TimeRange): ExemplarPlace[] {
    const { levels } = this.#parts;
    const keptFromMs = levels.clockMs - EXEMPLARS_KEPT_MS;
    return [
      { bucket: this.#freshExemplars, range: { fromMs: Math.max(fromMs, this.#condensedToMs), toMs } },
      { bucket: namesBucket(this.#options.prefix), range: { fromMs: Math.max(fromMs, keptFromMs, 0), toMs } },
    ];
  }

  get #freshExemplars(): string {
    return this.#bucket(Math.min(1, this.#parts.levels.coarsest));
  }

  /** Copies the most telling requests of the hours that are over to where they are kept longer. */
  async #condense(): Promise<void> {
    const { client, levels } = this.#parts;
    const overBeforeMs = levels.expiredBeforeMs(0);
    const firstMs = Math.floor(levels.expiredBeforeMs(Math.min(1, levels.coarsest)) / HOUR_MS) * HOUR_MS;
    const replica = this.#journal.state.replica;
    const range = { fromMs: Math.max(this.#condensedToMs, firstMs), toMs: overBeforeMs };
    if (range.fromMs >= range.toMs) return;
    for (const fromMs of await this.#hoursWithExemplars(range)) {
      const hour: (Exemplar & { readonly time: string })[] = [];
      const within = { fromMs, toMs: fromMs + HOUR_MS };
      for await (const exemplar of exemplarsIn(client, this.#freshExemplars, within, replica)) hour.push(exemplar);
      const lines = mostTelling(hour).map((exemplar) => this.#points.exemplarAt(exemplar, exemplar.time));
      await client.write(namesBucket(this.#options.prefix), lines);
    }
    this.#condensedToMs = overBeforeMs;
  }

  /** Copies losses of hours that are about to expire to where they are kept for as long as anything. */
  async #condenseLosses(nowMs: number): Promise<void> {
    const { client, levels } = this.#parts;
    const source = { client, levels, bucketOf: (level: number) => this.#bucket(level) };
    const losses = await lossesByMinute(source, this.#journal.state.replica, nowMs);
    await client.write(
      this.#bucket(levels.coarsest),
      losses.map((loss) => this.#points.minuteLoss(loss)),
    );
  }

  async #hoursWithExemplars({ fromMs, toMs }: TimeRange): Promise<number[]> {
    const hours: number[] = [];
    const where = `time >= ${fromMs}ms AND time < ${toMs}ms`;
    const query = `SELECT count(status) FROM exemplars WHERE ${where} GROUP BY time(1h) fill(none)`;
    for await (const { values } of this.#parts.client.select(this.#freshExemplars, query)) {
      for (const [at] of values) hours.push(Number(at));
    }
    return hours;
  }

  #bucket(level: number): string {
    return bucketName(this.#options.prefix, this.#parts.levels.at(level));
  }

  /** Runs work after what was asked for before, and remembers whether it failed. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.then(
      () => (this.#hasFailed = false),
      (error: Error) => this.#failed(error),
    );
    return done;
  }

  #failed(error: Error): void {
    this.#hasFailed = true;
    // Someone has removed a bucket: it is made again.
    if (error instanceof InfluxError && error.isMissing) this.#isReady = false;
  }
}
