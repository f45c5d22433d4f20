import { test } from "uvu";
import * as assert from "uvu/assert";

import { mutatedRounds } from "../mutated-rounds.ts";
import { Connection, pcap } from "../packets.ts";
import { figuresOf, read } from "../reading.ts";
import { bulk, command, seeds } from "../seeds/redis.ts";

const ANY_PORT = { serverPort: 7000 };
const open = () => new Connection(ANY_PORT).open();
const redis = (connection: Connection) => figuresOf(read(pcap(connection.packets)), "redis");
const names = (connection: Connection) =>
  Object.fromEntries(redis(connection).endpoints.map(({ endpoint, requests }) => [endpoint, requests]));
const confirmation = (what: string, channel: string, count: number) =>
  `*3\r\n${bulk(what)}${bulk(channel)}:${count}\r\n`;

test("commands are counted by their name in capital letters, with their subcommand, and no literal", () => {
  const connection = open();
  for (const words of [
    ["get", "secret"],
    ["Config", "get", "dir"],
    ["CLIENT", "secret"],
    ["JSON.GET", "secret"],
    ["hunter2", "secret"],
    ["PASSWORDONLYLETTERS"],
  ]) {
    connection.client(command(...words)).server("$-1\r\n");
  }
  connection.client(command("MY.SECRET")).server("-ERR unknown command 'MY.SECRET'\r\n");
  assert.equal(names(connection), { GET: 1, "CONFIG GET": 1, CLIENT: 1, "JSON.GET": 1, "~other": 3 });
});

test("an error is the client's fault or the server's, and a redirection is none", () => {
  const connection = open();
  const answers = [
    "+OK",
    "-WRONGTYPE Operation",
    "-ERR syntax error",
    "-NOAUTH Authentication required.",
    "-MOVED 3 a:1",
  ];
  for (const answer of [
    ...answers,
    "-OOM command not allowed",
    "-LOADING dataset",
    "-ERR something else",
    "!9\r\nBUSY Redis",
  ])
    connection.client(command("GET", "a")).server(`${answer}\r\n`);
  assert.equal(redis(connection).outcomes, { success: 2, clientError: 3, serverError: 4, notReached: 0, noAnswer: 0 });
});

test("the latency is from the last byte of the command to the last of the reply", () => {
  const connection = open().client("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$6\r\nabc").wait(500).client("def\r\n");
  connection.wait(99).server("*2\r\n$4\r\nab").wait(99).server("cd\r\n:1\r\n");
  const { latencyMs } = redis(connection);
  assert.ok(Math.abs(latencyMs.p50! - 200) < 3, `${latencyMs.p50}`);
});

test("replies of all types answer one command each, nested ones too", () => {
  const replies = [
    ":1",
    "$-1",
    "*-1",
    "*0",
    "_",
    "#t",
    ",1.5",
    "(349",
    "=5\r\ntxt:a",
    "~1\r\n:1",
    "%1\r\n+a\r\n%1\r\n:1\r\n*1\r\n*0",
  ];
  const attribute = "|1\r\n+ttl\r\n:3600\r\n";
  const all = [...replies, `${attribute}:1`, `*2\r\n:1\r\n${attribute}:2`, `\r\n+OK`].map((reply) => `${reply}\r\n`);
  const connection = open()
    .client(all.map(() => command("GET", "a")).join(""))
    .server(all.join(""));
  const figures = redis(connection);
  assert.equal([figures.requests, figures.outcomes.success, figures.responses], [all.length, all.length, all.length]);
});

test("wherever the bytes are cut, the same is counted", () => {
  const asked = command("HGETALL", "h") + command("CONFIG", "GET", "dir") + command("MGET", "a", "b") + "\r\nPING\r\n";
  const told = `%1\r\n${bulk("a")}${bulk("b")}*2\r\n${bulk("dir")}${bulk("/")}-ERR syntax error\r\n+PONG\r\n`;
  for (let size = 1; size < asked.length; size++) {
    const connection = open();
    for (let at = 0; at < asked.length; at += size) connection.client(asked.slice(at, at + size));
    for (let at = 0; at < told.length; at += size) connection.server(told.slice(at, at + size));
    const document = read(pcap(connection.packets));
    const { outcomes, endpoints } = figuresOf(document, "redis");
    assert.equal([outcomes.success, outcomes.clientError, endpoints.length], [3, 1, 4], `in pieces of ${size}`);
    assert.equal(document.losses, {});
  }
});

