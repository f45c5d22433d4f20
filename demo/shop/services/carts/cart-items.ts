/** What lies in the carts: a row an item, the item itself as JSON. */
import type { Lease } from "../../stores/lease.ts";
import type { Postgres } from "../../stores/postgres.ts";

export interface CartItem {
  readonly itemId: string;
  readonly quantity: number;
  readonly unitPrice: number;
}

const MAX_ITEMS = 100;
/** Carts that nobody touched for this long are given up. */
const ABANDONED_AFTER = "1 hour";
/** Additions between two sweeps for such carts. */
const SWEEP_EVERY = 1_000;

const ADD = `INSERT INTO items (cart, item, document) VALUES ($1, $2, $3)
  ON CONFLICT (cart, item) DO UPDATE SET touched = now(), document = jsonb_set(items.document, '{quantity}',
    to_jsonb((items.document->>'quantity')::int + (excluded.document->>'quantity')::int))`;

export class CartItems {
  readonly #lease: Lease<Postgres>;
  #additions = 0;

  constructor(lease: Lease<Postgres>) {
    this.#lease = lease;
  }

  static async prepare(postgres: Postgres): Promise<void> {
    const text = `CREATE TABLE IF NOT EXISTS items (cart text, item text, touched timestamptz NOT NULL DEFAULT now(),
      document jsonb NOT NULL, PRIMARY KEY (cart, item))`;
    await postgres.query({ text });
  }

  list(cart: string): Promise<CartItem[]> {
    const text = `SELECT document FROM items WHERE cart = $1 ORDER BY item LIMIT ${MAX_ITEMS}`;
    return this.#query("list", text, [cart]);
  }

  async find(cart: string, item: string): Promise<CartItem | undefined> {
    const text = "SELECT document FROM items WHERE cart = $1 AND item = $2";
    return (await this.#query("find", text, [cart, item]))[0];
  }

  /** Adds to the quantity where the item is in the cart already. */
  async add(cart: string, item: CartItem): Promise<void> {
    await this.#query("add", ADD, [cart, item.itemId, JSON.stringify(item)]);
    if (++this.#additions % SWEEP_EVERY === 0) {
      await this.#query("sweep", `DELETE FROM items WHERE touched < now() - interval '${ABANDONED_AFTER}'`, []);
    }
  }

  /** Whether the cart held the item. */
  async replace(cart: string, item: CartItem): Promise<boolean> {
    const text = "UPDATE items SET document = $3, touched = now() WHERE cart = $1 AND item = $2 RETURNING document";
    return (await this.#query("replace", text, [cart, item.itemId, JSON.stringify(item)])).length > 0;
  }

  /** Takes one item out of the cart, or all. */
  async remove(cart: string, item?: string): Promise<void> {
    if (item === undefined) await this.#query("clear", "DELETE FROM items WHERE cart = $1", [cart]);
    else await this.#query("remove", "DELETE FROM items WHERE cart = $1 AND item = $2", [cart, item]);
  }

  async #query(name: string, text: string, values: string[]): Promise<CartItem[]> {
    const result = await this.#lease.current.query<{ document: CartItem }>({ name, text, values });
    return result.rows.map(({ document }) => document);
  }
}
