/**
 * What a control must know of its own writes to InfluxDB to never write anything twice in two ways: a file in the data
 * folder.
 *
 * A group of points is put there, whole and synced, before the first of them is sent. However often sending is cut off
 * (InfluxDB goes down, control is killed), the same bytes are sent again and replace themselves; were they made anew,
 * what was named differently meanwhile would lie beside what was written before. When all is sent the file keeps only
 * where it stands.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { writeDurably } from "../durable-file.ts";
import { StoreOpenError } from "../errors.ts";

const FORMAT = "sidelight-influxdb-journal-1";

/** Lines for one bucket. */
export interface BucketLines {
  readonly bucket: string;
  readonly lines: readonly string[];
}

/** Slots (by number: time over length) whose finer points changed since they were merged last, by resolution. */
export type DirtySlots = Readonly<Record<string, readonly number[]>>;

export interface JournalState {
  /** Tells this control's points from another's. */
  readonly replica: string;
  /** The inbox cursor that everything up to here was handed over with. */
  readonly cursor: number;
  /** The number of the next window. */
  readonly next: number;
  readonly dirty: DirtySlots;
  /** What is to be sent before anything else; empty when all was. */
  readonly unsent: readonly BucketLines[];
}

export class Journal {
  readonly #path: string;
  #state: JournalState;

  private constructor(path: string, state: JournalState) {
    this.#path = path;
    this.#state = state;
  }

  /** Opens the journal at a path, or begins one. Throws a StoreOpenError where the file is none. */
  static open(path: string): Journal {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "ENOENT") {
        throw new StoreOpenError("unusable", `Reading the journal ${path}`, { cause });
      }
      const replica = randomBytes(4).toString("hex");
      const journal = new Journal(path, { replica, cursor: 0, next: 1, dirty: {}, unsent: [] });
      journal.write({});
      return journal;
    }
    return new Journal(path, parse(path, text));
  }

  get state(): JournalState {
    return this.#state;
  }

  /** Puts changes on the disk; they hold when this returns. */
  write(changes: Partial<JournalState>): void {
    const state = { ...this.#state, ...changes };
    try {
      writeDurably(this.#path, JSON.stringify({ format: FORMAT, ...state }));
    } catch (cause) {
      throw new Error(`Writing the journal ${this.#path}`, { cause });
    }
    this.#state = state;
  }
}

function parse(path: string, text: string): JournalState {
  let found: Partial<JournalState & { format: string }> | null;
  try {
    found = JSON.parse(text) as typeof found;
  } catch (cause) {
    throw new StoreOpenError("foreign", `The journal ${path} is damaged. ${mend}`, { cause });
  }
  const { format, replica, cursor, next, dirty, unsent } = found ?? {};
  if (format !== FORMAT || !replica || cursor === undefined || !next || !dirty || !unsent) {
    throw new StoreOpenError("foreign", `The file ${path} is no journal of this version. ${mend}`);
  }
  return { replica, cursor, next, dirty, unsent };
}

const mend =
  "Without it control begins anew: batches that wait in the inbox may then be counted twice. Move it away to do so";
