/** A RabbitMQ connection with one channel, through the sidecar. */
import { connect } from "amqplib";
import type { Channel, ChannelModel } from "amqplib";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { Lease } from "./lease.ts";
import { Queries } from "./queries.ts";
import { CONNECT_TIMEOUT_MS } from "./store-parts.ts";
import type { StoreParts } from "./store-parts.ts";

const HEARTBEAT_SECONDS = 15;

/** A connection with one channel. What is asked, published and delivered is counted. */
export class Broker {
  readonly #connection: ChannelModel;
  readonly #channel: Channel;
  readonly #queries: Queries;
  readonly #consumers: string[] = [];

  constructor(connection: ChannelModel, channel: Channel, parts: StoreParts) {
    this.#connection = connection;
    this.#channel = channel;
    this.#queries = new Queries(parts, "amqp", isReply);
  }

  /** Makes a queue that lives no longer than the broker, where there is none. */
  async declare(queue: string): Promise<void> {
    await this.#queries.count(this.#channel.assertQueue(queue, { durable: false }));
  }

  publish(queue: string, content: Buffer): void {
    this.#channel.sendToQueue(queue, content);
    this.#queries.sent();
  }

  /** Takes what is in a queue and acknowledges it. @param prefetch messages that may be on their way without that */
  async consume(queue: string, prefetch: number, take: (content: Buffer) => void): Promise<void> {
    await this.#queries.count(this.#channel.prefetch(prefetch));
    const consuming = this.#channel.consume(queue, (message) => {
      if (!message) return;
      this.#queries.sent();
      take(message.content);
      this.#channel.ack(message);
    });
    this.#consumers.push((await this.#queries.count(consuming)).consumerTag);
  }

  /** Takes nothing more, then closes: a message that came to a connection that closes would come again to the next one. */
  async close(): Promise<void> {
    for (const consumer of this.#consumers) await this.#queries.count(this.#channel.cancel(consumer));
    await this.#connection.close();
  }
}

/** `prepare` runs on every new channel: it declares the queue, and consumes it where that is the service's work. */
export function leaseRabbitmq(parts: StoreParts, prepare: (broker: Broker) => Promise<void>): Lease<Broker> {
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
        const broker = new Broker(connection, channel, parts);
        await prepare(broker);
        return broker;
      } catch (cause) {
        throw new Error(`Opening ${store} at ${access.host}:${access.port}`, { cause });
      }
    },
    close: (broker) => broker.close(),
  });
}

/** An error that the broker names has its reply code. */
function isReply(error: unknown): boolean {
  return error instanceof Error && typeof (error as { code?: unknown }).code === "number";
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
