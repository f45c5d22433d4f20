/** How far an instance's batches have come. */
export interface Mark {
  /** The highest sequence that is durable. */
  readonly sequence: number;
  /** When it was last heard, milliseconds since the epoch. */
  readonly heardMs: number;
}

/** A mark and what of the instance waits for its commit. */
interface LiveMark {
  sequence: number;
  heardMs: number;
  /** The highest sequence accepted; equals `sequence` when nothing waits. */
  accepted: number;
}

/**
 * The high-water marks by which a batch that comes twice is recognised. Held in memory, backed by the inbox, which
 * writes a mark in the same transaction as the batch.
 */
export class HighWaterMarks {
  readonly #marks = new Map<string, LiveMark>();

  restore(instance: string, mark: Mark): void {
    this.#marks.set(instance, { ...mark, accepted: mark.sequence });
  }

  /** The highest sequence that is durable or on its way there; undefined for an instance never heard of. */
  accepted(instance: string): number | undefined {
    return this.#marks.get(instance)?.accepted;
  }

  /** The highest durable sequence, 0 if there is none. */
  durable(instance: string): number {
    return this.#marks.get(instance)?.sequence ?? 0;
  }

  accept(instance: string, sequence: number, heardMs: number): void {
    const mark = this.#marks.get(instance);
    if (mark) Object.assign(mark, { accepted: sequence, heardMs });
    else this.#marks.set(instance, { sequence: 0, accepted: sequence, heardMs });
  }

  /** What was accepted up to `sequence` is on disk. */
  commit(instance: string, sequence: number): void {
    const mark = this.#marks.get(instance);
    if (mark) mark.sequence = Math.max(mark.sequence, sequence);
  }

  /** Nothing that waited got to disk: forget that it was accepted, so that it is taken when it comes again. */
  rollBack(): void {
    for (const [instance, mark] of this.#marks) {
      if (mark.sequence === 0) this.#marks.delete(instance);
      else mark.accepted = mark.sequence;
    }
  }

  /**
   * The instances to forget: those not heard since `beforeMs`, and those heard of longest ago past `max`. Never one
   * that waits for a commit.
   */
  stale(beforeMs: number, max: number): string[] {
    const settled = [...this.#marks].filter(([, mark]) => mark.accepted === mark.sequence);
    settled.sort(([, a], [, b]) => a.heardMs - b.heardMs);
    const surplus = this.#marks.size - max;
    return settled
      .filter(([, mark], index) => mark.heardMs < beforeMs || index < surplus)
      .map(([instance]) => instance);
  }

  forget(instances: readonly string[]): void {
    for (const instance of instances) this.#marks.delete(instance);
  }

  get size(): number {
    return this.#marks.size;
  }
}
