import { test } from "uvu";
import * as assert from "uvu/assert";

import { DECLARE, PROTOCOL, ack, bind, close, confirmSelect, consume, declare, declared } from "../amqp-frames.ts";
import { deliver, frame, get, method, name, octet, publish, short } from "../amqp-frames.ts";
import { mutatedRounds } from "../mutated-rounds.ts";
import { Connection, pcap } from "../packets.ts";
import { figuresOf, read } from "../reading.ts";
import { begun, seeds } from "../seeds/amqp.ts";

const figures = (connection: Connection) => figuresOf(read(pcap(connection.packets)), "amqp");
const endpointsOf = ({ endpoints }: ReturnType<typeof figuresOf>) =>
  Object.fromEntries(endpoints.map(({ endpoint, requests }) => [endpoint, requests]));

test("what is asked, published and delivered is counted by exchange or queue", () => {
  const figures = figuresOf(read(pcap(seeds[0]!)), "amqp");
  assert.equal(endpointsOf(figures), {
    "consume orders": 1,
    "deliver shop": 1,
    "get orders": 2,
    "publish orders": 1,
    "queue.bind orders": 1,
    "queue.declare orders": 1,
  });
  assert.equal([figures.requests, figures.responses, figures.outcomes.success], [7, 7, 7]);
});

test("a publication is answered where its channel confirms, by number", () => {
  const document = read(pcap(seeds[1]!));
  const figures = figuresOf(document, "amqp");
  assert.equal(endpointsOf(figures), { "confirm.select": 1, "publish nowhere": 1, "publish shop": 3 });
  assert.equal(figures.outcomes, { success: 3, clientError: 1, serverError: 1, notReached: 0, noAnswer: 0 });
  assert.equal([figures.statuses, document.losses], [{ 404: 1 }, {}]);
});

test("the latency of a publication is from the end of its body to its confirmation", () => {
  const message = publish(1, "shop", "a", "x".repeat(5000));
  const connection = begun()
    .client(confirmSelect(1))
    .server(method(1, [85, 11]));
  connection.client(message.subarray(0, 1400)).wait(500).client(message.subarray(1400)).wait(99).server(ack(1, 1));
  const found = figures(connection).endpoints.find(({ endpoint }) => endpoint === "publish shop");
  assert.ok(Math.abs(found!.latencyMs.p50! - 100) < 2, `${found!.latencyMs.p50}`);
});

test("what nobody answers has no latency: publications without confirms, deliveries, no-wait", () => {
  const connection = begun()
    .client(publish(1, "shop", "a"))
    .server(deliver(1, "", "orders"));
  const { outcomes, latencyMs } = figures(connection.client(declare(1, "orders", 16)).client(consume(1, "orders", 8)));
  assert.equal([outcomes.success, latencyMs.p50], [4, null]);
});

test("an error that closes a channel or the connection is that of the request it names, or a request of its own", () => {
  const connection = begun()
    .client(declare(1, "orders"))
    .server(close(1, 405, DECLARE));
  connection
    .client(publish(2, "nowhere", "a"))
    .server(close(2, 404, [60, 40]))
    .client(get(3, "orders"));
  connection.server(close(0, 541, [60, 70]));
  const { endpoints, outcomes, statuses } = figures(connection.close());
  assert.equal(endpoints.map(({ endpoint }) => endpoint).sort(), [
    "channel.close",
    "get orders",
    "publish nowhere",
    "queue.declare orders",
  ]);
  assert.equal([outcomes.success, outcomes.clientError, outcomes.serverError], [1, 2, 1]);
  assert.equal(statuses, { 404: 1, 405: 1, 541: 1 });
});

test("a message that comes back is a request that failed, and what a closed channel did not answer has no answer", () => {
  const returned = method(1, [60, 50], short(312), name("NO_ROUTE"), name("shop"), name("a"));
  const connection = begun()
    .client(publish(1, "shop", "a"))
    .server(returned)
    .client(get(1, "orders"));
  const { outcomes, statuses } = figures(connection.server(close(1, 200)).client(get(2, "orders")));
  assert.equal([outcomes.success, outcomes.clientError, outcomes.noAnswer, statuses], [1, 1, 2, { 312: 1 }]);
});

test("names that were drawn are ids, and no other literal is shown", () => {
  const connection = begun();
  for (const queue of ["amq.gen-JzTY20BRgKO-HjmUJj0wLg", "6f1d2c3e-0000-4000-8000-123456789abc", "orders.v2"]) {
    connection.client(bind(1, queue, "secret")).server(method(1, [50, 21]));
  }
  connection.client(method(1, [60, 30], name("secret"), octet(0))).server(method(1, [60, 31], name("secret")));
  assert.equal(endpointsOf(figures(connection)), { cancel: 1, "queue.bind orders.v2": 1, "queue.bind {id}": 2 });
});

