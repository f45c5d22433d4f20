/**
 * What the inbox keeps on disk. One LMDB environment with four tables:
 *
 *     entries     cursor -> envelope.ts    what came in, in order; the cursor only grows, also over restarts
 *     marks       instance -> Mark         up to where an instance's batches are durable
 *     state       "state" -> InboxState    last cursor, bytes and number of entries
 *     quarantine  cursor -> raw batch      the last few batches that could not be read, for a look
 *
 * LMDB's `overlappingSync` is off: a commit ends only after its data pages went through fdatasync and its meta page
 * through a synchronous write, so a change that was awaited survives the loss of power. LMDB never overwrites a page
 * that is in use, so a write cut in the middle leaves the state before it.
 */
import { join } from "node:path";
import { open } from "lmdb";
import type { Database, RootDatabase } from "lmdb";
import { commitError } from "./commit-error.ts";
import { checkInboxFile } from "./inbox-file.ts";
import { MAX_QUARANTINED } from "./limits.ts";
import type { Mark } from "./marks.ts";

const STATE_KEY = "state";

export interface InboxEntry {
  readonly cursor: number;
  readonly value: Buffer;
}

export interface InboxState {
  readonly lastCursor: number;
  readonly bytes: number;
  readonly entries: number;
}

/** What one transaction changes. */
export interface Change {
  readonly entries: readonly InboxEntry[];
  readonly quarantine: readonly InboxEntry[];
  readonly marks: ReadonlyMap<string, Mark>;
  /** Cursors of entries to remove, with their sizes already taken off `state`. */
  readonly remove: readonly number[];
  /** Instances whose marks go. */
  readonly forget: readonly string[];
  readonly state: InboxState;
}

export class InboxTables {
  readonly #root: RootDatabase;
  readonly #entries: Database<Buffer, number>;
  readonly #marks: Database<Mark, string>;
  readonly #state: Database<InboxState, string>;
  readonly #quarantine: Database<Buffer, number>;

  /** Throws when the folder cannot be written or its content is no inbox. */
  constructor(path: string) {
    try {
      checkInboxFile(join(path, "data.mdb"));
      // With batches by the turn of the event loop, lmdb makes a promise for each that nobody can listen to: where the disk
      // refuses a commit, it would reject and end the process.
      this.#root = open({ path, overlappingSync: false, eventTurnBatching: false, maxDbs: 4 });
      this.#entries = this.#root.openDB("entries", { encoding: "binary" });
      this.#marks = this.#root.openDB("marks", { encoding: "json" });
      this.#state = this.#root.openDB("state", { encoding: "json" });
      this.#quarantine = this.#root.openDB("quarantine", { encoding: "binary" });
      this.#checkEntries();
    } catch (cause) {
      throw new Error(
        `Opening the inbox at ${path}: ${(cause as Error).message}. Check that the folder can be written and has ` +
          "room; if its files are damaged, move the folder away (what it held and the store has not yet is lost)",
        { cause },
      );
    }
  }

  /** What was damaged behind the first pages shows in entries that are missing. */
  #checkEntries(): void {
    const stated = this.state().entries;
    const found = this.#entries.getKeysCount();
    if (found !== stated) throw new Error(`it should hold ${stated} entries and holds ${found}`);
  }

  state(): InboxState {
    return this.#state.get(STATE_KEY) ?? { lastCursor: 0, bytes: 0, entries: 0 };
  }

  marks(): Iterable<{ key: string; value: Mark }> {
    return this.#marks.getRange();
  }

  /** Entries after a cursor, in order, at most `limit`. The values are copies. */
  entriesAfter(cursor: number, limit: number): Iterable<{ key: number; value: Buffer }> {
    return this.#entries.getRange({ start: cursor, exclusiveStart: true, limit });
  }

  /** Cursors after one and up to another (included), at most `limit`. */
  cursors(after: number, upTo: number, limit: number): number[] {
    return [...this.#entries.getKeys({ start: after, exclusiveStart: true, end: upTo, inclusiveEnd: true, limit })];
  }

  sizeOf(cursor: number): number {
    return this.#entries.getBinaryFast(cursor)?.length ?? 0;
  }

  quarantined(): Buffer[] {
    return [...this.#quarantine.getRange()].map((entry) => entry.value);
  }

  /** Writes a change whole or not at all. Resolves when it is durable. */
  async write(change: Change): Promise<void> {
    try {
      await this.#root.batch(() => this.#put(change));
    } catch (error) {
      throw await commitError(error, "Writing to the inbox");
    }
  }

  close(): Promise<void> {
    return this.#root.close();
  }

  #put(change: Change): void {
    for (const { cursor, value } of change.entries) void this.#entries.put(cursor, value);
    // Before the marks: an instance that was forgotten may just have come back.
    for (const instance of change.forget) void this.#marks.remove(instance);
    for (const [instance, mark] of change.marks) void this.#marks.put(instance, mark);
    for (const cursor of change.remove) void this.#entries.remove(cursor);
    for (const { cursor, value } of change.quarantine) void this.#quarantine.put(cursor, value);
    const surplus = this.#quarantine.getKeysCount() + change.quarantine.length - MAX_QUARANTINED;
    for (const cursor of surplus > 0 ? this.#quarantine.getKeys({ limit: surplus }) : []) {
      void this.#quarantine.remove(cursor);
    }
    void this.#state.put(STATE_KEY, change.state);
  }
}
