/** A pool of MariaDB connections through the sidecar. */
import { connect } from "node:net";
import { createPool } from "mysql2/promise";
import type { Pool } from "mysql2/promise";
import { Lease } from "./lease.ts";
import { CONNECT_TIMEOUT_MS, POOL_SIZE } from "./store-parts.ts";
import type { StoreParts } from "./store-parts.ts";

/** Queries that wait for a connection; one more is refused. */
const MAX_WAITING = 1_000;

/** `prepare` runs when the database is first reached; it makes the tables and must bear being run again. */
export function leaseMariadb(parts: StoreParts, prepare: (pool: Pool) => Promise<void>): Lease<Pool> {
  const { service, store, access, counters, log } = parts;
  let prepared = false;
  return new Lease<Pool>({
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