test("it does not matter where frames are cut into segments", () => {
  const asked = Buffer.concat([PROTOCOL, confirmSelect(1), publish(1, "shop", "a", "x".repeat(300)), get(1, "orders")]);
  const answered = Buffer.concat([
    method(0, [10, 10], octet(0), octet(9), Buffer.alloc(4)),
    method(1, [85, 11]),
    ack(1, 1),
    close(1, 403, [60, 70]),
  ]);
  for (let size = 1; size < 70; size++) {
    const connection = new Connection({ serverPort: 7000 }).open();
    for (let at = 0; at < asked.length; at += size) connection.client(asked.subarray(at, at + size));
    for (let at = 0; at < answered.length; at += size) connection.server(answered.subarray(at, at + size));
    const document = read(pcap(connection.packets));
    const { outcomes, statuses } = figuresOf(document, "amqp");
    assert.equal([outcomes.success, statuses, document.losses], [2, { 403: 1 }, {}], `in pieces of ${size}`);
  }
});

test("a connection that was joined midway is told by either side, and goes on after a gap", () => {
  const connection = new Connection({ clientPort: 7000, serverPort: 40_000 });
  connection
    .server(deliver(1, "shop", "a"))
    .client(ack(1, 7))
    .client(declare(1, "a"))
    .server(declared(1, "a"));
  connection
    .client(get(1, "lost"))
    .server(method(1, [60, 72], name("")))
    .client(get(1, "b"));
  connection.server(method(1, [60, 72], name("")));
  const document = read(pcap(connection.packets));
  assert.equal([figuresOf(document, "amqp").requests, document.edges[0]?.server], [4, "10.0.0.2:40000"]);
  const holed = read(pcap(connection.packets.filter((_, place) => place !== 4)));
  assert.equal(
    [figuresOf(holed, "amqp").requests, figuresOf(holed, "amqp").responses, holed.losses],
    [3, 3, { gaps: 1 }],
  );
});

test("after a gap a channel is not taken to confirm", () => {
  const connection = begun()
    .client(confirmSelect(1))
    .server(method(1, [85, 11]));
  connection
    .client(publish(1, "shop", "a"))
    .client(publish(1, "shop", "b"))
    .client(publish(1, "shop", "c"));
  connection.server(ack(1, 3, true)).close();
  const document = read(pcap(connection.packets.filter((_, place) => place !== 15)));
  const { requests, outcomes } = figuresOf(document, "amqp");
  assert.equal([requests, outcomes.success, outcomes.noAnswer], [3, 3, 0]);
});

test("packets that were captured only in part lose bodies and nothing else", () => {
  const connection = begun();
  for (let i = 0; i < 4; i++) connection.client(publish(1, "shop", "a", "x".repeat(900)));
  const document = read(pcap(connection.packets, { snaplen: 200 }));
  assert.equal([figuresOf(document, "amqp").requests, document.losses], [4, { packetsCut: 4 }]);
});

test("what is no AMQP behind its greeting is given up and counted, and AMQP 1.0 is something else", () => {
  const losses = (...parts: readonly (Buffer | string)[]) => {
    const connection = begun();
    for (const part of parts) connection.client(part);
    return read(pcap(connection.packets)).losses;
  };
  assert.equal(losses("GET / HTTP/1.1\r\n\r\n"), { unparsed: 1 });
  assert.equal(losses(frame(1, 1, Buffer.from([0, 60]))), { unparsed: 1 }, "a method without a number");
  assert.equal(losses(Buffer.concat([declare(1, "a").subarray(0, -1), Buffer.from([0])])), { unparsed: 1 });
  const long = declare(1, "a");
  long.writeUInt32BE(0xffffffff, 3);
  assert.equal(losses(long), { unparsed: 1 }, "a frame of 4 GB");
  const torn = method(1, DECLARE, short(0), octet(255), Buffer.from("short"));
  assert.equal(losses(torn), {}, "a name that is longer than its frame");
  const next = new Connection().open().client(Buffer.from("AMQP\0\x01\0\0", "latin1")).server("AMQP\0\x01\0\0");
  assert.equal(read(pcap(next.packets)).protocols["amqp"], undefined);
});

test("thousands of mutated conversations end, and count no more than was sent", () => {
  for (const document of mutatedRounds({ seeds, seed: 5672, count: 100 * seeds.length })) {
    const { requests } = figuresOf(document, "amqp");
    assert.ok(requests > 300 && requests <= 2600, `${requests}`);
  }
});

test.run();
