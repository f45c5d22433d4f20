/** The socks that the catalogue showed last. Shoppers remember them while the catalogue fails. */
import { z } from "zod";

const catalogueSchema = z.array(z.object({ id: z.string(), price: z.number() })).nonempty();

/** Stands for a sock as long as the catalogue has never shown any. */
const NO_SOCK = "none";

export class Shelf {
  /** Ids, the cheapest first. */
  #socks: readonly string[] = [];

  /** Takes over what the catalogue answered; anything unreadable leaves the shelf as it is. */
  restock(body: Buffer): void {
    let input: unknown;
    try {
      input = JSON.parse(body.toString("utf8"));
    } catch {
      return;
    }
    const socks = catalogueSchema.safeParse(input);
    if (socks.success) this.#socks = socks.data.toSorted((a, b) => a.price - b.price).map(({ id }) => id);
  }

  /** Any but the dearest, which is kept for the extravagant. `chance` is from 0 to 1. */
  pick(chance: number): string {
    return this.#socks[Math.floor(chance * (this.#socks.length - 1))] ?? NO_SOCK;
  }

  get dearest(): string {
    return this.#socks.at(-1) ?? NO_SOCK;
  }
}
