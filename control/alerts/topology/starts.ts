/** Sidecars that began to report a short while ago: their pods were started anew, or are more of them. */

/** How long a start is looked at. */
export const STARTS_KEPT_MS = 15 * 60_000;
/** Starts that are kept; further ones are counted. */
const MAX_STARTS = 10_000;

/** A sidecar that began to report. It is kept over a restart of control. */
export interface Start {
  /** Node id. */
  readonly workload: string;
  /** "namespace/pod"; empty where that is not known. */
  readonly pod: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

export class Starts {
  /** By workload. */
  readonly #starts = new Map<string, Start[]>();
  #size = 0;
  #skipped = 0;
  #isNew = false;

  /** Starts that found no room. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Whether there were new ones since this was asked last. */
  takeNew(): boolean {
    const isNew = this.#isNew;
    this.#isNew = false;
    return isNew;
  }

  add(start: Start): void {
    const ofWorkload = this.#starts.get(start.workload) ?? [];
    // An Envoy has a sidecar's filter in each of its threads.
    if (ofWorkload.some(({ pod, atMs }) => pod === start.pod && atMs === start.atMs)) return;
    if (this.#size >= MAX_STARTS) {
      this.#skipped++;
      return;
    }
    this.#size++;
    this.#isNew = true;
    const later = ofWorkload.filter(({ atMs }) => atMs > start.atMs);
    const earlier = ofWorkload.filter(({ atMs }) => atMs <= start.atMs);
    this.#starts.set(start.workload, [...later, start, ...earlier]);
  }

  /** Those of a workload, the latest first. */
  of(workload: string): readonly Start[] {
    return this.#starts.get(workload) ?? [];
  }

  /** In an order that only depends on what they are. */
  all(): Start[] {
    return [...this.#starts.values()].flat().sort((a, b) => a.atMs - b.atMs || (a.workload < b.workload ? -1 : 1));
  }

  /** Forgets what is too long ago. */
  advance(endMs: number): void {
    for (const [workload, starts] of this.#starts) {
      const kept = starts.filter(({ atMs }) => atMs >= endMs - STARTS_KEPT_MS);
      if (kept.length === starts.length) continue;
      this.#size -= starts.length - kept.length;
      if (kept.length === 0) this.#starts.delete(workload);
      else this.#starts.set(workload, kept);
    }
  }
}
