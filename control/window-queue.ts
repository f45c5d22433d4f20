import type { ReportedWindow } from "./identity/observation.ts";

/** An entry of the inbox, named; no window where it could not be read. */
export interface NamedEntry {
  readonly cursor: number;
  readonly window: ReportedWindow | undefined;
  /** That of the route book when its routes were looked up. */
  readonly revision: number;
}

/**
 * Counters, pods' sums and requests by name that are held at most: what 5,000 reporters of ten counters say in four
 * seconds, about as long as a roll-up of theirs keeps the store. Past it the store reads the inbox again
 * instead, at the price of naming twice.
 */
const MAX_OBSERVATIONS = 300_000;

/**
 * What was named for the world and is still wanted by the store, so that it need not be named again. A run of entries
 * without a hole: where one had to be left out, nothing is kept until the store has read up to where the world is and
 * begins a new run.
 */
export class WindowQueue {
  readonly #maxObservations: number;
  #entries: NamedEntry[] = [];
  #observations = 0;
  /** The cursor before the first entry, and that of the last. */
  #startsAfter = 0;
  #end = 0;

  constructor(maxObservations = MAX_OBSERVATIONS) {
    this.#maxObservations = maxObservations;
  }

  /** Begins an empty run after a cursor. */
  restart(cursor: number): void {
    this.#entries = [];
    this.#observations = 0;
    this.#startsAfter = cursor;
    this.#end = cursor;
  }

  /** Takes the entry that comes after `previous`, if it goes on with the run and there is room. */
  push(entry: NamedEntry, previous: number): void {
    if (previous !== this.#end || this.#observations >= this.#maxObservations) return;
    this.#entries.push(entry);
    this.#observations += sizeOf(entry);
    this.#end = entry.cursor;
  }

  /** The entries after a cursor, at most `limit`; undefined when the run does not begin there or holds nothing. */
  after(cursor: number, limit: number): NamedEntry[] | undefined {
    return cursor === this.#startsAfter && this.#entries.length > 0 ? this.#entries.slice(0, limit) : undefined;
  }

  /** Lets go what the store has now. */
  drop(cursor: number): void {
    if (cursor >= this.#end) return this.restart(cursor);
    const gone = this.#entries.findIndex((entry) => entry.cursor > cursor);
    for (const entry of this.#entries.splice(0, Math.max(gone, 0))) this.#observations -= sizeOf(entry);
    this.#startsAfter = Math.max(this.#startsAfter, cursor);
  }
}

function sizeOf({ window }: NamedEntry): number {
  return 1 + (window?.observations.length ?? 0) + (window?.pods.length ?? 0) + (window?.exemplars.length ?? 0);
}
