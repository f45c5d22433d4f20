import type { ReportedWindow } from "./identity/observation.ts";
import { JoinedWindows } from "./joined-windows.ts";

/** An entry of the inbox, named; no window where it could not be read. */
export interface NamedEntry {
  readonly cursor: number;
  readonly window: ReportedWindow | undefined;
  /** That of the route book when its routes were looked up. */
  readonly revision: number;
}

/**
 * Windows, counters, pods' sums and requests by name that are held at most: of 5,000 reporters whose workloads have 25 pods what is said in
 * fifteen seconds, longer than a roll-up of theirs keeps the store; of as many that have nothing alike four seconds. Past it
 * the store reads the inbox again instead, at the price of naming twice.
 */
const MAX_HELD = 300_000;

/** What the store is given at once: windows and, of few large ones, what they hold. */
const GROUP_WINDOWS = 10_000;
const GROUP_SIZE = 150_000;

/** Entries that follow each other, for the world or for one append; what is said alike in them stands once. */
export class WindowGroup {
  /** The cursor before the first entry. */
  readonly startsAfter: number;
  readonly #joined = new JoinedWindows();
  readonly #revisions = new Set<number>();
  #end: number;

  constructor(startsAfter: number) {
    this.startsAfter = startsAfter;
    this.#end = startsAfter;
  }

  /** The cursor of the last entry. */
  get end(): number {
    return this.#end;
  }

  get size(): number {
    return this.#joined.size;
  }

  /** Whether there may be more than it took. */
  get isFull(): boolean {
    return this.#joined.windows >= GROUP_WINDOWS || this.size >= GROUP_SIZE;
  }

  add({ cursor, window, revision }: NamedEntry): void {
    this.#end = cursor;
    if (!window) return;
    this.#joined.add(window);
    this.#revisions.add(revision);
  }

  /** Takes what comes after it, joined already. */
  addAll(group: WindowGroup): void {
    this.#end = group.end;
    for (const window of group.windows()) this.#joined.add(window);
    for (const each of group.#revisions) this.#revisions.add(each);
  }

  /** How many there are. */
  get length(): number {
    return this.#joined.windows;
  }

  windows(): readonly ReportedWindow[] {
    return this.#joined.list();
  }

  /** Whether all of it was named at this revision of the routes. */
  isOf(revision: number): boolean {
    for (const each of this.#revisions) if (each !== revision) return false;
    return true;
  }
}

/**
 * What was named for the world and is still wanted by the store, so that it need not be named again. A run of entries
 * without a hole, in groups: where some had to be left out, nothing is kept until the store has read up to where the world is and
 * begins a new run.
 */
export class WindowQueue {
  readonly #maxHeld: number;
  /** The last one takes what comes, unless the store has it already. */
  #groups: WindowGroup[] = [];
  #taken: WindowGroup | undefined;
  #end = 0;

  constructor(maxHeld = MAX_HELD) {
    this.#maxHeld = maxHeld;
  }

  /** Begins an empty run after a cursor. */
  restart(cursor: number): void {
    this.#groups = [];
    this.#end = cursor;
  }

  /** Takes entries, if they go on with the run and there is room. */
  push(entries: WindowGroup): void {
    if (entries.startsAfter !== this.#end || this.#held >= this.#maxHeld) return;
    const last = this.#groups.at(-1);
    if (last && last !== this.#taken && !last.isFull) last.addAll(entries);
    else this.#groups.push(entries);
    this.#end = entries.end;
  }

  /** The group after a cursor, to which nothing is added from now on; undefined where the run has none that begins there. */
  after(cursor: number): WindowGroup | undefined {
    const [first] = this.#groups;
    if (first?.startsAfter !== cursor) return undefined;
    this.#taken = first;
    return first;
  }

  /** Lets go what the store has now. */
  drop(cursor: number): void {
    if (cursor >= this.#end) return this.restart(cursor);
    this.#groups = this.#groups.filter(({ end }) => end > cursor);
  }

  get #held(): number {
    return this.#groups.reduce((sum, { size }) => sum + size, 0);
  }
}
