import { Group } from "./inbox-group.ts";
import type { Arrival } from "./inbox-group.ts";
import { InboxTables } from "./inbox-tables.ts";
import type { InboxState } from "./inbox-tables.ts";
import { MAX_RECENT_BYTES, MAX_MARKS, MAX_QUEUED_BYTES } from "./limits.ts";
import { HighWaterMarks } from "./marks.ts";
import type { Home, Mark } from "./marks.ts";
import { RecentEntries } from "./recent-entries.ts";
import type { ReadEntry } from "./recent-entries.ts";

export type { Arrival } from "./inbox-group.ts";
export type { ReadEntry } from "./recent-entries.ts";

/** How long the first append of a group waits for others to share its commit, milliseconds. */
const COMMIT_INTERVAL_MS = 5;
/** The same after a commit that failed: a disk that refuses is not asked 200 times a second. */
const RETRY_INTERVAL_MS = 500;
/** Entries that one commit removes at most, so that dropping a long backlog does not hold up appends. */
const DROPS_PER_COMMIT = 2_000;

/**
 * `accepted`: new; `missing` sequences between it and the one before never came. `duplicate`: it was here before.
 * Of both, `durable` resolves when everything up to this sequence is on disk, and rejects when the disk refused.
 * `full`: not taken; the reporter keeps it.
 */
export type AppendResult =
  | { readonly kind: "accepted"; readonly missing: number; readonly durable: Promise<void> }
  | { readonly kind: "duplicate"; readonly durable: Promise<void> }
  | { readonly kind: "full" };

export interface InboxStatus extends InboxState {
  readonly maxBytes: number;
  /** Instances whose high-water mark is kept. */
  readonly marks: number;
}

export interface InboxOptions {
  /** Folder of the LMDB environment; made when missing. */
  readonly path: string;
  /** Bytes of entries past which nothing more is taken. */
  readonly maxBytes: number;
  /** Told of each commit: how long it took, or that it failed. */
  readonly onCommit?: (seconds: number, error?: Error) => void;
}

/**
 * The durable inbox: every batch that was acknowledged lies here until the store has it.
 *
 * A batch and its reporter's high-water mark go to disk in one transaction. Appends gather for COMMIT_INTERVAL_MS, or
 * as long as the commit before them takes, and share a commit (inbox-tables.ts says what is synced).
 */
export class Inbox {
  readonly #tables: InboxTables;
  readonly #options: InboxOptions;
  readonly #marks = new HighWaterMarks();
  readonly #listeners = new Set<() => void>();
  readonly #recent = new RecentEntries(MAX_RECENT_BYTES);
  #state: InboxState;
  #waiting = new Group();
  #committing: Group | undefined;
  #commitEnd: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  /** Entries up to `#dropTo` are done with; those up to `#droppedTo` are gone. */
  #dropTo = 0;
  #droppedTo = 0;
  #toForget: string[] = [];
  #hasFailed = false;
  #isClosed = false;

