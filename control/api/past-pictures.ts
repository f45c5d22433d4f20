import type { RangeSums, TimeRange } from "../store/store.ts";
import { Picture } from "../world/picture.ts";

/** How long a picture is given out again, in milliseconds: counters of its range may still come in late. */
const KEPT_MS = 10_000;
/** Pictures kept; one of a very large world is some tens of megabytes. */
const MAX_KEPT = 4;

/**
 * Pictures of past ranges. The newest few are kept for a moment, since a reader's map and tables ask for the same one
 * one after the other.
 */
export class PastPictures {
  readonly #kept = new Map<string, { readonly picture: Picture; readonly atMs: number }>();
  readonly #now: () => number;

  /** @param now milliseconds on a clock that never jumps */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @param read asks the store; not called where the picture is at hand */
  async at(range: TimeRange, read: (range: TimeRange) => Promise<RangeSums>): Promise<Picture> {
    const key = `${range.fromMs} ${range.toMs}`;
    const kept = this.#kept.get(key);
    if (kept && this.#now() - kept.atMs < KEPT_MS) return kept.picture;
    const picture = new Picture(await read(range), range);
    this.#kept.delete(key);
    this.#kept.set(key, { picture, atMs: this.#now() });
    const [oldest = key] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(oldest);
    return picture;
  }
}
