import { WindowGroup } from "./window-queue.ts";
import type { NamedEntry } from "./window-queue.ts";

/**
 * The world is given what came within this time together, where that is much: what the pods of a workload say in it is mostly the
 * same (joined-windows.ts) and is counted once then. It is on the map as much later.
 */
const TOGETHER_MS = 250;
/** What is much: entries in the last second. */
const MUCH_A_SECOND = 1_000;
/** Entries that are given together at most. */
const MOST_TOGETHER = 2_000;

/** Named entries on their way to the world, each at once, or, where they are many, some of them together. */
export class Gathering {
  #group: WindowGroup;
  #sinceMs = 0;
  #secondMs = 0;
  #inSecond = 0;
  #isMuch = false;

  /** @param cursor the one before the first entry */
  constructor(cursor: number) {
    this.#group = new WindowGroup(cursor);
  }

  /** The cursor of the last entry. */
  get end(): number {
    return this.#group.end;
  }

  get isEmpty(): boolean {
    return this.#group.end === this.#group.startsAfter;
  }

  add(entry: NamedEntry, nowMs: number): void {
    if (this.isEmpty) this.#sinceMs = nowMs;
    this.#group.add(entry);
    this.#inSecond++;
    if (nowMs - this.#secondMs < 1_000) return;
    this.#isMuch = this.#inSecond >= MUCH_A_SECOND;
    this.#inSecond = 0;
    this.#secondMs = nowMs;
  }

  /** How long nothing need be given on yet, milliseconds; 0 where it is time. */
  waitMs(nowMs: number): number {
    if (!this.#isMuch || this.#group.length >= MOST_TOGETHER) return 0;
    // A clock that was set back must not hold anything up.
    return Math.min(TOGETHER_MS, Math.max(0, this.#sinceMs + TOGETHER_MS - nowMs));
  }

  /** What was gathered; what comes after begins anew. */
  take(): WindowGroup {
    const group = this.#group;
    this.#group = new WindowGroup(group.end);
    return group;
  }
}
