/** Conversations of AMQP whose mutations the parser must stand. */
import { PROTOCOL, ack, bind, close, confirmSelect, consume, content, declare, declared } from "../amqp-frames.ts";
import { deliver, frame, get, method, nack, name, octet, publish, short, wide } from "../amqp-frames.ts";
import { Connection } from "../packets.ts";
import type { Packet } from "../packets.ts";

/** Begins a connection and opens its first channel. */
export function begun(): Connection {
  return new Connection({ serverPort: 7000 })
    .open()
    .client(PROTOCOL)
    .server(method(0, [10, 10], octet(0), octet(9), Buffer.alloc(4)))
    .client(method(0, [10, 11], Buffer.alloc(4), name("PLAIN"), Buffer.alloc(4), name("en_US")))
    .server(method(0, [10, 30], Buffer.alloc(8)))
    .client(method(0, [10, 31], Buffer.alloc(8)))
    .client(method(0, [10, 40], name("/"), name(""), octet(0)))
    .server(method(0, [10, 41], name("")))
    .client(method(1, [20, 10], name("")))
    .server(method(1, [20, 11], Buffer.alloc(4)));
}

const work = begun()
  .client(declare(1, "orders"))
  .server(declared(1, "orders"))
  .client(bind(1, "orders", "shop"))
  .server(method(1, [50, 21]))
  .client(consume(1, "orders"))
  .server(method(1, [60, 21], name("tag")))
  .server(deliver(1, "shop", "key", "x".repeat(900)))
  .client(ack(1, 1))
  .client(publish(1, "", "orders", "y".repeat(900)))
  .client(get(1, "orders"))
  .server(Buffer.concat([method(1, [60, 71], wide(2), octet(0), name("shop"), name("key")), content(1, "z")]))
  .client(get(1, "orders"))
  .server(method(1, [60, 72], name("")))
  .client(frame(8, 0, Buffer.alloc(0)))
  .client(method(0, [10, 50], short(200), name(""), short(0), short(0)))
  .server(method(0, [10, 51]))
  .close();

const confirms = begun()
  .client(confirmSelect(1))
  .server(method(1, [85, 11]))
  .client(publish(1, "shop", "a"))
  .client(publish(1, "shop", "b"))
  .client(publish(1, "shop", "c"))
  .server(ack(1, 2, true))
  .server(nack(1, 3))
  .client(publish(1, "nowhere", "d"))
  .server(close(1, 404, [60, 40]))
  .client(method(1, [20, 41]))
  .close();

export const seeds: readonly (readonly Packet[])[] = [work, confirms].map(({ packets }) => packets);
