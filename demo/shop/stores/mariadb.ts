/** A pool of MariaDB connections through the sidecar. */
import { connect } from "node:net";
import { createPool } from "mysql2/promise";
import type { Connection, Pool, PoolConnection, PreparedStatementInfo, RowDataPacket } from "mysql2/promise";
import { Lease } from "./lease.ts";
import { Queries } from "./queries.ts";
import { CONNECT_TIMEOUT_MS, POOL_SIZE } from "./store-parts.ts";
import type { StoreParts } from "./store-parts.ts";

/** Queries that wait for a connection; one more is refused. */
const MAX_WAITING = 1_000;

/** A pool whose queries are counted. Preparing a statement is one of its own, once a connection. */
export class Mariadb {
  readonly #pool: Pool;
  readonly #queries: Queries;
  /** What each connection has prepared, by its text: the statements of the code, so there are few. */
  readonly #prepared = new WeakMap<Connection, Map<string, PreparedStatementInfo>>();

  constructor(pool: Pool, parts: StoreParts) {
    this.#pool = pool;
    this.#queries = new Queries(parts, "mysql", (error) => error instanceof Error && "sqlState" in error);
  }

  /** A statement without values. */
  async query(text: string): Promise<void> {
    await this.#queries.count(this.#pool.query(text));
  }

  /** A prepared statement. @returns its rows; none where it is no SELECT */
  async execute<Row extends RowDataPacket>(text: string, values: readonly (string | number)[] = []): Promise<Row[]> {
    const connection = await this.#pool.getConnection();
    try {
      const statement = await this.#prepare(connection, text);
      const [rows] = await this.#queries.count(statement.execute([...values]));
      return Array.isArray(rows) ? (rows as Row[]) : [];
    } finally {
      connection.release();
    }
  }

  end(): Promise<void> {
    return this.#pool.end();
  }

  async #prepare(pooled: PoolConnection, text: string): Promise<PreparedStatementInfo> {
    const statements = this.#prepared.get(pooled.connection) ?? new Map<string, PreparedStatementInfo>();
    this.#prepared.set(pooled.connection, statements);
    const known = statements.get(text);
    if (known) return known;
    const statement = await this.#queries.count(pooled.prepare(text));
    statements.set(text, statement);
    return statement;
  }
}

/** `prepare` runs when the database is first reached; it makes the tables and must bear being run again. */
export function leaseMariadb(parts: StoreParts, prepare: (mariadb: Mariadb) => Promise<void>): Lease<Mariadb> {
  const { service, store, access, counters, log } = parts;
  let prepared = false;
  return new Lease<Mariadb>({
    name: store,
    log,
    open: async () => {
      const pool = createPool({
        user: access.user ?? "root",
        password: access.password ?? "",
        connectionLimit: POOL_SIZE,
        queueLimit: MAX_WAITING,
        connectTimeout: CONNECT_TIMEOUT_MS,
        stream: () => {
          const socket = connect(access.port, access.host);
          socket.setNoDelay(true);
          counters.watch(socket, service, store);
          return socket;
        },
      });
      const mariadb = new Mariadb(pool, parts);
      try {
        if (prepared) await mariadb.query("SELECT 1");
        else await prepare(mariadb);
        prepared = true;
        return mariadb;
      } catch (cause) {
        await mariadb.end().catch(() => {});
        throw new Error(`Opening ${store} at ${access.host}:${access.port}`, { cause });
      }
    },
    close: (mariadb) => mariadb.end(),
  });
}
