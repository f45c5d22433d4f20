/**
 * Hostile requests over raw sockets, past a real Envoy with the filter and past one without it: both answer alike, and what
 * reached the workload is counted once.
 */
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { type RunningEnvoy, startEnvoy } from "../envoy.ts";
import { loud } from "../loud.ts";
import { type Listener, sidecarBootstrap } from "../wasm-filter/bootstrap.ts";
import { hostile } from "../wasm-filter/hostile-bytes.ts";
import { generator } from "../wasm-filter/random.ts";
import { Receiver } from "../wasm-filter/receiver.ts";
import { until } from "../wasm-filter/traffic.ts";

const REQUESTS = 3_000;
const AT_ONCE = 60;
/** A request that never ends gets no answer; who waits for one gives up after this long without a byte. */
const PATIENCE_MS = 500;
/** Share of answers that may be lost on their way: where Envoy ends a connection with bytes unread, the kernel resets it. */
const MOST_RESET = 0.02;

interface Parts {
  receiver: Receiver;
  envoy: RunningEnvoy;
  app: Server;
}

const test = suite<Parts>("hostile requests at a real Envoy");

test.before(
  loud(async (parts) => {
    parts.receiver = await new Receiver().start();
    parts.app = createServer({ maxHeaderSize: 1 << 18 }, (_, response) => response.end("ok"));
    await new Promise<void>((resolve) => parts.app.listen(0, "127.0.0.1", resolve));
    const { port: app } = parts.app.address() as AddressInfo;
    const upstreams = { app, payment: app, database: app, control: parts.receiver.port };
    const bootstrap = sidecarBootstrap(upstreams);
    const { listeners } = bootstrap.static_resources;
    const inbound = listeners.find(({ name }) => name === "inbound")!;
    // Envoy refuses more than 60 KB of headers, unless told otherwise.
    inbound.filter_chains[0]!.filters[0]!.typed_config["max_request_headers_kb"] = 256;
    listeners.push(withoutFilter(inbound));
    parts.envoy = await startEnvoy(bootstrap);
  }),
);

test.after(async ({ envoy, app, receiver }) => {
  await envoy.stop();
  app.closeAllConnections();
  await new Promise((resolve) => app.close(resolve));
  receiver.kill();
});

function withoutFilter(listener: Listener): Listener {
  const plain = structuredClone(listener);
  plain.name = "plain";
  const config = plain.filter_chains[0]!.filters[0]!.typed_config;
  config["stat_prefix"] = "plain";
  config["http_filters"] = (config["http_filters"] as { name: string }[]).filter(({ name }) => name !== "sidelight");
  return plain;
}

/** A request whose path, method, host or a header is hostile; bytes as they go over the wire. */
function requestOf(seed: number): Buffer {
  const below = generator(seed);
  const part = (plain: string): Buffer => (below(3) === 0 ? hostile(below) : Buffer.from(plain));
  const path = Buffer.concat([Buffer.from("/"), part("orders")]);
  return Buffer.concat([
    ...[part("GET"), Buffer.from(" "), path, Buffer.from(" HTTP/1.1\r\nhost: "), part("shop")],
    ...[Buffer.from("\r\nx-request-id: "), part("1"), Buffer.from("\r\nconnection: close\r\n\r\n")],
  ]);
}

/** The statuses of all answers that come until the connection ends. */
function exchange(port: number, bytes: Buffer): Promise<string[]> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on("data", (data) => (answer += data.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(Array.from(answer.matchAll(/HTTP\/1\.1 (\d\d\d) /g), ([, status]) => status!)));
  });
}

async function exchangeAll(port: number): Promise<string[][]> {
  const answers: string[][] = [];
  for (let first = 0; first < REQUESTS; first += AT_ONCE) {
    const seeds = Array.from({ length: AT_ONCE }, (_, at) => first + at + 1);
    answers.push(...(await Promise.all(seeds.map((seed) => exchange(port, requestOf(seed))))));
  }
  return answers;
}

test("the filter changes no answer, and counts what reached the workload once", async ({ envoy, receiver }) => {
  const plain = await exchangeAll(envoy.port("plain"));
  const filtered = await exchangeAll(envoy.port("inbound"));
  let reset = 0;
  for (const [at, statuses] of filtered.entries()) {
    const areBoth = statuses.length > 0 && plain[at]!.length > 0;
    if (areBoth) assert.equal(statuses, plain[at], `seed ${at + 1}`);
    else if (statuses.length !== plain[at]!.length) reset++;
  }
  assert.ok(reset <= REQUESTS * MOST_RESET, `${reset} answers on one side alone`);

  const answered = filtered.flat().filter((status) => status === "200").length;
  assert.ok(answered > REQUESTS / 4 && answered < REQUESTS, `${answered} answered`);
  const counted = (): number =>
    Object.entries(receiver.counts).reduce((sum, [key, count]) => (/ success 200$/.test(key) ? sum + count : sum), 0);
  await until(
    () => counted() >= answered,
    () => `${counted()} counted of ${answered}`,
  );
  assert.is(counted(), answered);
});

test.run();
