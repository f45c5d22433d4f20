/** The catalogue's tables in MariaDB, asked with prepared statements. */
import type { RowDataPacket } from "mysql2/promise";
import type { Lease } from "../../stores/lease.ts";
import type { Mariadb } from "../../stores/mariadb.ts";
import type { Sock } from "./socks.ts";

/** A sock as the catalogue's API shows it. */
export interface CatalogueItem {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly imageUrl: readonly string[];
  readonly price: number;
  readonly count: number;
  readonly tag: readonly string[];
}

export interface CatalogueQuery {
  /** Socks with any of these; empty = all. */
  readonly tags: readonly string[];
  readonly order: "id" | "name" | "price";
  /** From 1. */
  readonly page: number;
  readonly size: number;
}

interface SockRow extends RowDataPacket {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly price: number;
  readonly count: number;
  readonly tags: string | null;
}

const ROWS = `SELECT s.sock_id AS id, s.name, s.description, s.price, s.count, GROUP_CONCAT(t.name ORDER BY t.name) AS tags
  FROM socksdb.sock s LEFT JOIN socksdb.sock_tag st USING (sock_id) LEFT JOIN socksdb.tag t USING (tag_id)`;
const WITH_TAGS = `s.sock_id IN (SELECT sock_id FROM socksdb.sock_tag JOIN socksdb.tag USING (tag_id)
  WHERE FIND_IN_SET(name, ?))`;
const ORDERS = { id: "s.sock_id", name: "s.name", price: "s.price" } as const;

export class SockStore {
  readonly #lease: Lease<Mariadb>;

  constructor(lease: Lease<Mariadb>) {
    this.#lease = lease;
  }

  /** Makes the tables and fills them. */
  static async prepare(mariadb: Mariadb, socks: readonly Sock[]): Promise<void> {
    await mariadb.query("CREATE DATABASE IF NOT EXISTS socksdb");
    await mariadb.query(`CREATE TABLE IF NOT EXISTS socksdb.sock (sock_id varchar(40) PRIMARY KEY, name varchar(60) NOT NULL,
      description varchar(200) NOT NULL, price double NOT NULL, count int NOT NULL)`);
    await mariadb.query(`CREATE TABLE IF NOT EXISTS socksdb.tag
      (tag_id int AUTO_INCREMENT PRIMARY KEY, name varchar(20) NOT NULL UNIQUE)`);
    await mariadb.query(`CREATE TABLE IF NOT EXISTS socksdb.sock_tag
      (sock_id varchar(40), tag_id int, PRIMARY KEY (sock_id, tag_id))`);
    for (const { id, name, description, price, count, tags } of socks) {
      const row = [id, name, description, price, count];
      await mariadb.execute("INSERT IGNORE INTO socksdb.sock VALUES (?, ?, ?, ?, ?)", row);
      for (const tag of tags) {
        await mariadb.execute("INSERT IGNORE INTO socksdb.tag (name) VALUES (?)", [tag]);
        const link = "INSERT IGNORE INTO socksdb.sock_tag SELECT ?, tag_id FROM socksdb.tag WHERE name = ?";
        await mariadb.execute(link, [id, tag]);
      }
    }
  }

  async list({ tags, order, page, size }: CatalogueQuery): Promise<CatalogueItem[]> {
    const where = tags.length > 0 ? `WHERE ${WITH_TAGS}` : "";
    const values = [...(tags.length > 0 ? [tags.join(",")] : []), String(size), String((page - 1) * size)];
    const text = `${ROWS} ${where} GROUP BY s.sock_id ORDER BY ${ORDERS[order]} LIMIT ? OFFSET ?`;
    const rows = await this.#lease.current.execute<SockRow>(text, values);
    return rows.map(toItem);
  }

  async find(id: string): Promise<CatalogueItem | undefined> {
    const text = `${ROWS} WHERE s.sock_id = ? GROUP BY s.sock_id`;
    const [row] = await this.#lease.current.execute<SockRow>(text, [id]);
    return row && toItem(row);
  }

  /** How many socks have any of the tags. */
  async count(tags: readonly string[]): Promise<number> {
    const where = tags.length > 0 ? `WHERE ${WITH_TAGS}` : "";
    const values = tags.length > 0 ? [tags.join(",")] : [];
    const text = `SELECT COUNT(*) AS socks FROM socksdb.sock s ${where}`;
    const [row] = await this.#lease.current.execute<RowDataPacket & { socks: number }>(text, values);
    return row?.socks ?? 0;
  }

  async tags(): Promise<string[]> {
    const text = "SELECT name FROM socksdb.tag ORDER BY name";
    const rows = await this.#lease.current.execute<RowDataPacket & { name: string }>(text);
    return rows.map(({ name }) => name);
  }
}

function toItem({ id, name, description, price, count, tags }: SockRow): CatalogueItem {
  const imageUrl = [`/catalogue/images/${id}.svg`];
  return { id, name, description, imageUrl, price, count, tag: tags?.split(",") ?? [] };
}