  private constructor(options: InboxOptions) {
    this.#options = options;
    this.#tables = new InboxTables(options.path);
    this.#state = this.#tables.state();
    for (const { key, value } of this.#tables.marks()) this.#marks.restore(key, value);
  }

  /** Opens the inbox, or makes it. Throws when the folder cannot be written or its content is no inbox. */
  static open(options: InboxOptions): Inbox {
    return new Inbox(options);
  }

  /** Takes a batch in. Never waits and never throws; see AppendResult. */
  append(arrival: Arrival): AppendResult {
    const { instance, sequence, value } = arrival;
    const accepted = this.#marks.accepted(instance);
    if (accepted !== undefined && sequence <= accepted) {
      return { kind: "duplicate", durable: this.#durability(instance, sequence) };
    }
    if (!this.#hasRoomFor(value.length)) return { kind: "full" };
    this.#marks.accept(instance, sequence, arrival.receivedMs, arrival.home);
    this.#waiting.add(arrival);
    for (const [other, settled] of arrival.settles ?? []) this.#note(other, { settled });
    this.#schedule();
    const missing = accepted === undefined ? 0 : sequence - accepted - 1;
    return { kind: "accepted", missing, durable: this.#waiting.durable };
  }

  /** The highest durable sequence of an instance, 0 if it has none. */
  highWaterMark(instance: string): number {
    return this.#marks.durable(instance);
  }

  /**
   * Whether whoever says that it is this instance may be it: nobody is whose process is not the one that the instance's
   * batches came from.
   */
  mayBe(instance: string, home: Home | undefined): boolean {
    const known = this.#marks.live(instance);
    return known?.process === undefined || (known.process === home?.process && known.node === home.node);
  }

  /** An instance said Hello, and so goes on: its Farewell, if it said one, is taken back. */
  greet(instance: string): void {
    if (!this.#marks.takeBack(instance)) return;
    this.#waiting.touched.add(instance);
    this.#schedule();
  }

  /** An instance said its last word. Resolves when that is durable; nothing is kept of one that never sent a batch. */
  farewell(instance: string, lastSequence: number): Promise<void> {
    this.#note(instance, { farewell: lastSequence });
    this.#schedule();
    return this.#waiting.touched.has(instance) ? this.#waiting.durable : Promise.resolve();
  }

  /** The instances of a node that are not known to have ended, with what is known of them. */
  instancesOf(node: string): Iterable<[string, Mark]> {
    return this.#marks.instancesOf(node);
  }

  /** Durable entries after a cursor, in order: at most `limit`, and no more once `maxBytes` are together. */
  read(after: number, limit: number, maxBytes = 8 << 20): ReadEntry[] {
    const found = this.#recent.after(after, limit, maxBytes);
    const last = found.at(-1)?.cursor ?? after;
    let bytes = found.reduce((sum, { value }) => sum + value.length, 0);
    if (found.length === limit || bytes >= maxBytes || last === this.#state.lastCursor) return found;
    for (const { key, value } of this.#tables.entriesAfter(last, limit - found.length)) {
      found.push({ cursor: key, value });
      bytes += value.length;
      if (bytes >= maxBytes) break;
    }
    return found;
  }

  /** Lets entries up to a cursor go. Takes effect with one of the next commits. */
  drop(upTo: number): void {
    this.#dropTo = Math.max(this.#dropTo, upTo);
    this.#schedule();
  }

  /**
   * Makes the next cursor come after this one. For a store that is further than the inbox, as when the inbox was
   * moved away: without it, entries would get cursors that the store takes for done.
   */
  continueAfter(cursor: number): void {
    if (cursor > this.#state.lastCursor) this.#state = { ...this.#state, lastCursor: cursor };
  }

  /** Forgets instances not heard since `beforeMs`. @returns how many */
  prune(beforeMs: number): number {
    const stale = this.#marks.stale(beforeMs, MAX_MARKS);
    this.#marks.forget(stale);
    this.#toForget.push(...stale);
    this.#schedule();
    return stale.length;
  }

  /** Calls back after each commit that brought entries. @returns a function that ends it */
  onAppended(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  status(): InboxStatus {
    return { ...this.#state, maxBytes: this.#options.maxBytes, marks: this.#marks.size };
  }

  /** The last raw batches that could not be read, oldest first. */
  quarantined(): Buffer[] {
    return this.#tables.quarantined();
  }

  /** Takes nothing more, commits what waits, and closes. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#commitEnd;
    if (this.#hasWork()) await this.#commit();
    await this.#tables.close();
  }

  #note(instance: string, words: Pick<Mark, "farewell" | "settled">): void {
    if (!this.#isClosed && this.#marks.note(instance, words)) this.#waiting.touched.add(instance);
  }

  #durability(instance: string, sequence: number): Promise<void> {
    if (sequence <= this.#marks.durable(instance)) return Promise.resolve();
    if (this.#waiting.arrivals.length > 0 || !this.#committing) return this.#waiting.durable;
    return this.#committing.durable;
  }

  #hasRoomFor(size: number): boolean {
    const queued = this.#waiting.bytes + size;
    const total = this.#state.bytes + (this.#committing?.bytes ?? 0) + queued;
    return !this.#isClosed && queued <= MAX_QUEUED_BYTES && total <= this.#options.maxBytes;
  }

  #hasWork(): boolean {
    return this.#waiting.touched.size > 0 || this.#toForget.length > 0 || this.#droppedTo < this.#dropTo;
  }

  #schedule(): void {
    if (this.#isClosed || this.#committing || this.#timer || !this.#hasWork()) return;
    const commit = (): void => {
      this.#timer = undefined;
      this.#commitEnd = this.#commit().finally(() => this.#schedule());
    };
    this.#timer = setTimeout(commit, this.#hasFailed ? RETRY_INTERVAL_MS : COMMIT_INTERVAL_MS);
  }

  /** One transaction. Never rejects: the appends that it held do. */
  async #commit(): Promise<void> {
    const group = this.#waiting;
    const forget = this.#toForget;
    this.#waiting = new Group();
    this.#toForget = [];
    this.#committing = group;
    const startedAt = performance.now();
    let failure: Error | undefined;
    try {
      await this.#write(group, forget);
    } catch (error) {
      failure = error as Error;
      this.#refuse(group, failure, forget);
    }
    this.#committing = undefined;
    this.#hasFailed = failure !== undefined;
    this.#options.onCommit?.((performance.now() - startedAt) / 1000, failure);
    if (!failure) this.#announce(group);
  }

  async #write(group: Group, forget: readonly string[]): Promise<void> {
    const first = this.#state.lastCursor + 1;
    const entries = group.arrivals.map(({ value }, index) => ({ cursor: first + index, value }));
    const quarantine = group.arrivals.flatMap(({ quarantined }, index) =>
      quarantined ? [{ cursor: first + index, value: Buffer.from(quarantined) }] : [],
    );
    const marks = this.#marksOf(group);
    const remove = this.#tables.cursors(this.#droppedTo, this.#dropTo, DROPS_PER_COMMIT);
    const freed = remove.reduce((sum, cursor) => sum + this.#tables.sizeOf(cursor), 0);
    const state = {
      lastCursor: this.#state.lastCursor + entries.length,
      bytes: this.#state.bytes + group.bytes - freed,
      entries: this.#state.entries + entries.length - remove.length,
    };
    const droppedTo = remove.length < DROPS_PER_COMMIT ? this.#dropTo : (remove.at(-1) ?? this.#dropTo);
    await this.#tables.write({ entries, quarantine, marks, remove, forget, state });
    this.#state = state;
    this.#droppedTo = droppedTo;
    this.#marks.commit(marks);
    for (const [index, { value, received }] of group.arrivals.entries()) {
      if (received) this.#recent.add({ cursor: first + index, value, received });
    }
  }

  #marksOf(group: Group): Map<string, Mark> {
    const marks = new Map<string, Mark>();
    for (const instance of group.touched) {
      const mark = this.#marks.live(instance);
      if (mark) marks.set(instance, mark);
    }
    return marks;
  }

  /**
   * What the disk refused was not taken, and neither may be what came after it, or a mark would pass over the hole:
   * all of it is forgotten, and the reporters send it again.
   */
  #refuse(group: Group, error: Error, forget: readonly string[]): void {
    const later = this.#waiting;
    this.#waiting = new Group();
    this.#toForget.push(...forget);
    this.#marks.rollBack();
    group.fail(error);
    later.fail(error);
  }

  #announce(group: Group): void {
    group.succeed();
    if (group.arrivals.length === 0) return;
    for (const listener of this.#listeners) listener();
  }
}
