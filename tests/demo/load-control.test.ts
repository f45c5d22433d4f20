import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { controlApp } from "../../demo/load/control.ts";
import { Load } from "../../demo/load/load.ts";
import type { Measured } from "../../demo/load/measures.ts";

/** A shop that counts, and holds every answer until it is opened. */
async function startShop() {
  let received = 0;
  const sources = new Set<string | undefined>();
  const waiting: (() => void)[] = [];
  let isOpen = false;
  const server = createServer((incoming, response) => {
    received += 1;
    sources.add(incoming.socket.remoteAddress);
    const answer = (): void => void response.end("{}");
    if (isOpen) answer();
    else waiting.push(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sources,
    received: () => received,
    open: () => {
      isOpen = true;
      for (const answer of waiting.splice(0)) answer();
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
};

test("arrivals do not wait for answers, and stopping does", async () => {
  const shop = await startShop();
  const target = { host: "127.0.0.1", port: shop.port };
  const load = new Load({ target, bind: "127.0.0.7", rate: 200, control: { host: "127.0.0.1", port: 0 } });
  const app = controlApp(load);
  const post = (path: string, body?: object) => app.request(path, { method: "POST", body: JSON.stringify(body) });
  load.start();
  // Nothing is answered, and yet they come.
  await until(() => shop.received() >= 20);
  assert.equal([...shop.sources], ["127.0.0.7"]);

  assert.equal(await (await post("/spike", { factor: 3, seconds: 60 })).json(), { rate: 600 });
  assert.equal(await (await post("/rate", { rate: 50 })).json(), { rate: 150 });
  for (const [path, body] of [
    ["/rate", { rate: -1 }],
    ["/rate", {}],
    ["/spike", { factor: 2 }],
  ] as const) {
    assert.is((await post(path, body)).status, 400);
  }

  let stopped = false;
  const stopping = Promise.resolve(post("/stop")).finally(() => (stopped = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.not(stopped);
  shop.open();
  const final = (await (await stopping).json()) as Measured;
  assert.is(final.sent, shop.received());
  assert.is(final.inFlight, 0);
  assert.equal(final.byStatus, { 200: final.sent });
  assert.is(final.timeline.at(-1)?.[1], final.sent);
  assert.is((await post("/rate", { rate: 1 })).status, 409);
  assert.is(((await (await app.request("/counters")).json()) as Measured).sent, final.sent);
  await shop.stop();
});

test("a full shop skips what falls due, and says so", async () => {
  const shop = await startShop();
  const target = { host: "127.0.0.1", port: shop.port };
  const load = new Load({ target, bind: "127.0.0.1", rate: 5_000, control: { host: "127.0.0.1", port: 0 } });
  load.start();
  await until(() => load.measures.snapshot().skipped > 0);
  const { inFlight } = load.measures.snapshot();
  assert.is(inFlight, 512);
  shop.open();
  await load.stop();
  assert.is(load.measures.snapshot().sent, shop.received());
  await shop.stop();
});

test.run();
