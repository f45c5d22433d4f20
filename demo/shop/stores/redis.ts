/** A Redis connection through the sidecar. */
import { createClient } from "redis";
import { Lease } from "./lease.ts";
import { CONNECT_TIMEOUT_MS } from "./store-parts.ts";
import type { StoreParts } from "./store-parts.ts";

function makeClient({ access }: StoreParts) {
  return createClient({
    // The lease reconnects, so that every connection passes through one place.
    socket: { host: access.host, port: access.port, connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: false },
    ...(access.password === undefined ? {} : { password: access.password }),
    commandsQueueMaxLength: 10_000,
  });
}

export type Redis = ReturnType<typeof makeClient>;

export function leaseRedis(parts: StoreParts): Lease<Redis> {
  const { service, store, access, counters, log } = parts;
  return new Lease<Redis>({
    name: store,
    log,
    open: async (broken) => {
      const client = makeClient(parts);
      client.on("connect", () => counters.connection(service, store));
      client.on("error", broken);
      try {
        await client.connect();
        return client;
      } catch (cause) {
        throw new Error(`Opening ${store} at ${access.host}:${access.port}`, { cause });
      }
    },
    close: async (client) => {
      if (client.isOpen) await client.close();
    },
  });
}
