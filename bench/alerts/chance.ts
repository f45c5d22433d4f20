/** Counts by chance, of numbers in [0, 1) that are the same for the same seed. */
export class Chance {
  readonly #next: () => number;

  constructor(next: () => number) {
    this.#next = next;
  }

  between(from: number, to: number): number {
    return from + (to - from) * this.#next();
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#next() * items.length)]!;
  }

  /** Of a Poisson distribution; of a normal one of the same variance where many are expected. */
  count(expected: number): number {
    if (expected > 30) return Math.max(0, Math.round(expected + Math.sqrt(expected) * this.#normal()));
    let count = -1;
    for (let left = 1, least = Math.exp(-expected); left > least; left *= this.#next()) count++;
    return Math.max(0, count);
  }

  /** How many of these, where each is one with this share. */
  of(count: number, share: number): number {
    if (share <= 0 || count === 0) return 0;
    if (share >= 1) return count;
    if (share > 0.5) return count - this.of(count, 1 - share);
    if (count < 30) {
      let some = 0;
      for (let one = 0; one < count; one++) if (this.#next() < share) some++;
      return some;
    }
    return Math.min(count, this.count(count * share));
  }

  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#next())) * Math.cos(2 * Math.PI * this.#next());
  }
}
