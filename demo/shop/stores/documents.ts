/** Documents in a PostgreSQL table: an id, an owner to find them by, and the rest as JSON. */
import { randomBytes } from "node:crypto";
import type { Lease } from "./lease.ts";
import type { Postgres } from "./postgres.ts";

export interface StoredDocument<T> {
  readonly id: string;
  readonly owner: string;
  readonly document: T;
}

/** Rows of a list, at most. */
const MAX_LIST = 100;
/** Documents that a table keeps, beyond those of the first stock; the oldest make room. */
const MAX_DOCUMENTS = 50_000;
/** Inserts between two looks at the size of the table. */
const TRIM_EVERY = 1_000;

/** 24 hexadecimal digits, the seconds first, as the ids of the original's document stores. */
export function newDocumentId(nowMs: number): string {
  return (
    Math.floor(nowMs / 1000)
      .toString(16)
      .padStart(8, "0") + randomBytes(8).toString("hex")
  );
}

/** Makes a table of documents where there is none. `table` is a constant of the code, never input. */
export async function createDocumentTable(postgres: Postgres, table: string): Promise<void> {
  await postgres.query({
    text: `CREATE TABLE IF NOT EXISTS ${table}
       (id text PRIMARY KEY, seq bigserial, owner text NOT NULL, stock boolean NOT NULL, document jsonb NOT NULL);
     CREATE INDEX IF NOT EXISTS ${table}_owner ON ${table} (owner, seq);
     CREATE INDEX IF NOT EXISTS ${table}_seq ON ${table} (seq) WHERE NOT stock`,
  });
}

/** Puts in what the shop opens with, where it is not there yet. Such documents are never trimmed. */
export async function stockDocuments(
  postgres: Postgres,
  table: string,
  stock: readonly StoredDocument<object>[],
): Promise<void> {
  await postgres.query({
    text: `INSERT INTO ${table} (id, owner, stock, document)
       SELECT id, owner, true, document FROM jsonb_to_recordset($1::jsonb) AS s(id text, owner text, document jsonb)
     ON CONFLICT (id) DO NOTHING`,
    values: [JSON.stringify(stock)],
  });
}

export class Documents<T extends object> {
  readonly #lease: Lease<Postgres>;
  readonly #table: string;
  #inserts = 0;

  constructor(lease: Lease<Postgres>, table: string) {
    this.#lease = lease;
    this.#table = table;
  }

  async insert({ id, owner, document }: StoredDocument<T>): Promise<void> {
    const text = `INSERT INTO ${this.#table} (id, owner, stock, document) VALUES ($1, $2, false, $3)`;
    await this.#query("insert", text, [id, owner, JSON.stringify(document)]);
    if (++this.#inserts % TRIM_EVERY === 0) await this.#trim();
  }

  async find(id: string): Promise<StoredDocument<T> | undefined> {
    const rows = await this.#query("find", `SELECT id, owner, document FROM ${this.#table} WHERE id = $1`, [id]);
    return rows[0];
  }

  /** The oldest first. */
  byOwner(owner: string): Promise<StoredDocument<T>[]> {
    const text = `SELECT id, owner, document FROM ${this.#table} WHERE owner = $1 ORDER BY seq LIMIT ${MAX_LIST}`;
    return this.#query("by_owner", text, [owner]);
  }

  list(): Promise<StoredDocument<T>[]> {
    return this.#query("list", `SELECT id, owner, document FROM ${this.#table} ORDER BY seq LIMIT ${MAX_LIST}`, []);
  }

  /** Whether there was such a document. */
  async remove(id: string): Promise<boolean> {
    const rows = await this.#query("remove", `DELETE FROM ${this.#table} WHERE id = $1 RETURNING id, owner, document`, [
      id,
    ]);
    return rows.length > 0;
  }

  async #trim(): Promise<void> {
    const newest = `SELECT max(seq) FROM ${this.#table}`;
    const text = `DELETE FROM ${this.#table} WHERE NOT stock AND seq <= (${newest}) - ${MAX_DOCUMENTS}`;
    await this.#query("trim", text, []);
  }

  /** Statements are named, so that each connection prepares them once. */
  async #query(name: string, text: string, values: readonly string[]): Promise<StoredDocument<T>[]> {
    const result = await this.#lease.current.query<StoredDocument<T>>({
      name: `${this.#table}_${name}`,
      text,
      values: [...values],
    });
    return result.rows;
  }
}
