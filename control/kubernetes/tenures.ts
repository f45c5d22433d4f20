/** How long an address was somebody's. Times are milliseconds since the epoch. */
export interface Tenure<H> {
  readonly holder: H;
  /** It began no earlier than `from` and no later than `latestFrom`. */
  readonly from: number;
  readonly latestFrom: number;
  /** Infinite while it lasts. */
  readonly to: number;
}

interface Held<H> extends Tenure<H> {
  readonly address: string;
  to: number;
}

export interface TenuresOptions {
  /** What is over is kept for so long, milliseconds, ... */
  readonly keepMs: number;
  /** ... and at most so much of it. */
  readonly maxOver: number;
}

/**
 * Whose addresses were, with time. A pod gets an address only when the one before has given it up, so of two that claim it
 * the one that began later has it from then on, however late the other's end is told. Where both ends are known only
 * to the second, the end of the one before decides within it.
 */
export class Tenures<H> {
  readonly #byAddress = new Map<string, Held<H>[]>();
  /** Those that are over, in the order in which that was told. */
  #over: Held<H>[] = [];
  #firstOver = 0;
  #dropped = 0;
  readonly #options: TenuresOptions;

  constructor(options: TenuresOptions) {
    this.#options = options;
  }

  /** Somebody holds an address from now on. @returns what `end` is to be given */
  begin(address: string, tenure: Omit<Tenure<H>, "to">): Tenure<H> {
    const held = { ...tenure, address, to: Infinity };
    const all = this.#byAddress.get(address);
    if (!all) {
      this.#byAddress.set(address, [held]);
      return held;
    }
    let at = all.length;
    while (at > 0 && (all[at - 1] as Held<H>).from > held.from) at -= 1;
    all.splice(at, 0, held);
    return held;
  }

  /** The holder gave it up no later than `atMs`. */
  end(tenure: Tenure<H>, atMs: number): void {
    const held = tenure as Held<H>;
    if (held.to !== Infinity) return;
    held.to = Math.max(atMs, held.from);
    this.#over.push(held);
    while (this.#over.length - this.#firstOver > this.#options.maxOver) {
      this.#forgetFirst();
      this.#dropped += 1;
    }
  }

  /** Forgets those that have been over for long. */
  expire(nowMs: number): void {
    for (let first = this.#over[this.#firstOver]; first; first = this.#over[this.#firstOver]) {
      if (first.to > nowMs - this.#options.keepMs) return;
      this.#forgetFirst();
    }
  }

  /** Whether anybody holds the address, or did not long ago. */
  has(address: string): boolean {
    return this.#byAddress.has(address);
  }

  /** Everybody who held it for some of the time from `atMs` until `untilMs`, of which the end is not part. */
  during(address: string, atMs: number, untilMs: number): H[] {
    const all = this.#byAddress.get(address);
    if (!all) return [];
    const holders: H[] = [];
    let nextBegan = Infinity;
    for (let at = all.length - 1; at >= 0; at -= 1) {
      const held = all[at] as Held<H>;
      const began = beganAt(held, all[at - 1]);
      const ended = Math.min(held.to, nextBegan);
      if (began <= atMs ? atMs < ended : began < untilMs && began < ended) holders.push(held.holder);
      nextBegan = Math.min(nextBegan, began);
    }
    return holders;
  }

  /** How many are over and kept, and how many had to go before their time. */
  get over(): { readonly kept: number; readonly dropped: number } {
    return { kept: this.#over.length - this.#firstOver, dropped: this.#dropped };
  }

  #forgetFirst(): void {
    const held = this.#over[this.#firstOver] as Held<H>;
    this.#firstOver += 1;
    if (this.#firstOver > 1_000 && this.#firstOver * 2 > this.#over.length) {
      this.#over = this.#over.slice(this.#firstOver);
      this.#firstOver = 0;
    }
    const others = (this.#byAddress.get(held.address) ?? []).filter((other) => other !== held);
    if (others.length > 0) this.#byAddress.set(held.address, others);
    else this.#byAddress.delete(held.address);
  }
}

function beganAt<H>({ from, latestFrom }: Tenure<H>, before: Tenure<H> | undefined): number {
  return before ? Math.min(latestFrom, Math.max(from, before.to)) : from;
}
