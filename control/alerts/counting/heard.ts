/** Which sidecars were heard, slot by slot: what the reporter rule asks. A bit a node, so that hours of it are kept in little room. */

/** Nodes by a number each. */
class Bits {
  #bytes = new Uint8Array(16);

  has(at: number): boolean {
    return ((this.#bytes[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;
  }

  /** These and others. */
  with(others: Bits): Bits {
    const all = new Bits();
    const [longer, shorter] = this.#bytes.length >= others.#bytes.length ? [this, others] : [others, this];
    all.#bytes = longer.#bytes.slice();
    shorter.#bytes.forEach((byte, at) => (all.#bytes[at]! |= byte));
    return all;
  }

  add(at: number): void {
    if (at >> 3 >= this.#bytes.length) {
      const grown = new Uint8Array(Math.max((at >> 3) + 1, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[at >> 3]! |= 1 << (at & 7);
  }
}

/** Those of one slot. */
export class Heard {
  constructor(
    readonly asDestination = new Bits(),
    readonly asReporter = new Bits(),
  ) {}

  with({ asDestination, asReporter }: Heard): Heard {
    return new Heard(this.asDestination.with(asDestination), this.asReporter.with(asReporter));
  }
}

/** Numbers of nodes, in the order in which they were seen. */
export class NodeNumbers {
  readonly #numbers = new Map<string, number>();

  of(id: string): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    this.#numbers.set(id, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}
