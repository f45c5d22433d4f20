import type { ReceivedBatch } from "./envelope.ts";
import type { InboxEntry } from "./inbox-tables.ts";

/** An entry as it is read. */
export interface ReadEntry extends InboxEntry {
  /** What it holds, where that is still at hand from when it came in. */
  readonly received?: ReceivedBatch;
}

/** The latest entries, as long as nobody has read them. A bounded part of what is on disk; it may have holes. */
export class RecentEntries {
  readonly #maxBytes: number;
  #entries: ReadEntry[] = [];
  #bytes = 0;

  /** @param maxBytes of their encoded values; what would go past it is left to the disk */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Takes an entry that comes after all that were taken before. */
  add(entry: ReadEntry): void {
    const bytes = this.#bytes + entry.value.length;
    if (bytes > this.#maxBytes) return;
    this.#bytes = bytes;
    this.#entries.push(entry);
  }

  /**
   * Those that come right after a cursor, at most `limit`, and no more once `maxBytes` are together; none where the next
   * one is not here. Those up to the cursor are let go.
   */
  after(cursor: number, limit: number, maxBytes: number): ReadEntry[] {
    const first = this.#entries.findIndex((entry) => entry.cursor > cursor);
    const gone = this.#entries.splice(0, first < 0 ? this.#entries.length : first);
    for (const { value } of gone) this.#bytes -= value.length;
    const found: ReadEntry[] = [];
    let bytes = 0;
    for (const entry of this.#entries) {
      if (found.length === limit || bytes >= maxBytes || entry.cursor !== cursor + 1 + found.length) break;
      found.push(entry);
      bytes += entry.value.length;
    }
    return found;
  }
}
