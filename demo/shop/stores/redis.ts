/** A Redis connection through the sidecar. */
import { ErrorReply, createClient } from "redis";
import { Lease } from "./lease.ts";
import { Queries } from "./queries.ts";
import { CONNECT_TIMEOUT_MS } from "./store-parts.ts";
import type { StoreParts } from "./store-parts.ts";

function makeClient({ access }: StoreParts) {
  return createClient({
    // The lease reconnects, so that every connection passes through one place.
    socket: { host: access.host, port: access.port, connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: false },
    ...(access.password === undefined ? {} : { password: access.password }),
    commandsQueueMaxLength: 10_000,
    // The driver is to ask nothing by itself, so that all that is asked is counted.
    RESP: 2,
    disableClientInfo: true,
    maintNotifications: "disabled",
  });
}

type Client = ReturnType<typeof makeClient>;

/** A client whose commands are counted. */
export class Redis {
  readonly #client: Client;
  readonly #queries: Queries;

  constructor(client: Client, parts: StoreParts) {
    this.#client = client;
    this.#queries = new Queries(parts, "redis", (error) => error instanceof ErrorReply);
  }

  /** Sends the one command that `command` gives to the client. */
  ask<T>(command: (client: Client) => Promise<T>): Promise<T> {
    return this.#queries.count(command(this.#client));
  }

  async close(): Promise<void> {
    if (this.#client.isOpen) await this.#client.close();
  }
}

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
        const redis = new Redis(client, parts);
        await redis.ask((it) => it.ping());
        return redis;
      } catch (cause) {
        throw new Error(`Opening ${store} at ${access.host}:${access.port}`, { cause });
      }
    },
    close: (redis) => redis.close(),
  });
}
