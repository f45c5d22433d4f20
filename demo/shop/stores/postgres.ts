/** A pool of PostgreSQL connections through the sidecar. */
import { Socket } from "node:net";
import { DatabaseError, Pool } from "pg";
import type { QueryConfig, QueryResult, QueryResultRow } from "pg";
import { Lease } from "./lease.ts";
import { Queries } from "./queries.ts";
import { CONNECT_TIMEOUT_MS, POOL_SIZE } from "./store-parts.ts";
import type { StoreParts } from "./store-parts.ts";

/** A pool whose queries are counted. */
export class Postgres {
  readonly #pool: Pool;
  readonly #queries: Queries;

  constructor(pool: Pool, parts: StoreParts) {
    this.#pool = pool;
    this.#queries = new Queries(parts, "postgresql", (error) => error instanceof DatabaseError);
  }

  query<Row extends QueryResultRow>(query: QueryConfig): Promise<QueryResult<Row>> {
    return this.#queries.count(this.#pool.query<Row>(query));
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}

/** `prepare` runs when the database is first reached; it makes the tables and must bear being run again. */
export function leasePostgres(parts: StoreParts, prepare: (postgres: Postgres) => Promise<void>): Lease<Postgres> {
  const { service, store, access, counters, log } = parts;
  let prepared = false;
  return new Lease<Postgres>({
    name: store,
    log,
    open: async () => {
      const pool = new Pool({
        host: access.host,
        port: access.port,
        user: access.user ?? "postgres",
        password: access.password ?? "",
        database: "postgres",
        max: POOL_SIZE,
        idleTimeoutMillis: 0,
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        stream: () => {
          const socket = new Socket();
          counters.watch(socket, service, store);
          return socket;
        },
      });
      // The pool drops an idle connection that fails and makes another when it needs one.
      pool.on("error", (error) => log.warn({ store, err: error }, "idle connection failed"));
      const postgres = new Postgres(pool, parts);
      try {
        if (prepared) await postgres.query({ text: "SELECT 1" });
        else await prepare(postgres);
        prepared = true;
        return postgres;
      } catch (cause) {
        await postgres.end().catch(() => {});
        throw new Error(`Opening ${store} at ${access.host}:${access.port}`, { cause });
      }
    },
    close: (postgres) => postgres.end(),
  });
}
