import { Hono } from "hono";
import { Agent } from "node:http";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ExchangeError, exchange } from "../../demo/shop/http-exchange.ts";
import { ServiceServer } from "../../demo/shop/http-server.ts";

/** A server at a port that stays the same when it is opened again. */
async function start() {
  const app = new Hono();
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let entered = (): void => {};
  const arrived = new Promise<void>((resolve) => (entered = resolve));
  app.get("/", (c) => c.text("open"));
  app.get("/held", async (c) => {
    entered();
    await released;
    return c.text("done");
  });
  const probe = new ServiceServer(app, { host: "127.0.0.1", port: 0 });
  await probe.open();
  const port = probe.port;
  await probe.close();
  const server = new ServiceServer(app, { host: "127.0.0.1", port });
  await server.open();
  const kept = new Agent({ keepAlive: true });
  const get = (path: string, agent = kept) =>
    exchange({ host: "127.0.0.1", port, agent, method: "GET", path, headers: { host: "x" }, timeoutMs: 5_000 });
  return { server, get, release, arrived, port };
}

test("a closed server refuses, answers what was under way, and opens again at its address", async () => {
  const { server, get, release, arrived } = await start();
  assert.is((await get("/")).status, 200);
  const held = get("/held");
  await arrived;
  const closing = server.close();
  const refused = await get("/").catch((error: unknown) => error);
  assert.instance(refused, ExchangeError);
  release();
  assert.is((await held).body.toString(), "done");
  await closing;
  assert.not(server.isOpen);
  await server.open();
  assert.is((await get("/", new Agent())).status, 200);
  await server.close();
});

test("switching off and on quickly ends in the last state", async () => {
  const { server, get } = await start();
  const changes = [server.close(), server.open(), server.close(), server.open(), server.open()];
  await Promise.all(changes);
  assert.ok(server.isOpen);
  assert.is((await get("/")).status, 200);
  await server.close();
});

test("an address that is taken is an error that names it", async () => {
  const { server, port } = await start();
  const second = new ServiceServer(new Hono(), { host: "127.0.0.1", port });
  const error = await second.open().catch((caught: unknown) => caught);
  assert.match(String(error), `Listening on 127.0.0.1:${port}`);
  await server.close();
});

test.run();
