/**
 * The TCP filter before an HTTP connection manager, where Istio places it too: in a real Envoy its connections are none of
 * TCP's, however they end, and those beside them are.
 */
import { once } from "node:events";
import net from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { startEnvoy } from "../envoy.ts";
import { sidecarBootstrap } from "./bootstrap.ts";
import type { Bootstrap } from "./bootstrap.ts";
import { Receiver } from "./receiver.ts";
import { Client, answer, portOf, serve } from "./tcp-traffic.ts";
import { ask, deadPort, hangUp, startApp, until } from "./traffic.ts";

/** Ticks after which a connection without a cluster is not looked at any more, and some. */
const LONG_MS = 1_500;

/** The TCP filter, in a VM of its own as Istio has it, before the connection manager of each HTTP listener. */
function withTcpBeforeHttp(bootstrap: Bootstrap): Bootstrap {
  const listeners = bootstrap.static_resources.listeners;
  const tcp = listeners.find(({ name }) => name === "orders-db")!.filter_chains[0]!.filters;
  const text = JSON.stringify(tcp[0]).replace('"vm_id":"sidelight"', '"vm_id":"sidelight-tcp"');
  const filter = JSON.parse(text) as (typeof tcp)[0];
  tcp[0] = filter;
  for (const name of ["inbound", "outbound"]) {
    listeners.find((listener) => listener.name === name)!.filter_chains[0]!.filters.unshift(filter);
  }
  return bootstrap;
}

/** A connection that says something that is no request, and is closed for it. */
async function sayNonsense(port: number): Promise<void> {
  const socket = net.connect(port, "127.0.0.1").on("error", () => {});
  socket.end("\0\0\0 no request\r\n\r\n");
  socket.resume();
  await once(socket, "close");
}

test("requests are counted once, their connections never, and TCP beside them", async () => {
  const [receiver, app, store, dead] = [
    await new Receiver().start(),
    await startApp(),
    await serve(answer),
    await deadPort(),
  ];
  const upstreams = { app: app.port, payment: dead, database: portOf(store), control: receiver.port };
  const envoy = await startEnvoy(withTcpBeforeHttp(sidecarBootstrap(upstreams)));
  try {
    const client = new Client(envoy.port("orders-db"));
    await client.ask(500);
    for (let i = 0; i < 20; i += 1) assert.is(await ask(envoy.port("inbound"), { path: "/page" }), 200);
    assert.is(await ask(envoy.port("outbound"), { path: "/pay", headers: { host: "payment" } }), 503);
    // These are kept open over ticks; others come and go between them.
    await new Promise((resolve) => setTimeout(resolve, LONG_MS));
    for (const listener of ["inbound", "outbound"]) await sayNonsense(envoy.port(listener));
    hangUp();
    await client.close();
    const expected = {
      "in 127.0.0.1 http GET /page success 200": 20,
      "in 127.0.0.1 http ~other ~other clientError 400": 1,
      [`out 127.0.0.1:${dead},payment.shop http GET /pay notReached 503`]: 1,
      "out  http ~other ~other clientError 400": 1,
      [`out 127.0.0.1:${portOf(store)},orders-db.shop tcp   success 0`]: 1,
    };
    const total = Object.values(expected).reduce((sum, count) => sum + count);
    await until(
      () => Object.values(receiver.counts).reduce((sum, count) => sum + count, 0) >= total,
      () => JSON.stringify(receiver.counts),
    );
    // What is counted of connections that closed comes with the next report.
    await new Promise((resolve) => setTimeout(resolve, LONG_MS));
    assert.equal(receiver.counts, expected);
  } finally {
    await envoy.stop();
    receiver.kill();
    await app.close();
    store.close();
  }
});

test.run();
