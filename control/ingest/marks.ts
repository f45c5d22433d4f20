/** What is known of an instance. Of marks that an older version wrote, only the first two are there. */
export interface Mark {
  /** The highest sequence. */
  readonly sequence: number;
  /** When its last batch came in, milliseconds since the epoch. */
  readonly heardMs: number;
  /** The same of its first. */
  readonly firstMs?: number;
  /** Out of its Hello: node id and process, both or none. */
  readonly node?: string;
  readonly process?: string;
  /** The last sequence that its Farewell named; none where it said none, or took it back. */
  readonly farewell?: number;
  /** What came out when its end was looked into, see predecessors.ts. */
  readonly settled?: Settled;
}

/** `ended`: with or without a last word. `beside`: it went on while another process of its node did. */
export type Settled = "ended" | "beside";

/** Where an instance runs. */
export interface Home {
  readonly node: string;
  readonly process: string;
}

interface LiveMark {
  /** What is durable; undefined while nothing is. */
  stored: Mark | undefined;
  /** The same with what waits for its commit. */
  live: Mark;
}

/**
 * The high-water marks by which a batch that comes twice is recognised, and what an instance said of its end. Held in
 * memory, backed by the inbox, which writes a mark in the same transaction as the batch.
 */
export class HighWaterMarks {
  readonly #marks = new Map<string, LiveMark>();
  /** The instances of a node that are not known to have ended. */
  readonly #byNode = new Map<string, Set<string>>();

  restore(instance: string, mark: Mark): void {
    this.#marks.set(instance, { stored: mark, live: mark });
    this.#follow(instance, mark);
  }

  /** The highest sequence that is durable or on its way there; undefined for an instance never heard of. */
  accepted(instance: string): number | undefined {
    return this.#marks.get(instance)?.live.sequence;
  }

  /** The highest durable sequence, 0 if there is none. */
  durable(instance: string): number {
    return this.#marks.get(instance)?.stored?.sequence ?? 0;
  }

  accept(instance: string, sequence: number, heardMs: number, home?: Home): void {
    const known = this.#marks.get(instance);
    const live = { firstMs: heardMs, ...known?.live, ...home, sequence, heardMs };
    if (known) known.live = live;
    else this.#marks.set(instance, { stored: undefined, live });
    this.#follow(instance, live);
  }

  /** Changes what is known of an instance. @returns false for one never heard of, of which nothing is kept */
  note(instance: string, words: Pick<Mark, "farewell" | "settled">): boolean {
    const mark = this.#marks.get(instance);
    if (mark) mark.live = { ...mark.live, ...words };
    return mark !== undefined;
  }

  /** Takes a Farewell back. @returns whether there was one */
  takeBack(instance: string): boolean {
    const mark = this.#marks.get(instance);
    if (mark?.live.farewell === undefined) return false;
    const live: { -readonly [K in keyof Mark]: Mark[K] } = { ...mark.live };
    delete live.farewell;
    mark.live = live;
    return true;
  }

  /** An instance's mark with what waits for its commit. */
  live(instance: string): Mark | undefined {
    return this.#marks.get(instance)?.live;
  }

  /** What has become durable. */
  commit(marks: ReadonlyMap<string, Mark>): void {
    for (const [instance, stored] of marks) {
      const mark = this.#marks.get(instance);
      if (mark) mark.stored = stored;
      if (stored.settled === "ended") this.#unfollow(instance, stored);
    }
  }

  /** Nothing that waited got to disk: forget that it was accepted, so that it is taken when it comes again. */
  rollBack(): void {
    for (const [instance, mark] of this.#marks) {
      if (mark.stored) mark.live = mark.stored;
      else this.forget([instance]);
    }
  }

  /**
   * The instances to forget: those not heard since `beforeMs`, and those heard of longest ago past `max`. Never one
   * that waits for a commit.
   */
  stale(beforeMs: number, max: number): string[] {
    const waitsForNothing = [...this.#marks].filter(([, mark]) => mark.live === mark.stored);
    const marks = waitsForNothing.map(([instance, { live }]) => ({ instance, heardMs: live.heardMs }));
    marks.sort((a, b) => a.heardMs - b.heardMs);
    const surplus = this.#marks.size - max;
    return marks.filter(({ heardMs }, index) => heardMs < beforeMs || index < surplus).map(({ instance }) => instance);
  }

  forget(instances: readonly string[]): void {
    for (const instance of instances) {
      const mark = this.#marks.get(instance);
      if (mark) this.#unfollow(instance, mark.live);
      this.#marks.delete(instance);
    }
  }

  /** The instances of a node that are not known to have ended, with their marks. */
  *instancesOf(node: string): Generator<[string, Mark]> {
    for (const instance of this.#byNode.get(node) ?? []) {
      const live = this.live(instance);
      if (live && live.settled !== "ended") yield [instance, live];
    }
  }

  get size(): number {
    return this.#marks.size;
  }

  #follow(instance: string, { node, settled }: Mark): void {
    if (node === undefined || settled === "ended") return;
    const instances = this.#byNode.get(node) ?? new Set();
    this.#byNode.set(node, instances.add(instance));
  }

  #unfollow(instance: string, { node }: Mark): void {
    if (node === undefined) return;
    const instances = this.#byNode.get(node);
    instances?.delete(instance);
    if (instances?.size === 0) this.#byNode.delete(node);
  }
}