test("long values pass unseen", () => {
  const connection = open().client("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$50000\r\n");
  for (let i = 0; i < 50; i++) connection.client("*".repeat(1000));
  connection.client(`\r\n${command("GET", "a")}`).server("+OK\r\n$50000\r\n");
  for (let i = 0; i < 50; i++) connection.server("$".repeat(1000));
  connection.server("\r\n");
  const document = read(pcap(connection.packets));
  assert.is(figuresOf(document, "redis").outcomes.success, 2);
  assert.equal(document.losses, {});
});

test("SUBSCRIBE is answered by the last of its confirmations, messages answer nothing", () => {
  const connection = open()
    .client(command("SUBSCRIBE", "a", "b"))
    .server(confirmation("subscribe", "a", 1))
    .wait(98);
  connection.server(confirmation("subscribe", "b", 2));
  for (let i = 0; i < 5; i++) connection.server(`*3\r\n${bulk("message")}${bulk("a")}${bulk("x")}`);
  connection
    .client(command("PING"))
    .server(`*3\r\n${bulk("message")}${bulk("a")}${bulk("x")}*2\r\n${bulk("pong")}${bulk("")}`);
  connection.client(command("UNSUBSCRIBE") + command("LRANGE", "l", "0", "1"));
  connection.server(confirmation("unsubscribe", "a", 1) + confirmation("unsubscribe", "b", 0));
  connection.server(`*2\r\n${bulk("message")}${bulk("x")}`);
  const figures = redis(connection);
  assert.equal([figures.requests, figures.responses, figures.outcomes.noAnswer], [4, 4, 0]);
  const subscribe = figures.endpoints.find(({ endpoint }) => endpoint === "SUBSCRIBE");
  assert.ok(Math.abs(subscribe!.latencyMs.p50! - 100) < 2);
});

test("pushes of RESP3 come between replies", () => {
  const message = `>3\r\n${bulk("message")}${bulk("a")}${bulk("x")}`;
  const invalidate = `>2\r\n${bulk("invalidate")}*1\r\n${bulk("key")}`;
  const connection = open().client(command("SUBSCRIBE", "a") + command("GET", "b"));
  connection.server(`>3\r\n${bulk("subscribe")}${bulk("a")}:1\r\n${message}+b\r\n${message}${invalidate}`);
  const figures = redis(connection);
  assert.equal([figures.requests, figures.responses, figures.outcomes.success], [2, 2, 2]);
});

test("commands in a transaction are answered when they are queued; an error among its results is that of EXEC", () => {
  const connection = open().client(command("MULTI") + command("INCR", "s") + command("GET", "s") + command("EXEC"));
  connection.server("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n-ERR value is not an integer or out of range\r\n$1\r\na\r\n");
  const figures = redis(connection);
  assert.equal([figures.outcomes.success, figures.outcomes.clientError], [3, 1]);
  assert.is(figures.endpoints.find(({ endpoint }) => endpoint === "EXEC")!.outcomes.clientError, 1);
});

test("what MONITOR tells answers nothing", () => {
  const line = '+1339518083.107412 [0 127.0.0.1:60866] "keys" "*"\r\n';
  const connection = open().client("MONITOR\r\n").server(`+OK\r\n${line}`).client(command("PING"));
  const figures = redis(connection.server(`${line}+PONG\r\n${line}`));
  assert.equal([figures.requests, figures.responses], [2, 2]);
});

test("where the client wants no replies none is waited for", () => {
  const off = command("CLIENT", "REPLY", "OFF") + command("SET", "a", "b");
  const skipped = command("CLIENT", "REPLY", "SKIP") + command("SET", "a", "b");
  const connection = open().client(
    command("PING") + off + command("CLIENT", "REPLY", "ON") + skipped + command("GET", "a"),
  );
  const figures = redis(connection.server("+PONG\r\n+OK\r\n$1\r\nb\r\n"));
  assert.equal([figures.requests, figures.outcomes.success, figures.outcomes.noAnswer], [7, 7, 0]);
});

