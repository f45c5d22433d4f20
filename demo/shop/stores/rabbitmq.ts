/** A RabbitMQ connection with one channel, through the sidecar. */
import { connect } from "amqplib";
import type { Channel, ChannelModel } from "amqplib";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { Lease } from "./lease.ts";
import { CONNECT_TIMEOUT_MS } from "./store-parts.ts";
import type { StoreParts } from "./store-parts.ts";

const HEARTBEAT_SECONDS = 15;

export interface Broker {
  readonly connection: ChannelModel;
  readonly channel: Channel;
}

/** `prepare` runs on every new channel: it declares the queue, and consumes it where that is the service's work. */
export function leaseRabbitmq(parts: StoreParts, prepare: (channel: Channel) => Promise<void>): Lease<Broker> {
  const { service, store, access, counters, log } = parts;
  return new Lease<Broker>({
    name: store,
    log,
    open: async (broken) => {
      try {
        const opening = withNewSockets(
          () =>
            connect(
              {
                hostname: access.host,
                port: access.port,
                username: access.user ?? "guest",
                password: access.password ?? "guest",
                heartbeat: HEARTBEAT_SECONDS,
              },
              { timeout: CONNECT_TIMEOUT_MS, noDelay: true },
            ),
          (socket) => counters.watch(socket, service, store),
        );
        const connection = await opening;
        connection.on("error", broken);
        connection.on("close", broken);
        const channel = await connection.createChannel();
        channel.on("error", broken);
        await prepare(channel);
        return { connection, channel };
      } catch (cause) {
        throw new Error(`Opening ${store} at ${access.host}:${access.port}`, { cause });
      }
    },
    close: ({ connection }) => connection.close(),
  });
}

/** Hands every socket that `open` makes before it returns to `seen`: the driver shows its socket only when it is late. */
function withNewSockets<T>(open: () => T, seen: (socket: Socket) => void): T {
  const listener = (message: unknown): void => seen((message as { socket: Socket }).socket);
  subscribe("net.client.socket", listener);
  try {
    return open();
  } finally {
    unsubscribe("net.client.socket", listener);
  }
}
