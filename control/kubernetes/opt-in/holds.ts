/** After a write of it a plugin is left alone for a while, for longer each time: any write rebuilds the VMs of its sidecars. */
const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;
/** What was as it should be for so long begins anew. */
const FORGIVEN_MS = 60_000;

interface Hold {
  readonly writes: number;
  readonly untilMs: number;
}

/** Who is to be left alone until when. Times are milliseconds since the epoch. */
export class Holds {
  readonly #byKey = new Map<string, Hold>();
  readonly #random: () => number;

  /** @param random from 0 up to 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  isHeld(key: string, nowMs: number): boolean {
    return nowMs < (this.#byKey.get(key)?.untilMs ?? 0);
  }

  /** It was written, or writing it was refused. @returns for how long it is left alone */
  hold(key: string, nowMs: number): number {
    const writes = (this.#byKey.get(key)?.writes ?? 0) + 1;
    const waitMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(writes - 1, 20)) * (0.75 + this.#random() / 4);
    this.#byKey.set(key, { writes, untilMs: nowMs + waitMs });
    return waitMs;
  }

  /** It is as it should be. */
  settled(key: string, nowMs: number): void {
    const hold = this.#byKey.get(key);
    if (hold && nowMs >= hold.untilMs + FORGIVEN_MS) this.#byKey.delete(key);
  }

  forget(key: string): void {
    this.#byKey.delete(key);
  }

  /** When the first of those that are held is not any more; undefined where none is. Those that ended long ago are forgotten. */
  nextMs(nowMs: number): number | undefined {
    let first: number | undefined;
    for (const [key, { untilMs }] of this.#byKey) {
      if (untilMs + FORGIVEN_MS <= nowMs) this.#byKey.delete(key);
      else if (untilMs > nowMs) first = Math.min(first ?? untilMs, untilMs);
    }
    return first;
  }
}