test("replication is not read", () => {
  const connection = open()
    .client(command("PSYNC", "?", "-1"))
    .server("+FULLRESYNC 8371 0\r\n$5\r\nREDIS");
  connection.server(command("SET", "a", "b")).client(command("REPLCONF", "ACK", "5"));
  const document = read(pcap(connection.packets));
  assert.equal([figuresOf(document, "redis").requests, figuresOf(document, "redis").responses], [1, 1]);
  assert.equal(document.losses, {});
});

test("after a gap the next command and its reply are counted right", () => {
  for (const lost of ["server", "client"] as const) {
    const connection = open().client(command("GET", "a")).server("$1\r\nb\r\n");
    const first = connection.packets.length;
    if (lost === "client") connection.client(command("GET", "lost")).server("$1\r\nb\r\n");
    else connection.client(command("GET", "b")).server(`*2\r\n$9\r\n`).server("not seen\r\n").server(":1\r\n");
    connection.packets.splice(lost === "client" ? first : first + 2, 1);
    for (let i = 0; i < 3; i++) connection.wait(200).client(command("INCR", "a")).server(":1\r\n");
    const figures = redis(connection.close());
    const increments = figures.endpoints.find(({ endpoint }) => endpoint === "INCR")!;
    assert.is(increments.outcomes.success, 3, `bytes of the ${lost} are missing`);
    assert.ok(increments.latencyMs.p99! < 2, `${increments.latencyMs.p99}`);
  }
});

test("a connection that is joined midway is counted from its next command on", () => {
  const connection = open().client(command("GET", "a")).server("$3\r\nab").server("c\r\n").client(command("GET", "a"));
  connection.server("-ERR value is not an integer\r\n").close();
  const late = connection.packets.slice(5);
  const figures = figuresOf(read(pcap(late)), "redis");
  assert.equal([figures.requests, figures.outcomes.clientError, figures.responses], [1, 1, 1]);
});

test("packets that were captured in part cost what they cut", () => {
  const connection = open();
  for (let i = 0; i < 4; i++) connection.client(command("SET", "a", "x".repeat(400))).server("+OK\r\n");
  const document = read(pcap(connection.packets, { snaplen: 200 }));
  assert.is(figuresOf(document, "redis").outcomes.success, 4);
});

test("lengths that cannot be are no messages", () => {
  for (const bad of [
    "*-5\r\n",
    "$5\r\n",
    "*2\r\n$-3\r\n",
    "*1\r\n$99999999999\r\n",
    "*999999999999999999999\r\n",
    "*1\r\n:1\r\n",
  ]) {
    const connection = open().client(command("PING")).server("+PONG\r\n").client(bad).server("+OK\r\n");
    const figures = redis(connection.client(command("GET", "a")).server("$1\r\na\r\n").close());
    assert.is(figures.endpoints.find(({ endpoint }) => endpoint === "PING")?.outcomes.success, 1, bad);
    assert.ok(figures.requests <= 3, bad);
  }
  const connection = open()
    .client(command("PING"))
    .server("*99999999999\r\n")
    .client(command("PING"))
    .server("+PONG\r\n");
  assert.is(redis(connection).outcomes.success, 1);
});

test("what only resembles it is not taken for it", () => {
  const conversations: readonly (readonly [string, string])[] = [
    ["USER me\r\n", "+OK\r\n"],
    ["get key\r\n", "VALUE key 0 1\r\na\r\nEND\r\n"],
    ["QUIT\r\n", "221 Bye\r\n"],
    ["*hello\r\n", "+OK\r\n"],
  ];
  for (const [asked, told] of conversations)
    assert.is(redis(open().client(asked).server(told).close()).requests, 0, asked);
});

test("thousands of mutated conversations end, and count no more than was sent", () => {
  for (const document of mutatedRounds({ seeds, seed: 6379, count: 200 })) {
    const { requests } = figuresOf(document, "redis");
    assert.ok(requests > 400 && requests <= 3200, `${requests}`);
  }
});

test.run();
