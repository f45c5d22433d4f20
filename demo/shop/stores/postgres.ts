/** A pool of PostgreSQL connections through the sidecar. */
import { Socket } from "node:net";
import { Pool } from "pg";
import { Lease } from "./lease.ts";
import { CONNECT_TIMEOUT_MS, POOL_SIZE } from "./store-parts.ts";
import type { StoreParts } from "./store-parts.ts";

/** `prepare` runs when the database is first reached; it makes the tables and must bear being run again. */
export function leasePostgres(parts: StoreParts, prepare: (pool: Pool) => Promise<void>): Lease<Pool> {
  const { service, store, access, counters, log } = parts;
  let prepared = false;
  return new Lease<Pool>({
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
      try {
        if (prepared) await pool.query("SELECT 1");
        else await prepare(pool);
        prepared = true;
        return pool;
      } catch (cause) {
        await pool.end().catch(() => {});
        throw new Error(`Opening ${store} at ${access.host}:${access.port}`, { cause });
      }
    },
    close: (pool) => pool.end(),
  });
}
