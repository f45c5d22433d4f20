import { test } from "uvu";
import * as assert from "uvu/assert";
import { Settings, Switch } from "#proto/ingest.ts";
import type { Place } from "../../../control/routes/service-routes.ts";
import { Teaching } from "../../../control/routes/teaching.ts";
import { taughtOf } from "../../../control/routes/taught.ts";
import { Served } from "../ingest/served.ts";
import { helloOf } from "../reporter-client.ts";
import { until } from "../until.ts";

const teachings: Teaching[] = [];
test.after.each(() => teachings.splice(0).forEach((teaching) => teaching.close()));

function place(text: string, ...names: readonly string[]): Place {
  return { place: text, sinceMs: 0, values: 60, names: new Set(names) };
}

interface Known {
  readonly rules: Map<string, readonly string[]>;
  readonly places: Map<string, readonly Place[]>;
}

function teachingOf({ rules, places }: Known): Teaching {
  const teaching = new Teaching({
    settings: { intervalMillis: 1000, routes: ["/all/{id}"], maxEndpoints: 200, exemplars: Switch.SWITCH_ON },
    serverOf: ({ namespace, workload }) => `${namespace}/${workload}`,
    rulesOf: (server) => rules.get(server) ?? [],
    placesOf: (server) => places.get(server) ?? [],
    settleMs: 20,
  });
  teachings.push(teaching);
  return teaching;
}

test("a reporter is taught its own service and those that it calls, by their clusters", () => {
  const known: Known = {
    rules: new Map([["shop/user", ["/users/{user}"]]]),
    places: new Map([
      ["shop/user", [place("/cards/{id}", "new", "all")]],
      ["shop/carts", [place("/carts/{id}")]],
      ["shop/carts-canary", [place("/carts/{id}"), place("/beta/{id}")]],
      ["shop/other", [place("/others/{id}")]],
    ]),
  };
  const teaching = teachingOf(known);
  const hello = helloOf({ namespace: "shop", workload: "user" });
  teaching.saw(hello.instance, "outbound|80||carts.shop", "shop/carts");
  teaching.saw(hello.instance, "outbound|80||carts.shop", "shop/carts-canary");
  teaching.saw(hello.instance, "silent", "shop/silent");
  teaching.saw("f".repeat(32), "other", "shop/other");
  for (let at = 0; at < 9; at++)
    teaching.saw(hello.instance, "PassthroughCluster", ["shop/other", `shop/${at}`][at % 2]!);
  assert.equal(teaching.of(hello).serviceRoutes, [
    { cluster: "", rules: ["/users/{user}"], idPlaces: ["/cards/{id}", "/cards/all", "/cards/new"] },
    { cluster: "outbound|80||carts.shop", rules: [], idPlaces: ["/carts/{id}", "/beta/{id}"] },
  ]);
  assert.equal(teaching.of(hello).routes, ["/all/{id}"]);
});

test("what is taught fits into a reporter: places, rules, and the message as a whole", () => {
  const long = (prefix: string, count: number, size: number): string[] =>
    Array.from({ length: count }, (_, at) => `/${prefix}${at}/${"x".repeat(size)}/{id}`);
  const services = [
    { cluster: "", rules: [...long("a", 300, 20), "/literal"], places: long("p", 900, 20).map((text) => place(text)) },
    { cluster: "next", rules: long("b", 300, 60), places: long("q", 900, 90).map((text) => place(text, "kept")) },
  ];
  const { serviceRoutes, cut } = taughtOf(services, ["/shared/{id}"]);
  const rules = serviceRoutes.flatMap((one) => one.rules);
  const places = serviceRoutes.flatMap((one) => one.idPlaces);
  assert.is(serviceRoutes[0]!.rules.length, 301, "its own service first");
  assert.ok(rules.length <= 511 && rules.reduce((sum, rule) => sum + rule.length + 4, 0) <= 20_480);
  assert.ok(places.length <= 1_024 && places.length > 900, `${places.length}`);
  assert.is(cut, 601 + 900 + 1_800 - rules.length - places.length);
  const value = {
    intervalMillis: 1,
    routes: ["/shared/{id}"],
    maxEndpoints: 1,
    serviceRoutes,
    exemplars: Switch.SWITCH_ON,
  };
  assert.ok(Settings.encode(value).finish().length < 64_000);
});

test("where room is short, rules with parameters go before paths of names, in their order", () => {
  const names = Array.from({ length: 600 }, (_, at) => `/name-${at}`);
  const rules = [...names, "/a/{id}", "/b/*", "/c/**"];
  const [taught] = taughtOf([{ cluster: "", rules, places: [] }], []).serviceRoutes;
  assert.is(taught!.rules.length, 512);
  assert.equal(taught!.rules.slice(-4), ["/name-508", "/a/{id}", "/b/*", "/c/**"]);
});

test("open streams are told of what is learned, and only those whom it concerns", async () => {
  const known: Known = { rules: new Map(), places: new Map() };
  const teaching = teachingOf(known);
  const served = await Served.start({ settings: teaching });
  try {
    const told = (stream: ReturnType<Served["raw"]>): Settings[] =>
      stream.responses.flatMap(({ message }) => (message?.$case === "settings" ? [message.value] : []));
    const user = served.raw();
    const orders = served.raw();
    const idle = served.raw();
    const ordersHello = helloOf({ namespace: "shop", workload: "orders" });
    user.send({ $case: "hello", value: helloOf({ namespace: "shop", workload: "user" }) });
    orders.send({ $case: "hello", value: ordersHello });
    idle.send({ $case: "hello", value: helloOf({ namespace: "shop", workload: "idle" }) });
    await until(() => [user, orders, idle].every((stream) => told(stream).length === 1));
    known.places.set("shop/user", [place("/users/{id}", "me")]);
    teaching.changed();
    await until(() => told(user).length === 2);
    assert.equal(told(user)[1]!.serviceRoutes, [{ cluster: "", rules: [], idPlaces: ["/users/{id}", "/users/me"] }]);
    teaching.saw(ordersHello.instance, "user", "shop/user");
    await until(() => told(orders).length === 2);
    assert.equal(
      told(orders)[1]!.serviceRoutes.map(({ cluster }) => cluster),
      ["user"],
    );
    teaching.changed();
    teaching.changed();
    const late = served.raw();
    late.send({ $case: "hello", value: helloOf({ namespace: "shop", workload: "user" }) });
    await until(() => told(late).length === 1);
    assert.is(told(late)[0]!.serviceRoutes.length, 1, "who comes later is told at once");
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(
      [user, orders, idle].map((stream) => told(stream).length),
      [2, 2, 1],
    );
  } finally {
    await served.stop();
  }
});

test.run();
