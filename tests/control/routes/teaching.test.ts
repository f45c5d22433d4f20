import { test } from "uvu";
import * as assert from "uvu/assert";
import { ReporterKind, Settings, Switch } from "#proto/ingest.ts";
import { AskedAddresses } from "../../../control/routes/asked-addresses.ts";
import { inOrderOfNeed } from "../../../control/routes/rule-overlap.ts";
import { RuleSet } from "../../../control/routes/rule-set.ts";
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
    callerOf: ({ kind, nodeId, namespace, workload }) =>
      kind === ReporterKind.REPORTER_KIND_TAP ? `tap/${nodeId}` : `${namespace}/${workload}`,
    onCallers: () => undefined,
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
      ["shop/carts", [place("/carts/{id}", "search")]],
      ["shop/carts-canary", [place("/carts/{id}", "top"), place("/beta/{id}")]],
      ["shop/other", [place("/others/{id}")]],
    ]),
  };
  const teaching = teachingOf(known);
  const hello = helloOf({ namespace: "shop", workload: "user" });
  teaching.saw("shop/user", "outbound|80||carts.shop", "shop/carts");
  teaching.saw("shop/user", "outbound|80||carts.shop", "shop/carts-canary");
  teaching.saw("shop/user", "outbound|80||carts.shop", "unresolved/10.0.0.9");
  teaching.saw("shop/user", "silent", "shop/silent");
  teaching.saw("shop/orders", "other", "shop/other");
  for (let at = 0; at < 9; at++) teaching.saw("shop/user", "PassthroughCluster", at % 2 ? `shop/${at}` : "shop/other");
  const expected = [
    { cluster: "", rules: ["/users/{user}"], idPlaces: ["/cards/{id}", "/cards/all", "/cards/new"], addresses: [] },
    {
      ...{ cluster: "outbound|80||carts.shop", rules: [] },
      idPlaces: ["/carts/{id}", "/carts/search", "/carts/top", "/beta/{id}"],
      addresses: [],
    },
  ];
  const settings = teaching.follow(hello, () => undefined).now();
  assert.equal(settings.serviceRoutes, expected);
  assert.equal(settings.routes, ["/all/{id}"]);

  const restarted = teachingOf(known);
  restarted.restore(teaching.callers());
  const sibling = { ...hello, instance: "e".repeat(32) };
  assert.equal(restarted.follow(sibling, () => undefined).now().serviceRoutes, expected, "known after a restart");
});

test("clusters of one caller, and callers, past their limits make room for others or are counted", () => {
  const known: Known = { rules: new Map([["shop/x", ["/x/{id}"]]]), places: new Map() };
  const teaching = teachingOf(known);
  for (let at = 0; at < 130; at++) teaching.saw("shop/many", `cluster-${at}`, "shop/x");
  assert.is(teaching.callers().get("shop/many")?.size, 127);
  assert.is(teaching.size().clustersCut, 3);
  for (let at = 0; at < 9_999; at++) teaching.saw(`shop/${at}`, "x", "shop/x");
  assert.is(teaching.callers().size, 10_000);
  teaching.saw("shop/many", "cluster-0", "shop/x");
  teaching.saw("shop/late", "x", "shop/x");
  const callers = teaching.callers();
  assert.equal(
    [callers.size, callers.has("shop/0"), callers.has("shop/many"), callers.has("shop/late")],
    [10_000, false, true, true],
  );
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
  const names = places.filter((text) => text.endsWith("/kept"));
  assert.is(cut, 601 + 900 + 900 - rules.length - (places.length - names.length));
  assert.is(names.length, places.filter((text) => text.startsWith("/q")).length / 2, "a place goes with its names");
  const value = {
    intervalMillis: 1,
    routes: ["/shared/{id}"],
    maxEndpoints: 1,
    serviceRoutes,
    exemplars: Switch.SWITCH_ON,
  };
  assert.ok(Settings.encode(value).finish().length < 64_000);
});

test("where room is short, what is left says nothing that the whole would not say", () => {
  const names = Array.from({ length: 600 }, (_, at) => `/a/name-${at}`);
  const rules = ["/plain", ...names, "/a/{id}", "/b/{id}/c", "POST /b/x/c", "/{any}/{other}/c"];
  const ordered = inOrderOfNeed(rules);
  assert.equal(ordered, [...rules.slice(1, 603), "POST /b/x/c", "/{any}/{other}/c", "/plain"]);
  const [taught] = taughtOf([{ cluster: "", rules: ordered, places: [] }], []).serviceRoutes;
  assert.equal(taught!.rules, names.slice(0, 512), "without its names the parameter is not told");
  const whole = new RuleSet(rules);
  for (let end = 590; end <= ordered.length; end++) {
    const part = new RuleSet(ordered.slice(0, end));
    for (const path of ["/plain", "/a/name-599", "/a/z", "/b/x/c", "/b/y/c", "/q/r/c"]) {
      const said = part.match("POST", path);
      assert.ok(said === undefined || said === whole.match("POST", path), `${path} of ${end} rules`);
    }
    if (end === ordered.length) assert.is(part.match("POST", "/plain"), "/plain");
  }
});

const tapOf = (nodeId: string) => helloOf({ kind: ReporterKind.REPORTER_KIND_TAP, nodeId });

test("a tap is taught the services that it hears, by all addresses that are theirs by now", async () => {
  const known: Known = {
    rules: new Map([["shop/user", ["/users/{user}"]]]),
    places: new Map([["shop/carts", [place("/carts/{id}", "search")]]]),
  };
  const teaching = teachingOf(known);
  let changes = 0;
  const settings = teaching.follow(tapOf("node-1"), () => (changes += 1));
  teaching.heard("tap/node-1", "10.0.0.9:80", "shop/silent");
  teaching.heard("tap/node-1", "10.0.0.8:80", "unresolved/unknown");
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.is(changes, 0, "nothing is known of these");
  teaching.heard("tap/node-1", "10.0.0.2:80", "shop/user");
  teaching.heard("tap/node-1", "10.0.0.3:80", "shop/carts");
  teaching.heard("tap/node-1", "10.0.0.1:80", "shop/user");
  teaching.heard("tap/node-2", "10.0.0.4:80", "shop/user");
  await until(() => changes === 1);
  const user = { cluster: "", rules: ["/users/{user}"], idPlaces: [], addresses: ["10.0.0.1:80", "10.0.0.2:80"] };
  const carts = { cluster: "", rules: [], idPlaces: ["/carts/{id}", "/carts/search"], addresses: ["10.0.0.3:80"] };
  assert.equal(settings.now().serviceRoutes, [carts, user]);

  teaching.heard("tap/node-1", "10.0.0.1:80", "shop/silent");
  await until(() => changes === 2);
  assert.equal(settings.now().serviceRoutes, [carts, { ...user, addresses: ["10.0.0.2:80"] }], "it is another's now");
  teaching.heard("tap/node-1", "10.0.0.2:80", "shop/user");
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.is(changes, 2, "the same again is no news");
  known.rules.set("shop/silent", ["/quiet/{name}"]);
  teaching.changed(["shop/silent"]);
  await until(() => changes === 3);
  assert.is(settings.now().serviceRoutes.length, 3);
  assert.equal(
    teaching.follow(helloOf({ namespace: "tap", workload: "node-1" }), () => undefined).now().serviceRoutes,
    [],
  );
});

test("what a tap hears is bounded: addresses of one, of all, and what fits into its message", () => {
  const asked = new AskedAddresses();
  const sizeOf = (tap: string): number => asked.serversOf(tap).flatMap(([, addresses]) => addresses).length;
  for (let at = 0; at < 5_000; at++) asked.saw("first", `10.0.${at >> 8}.${at & 255}:80`, "shop/user");
  assert.is(sizeOf("first"), 4_096);
  assert.not(asked.serversOf("first")[0]![1].includes("10.0.0.0:80"), "those that were heard last stay");
  for (let tap = 0; tap < 60; tap++) for (let at = 0; at < 4_000; at++) asked.saw(`tap-${tap}`, `10.1.0.1:${at}`, "a");
  assert.equal([sizeOf("first"), sizeOf("tap-0"), sizeOf("tap-59")], [0, 0, 4_000]);
  assert.ok(sizeOf("tap-11") === 4_000 && sizeOf("tap-9") === 0);

  const many = Array.from({ length: 3_000 }, (_, at) => `10.0.${at >> 8}.${at & 255}:8080`);
  const services = [
    { cluster: "", addresses: many, rules: ["/a/{b}"], places: [] },
    { cluster: "", addresses: ["10.9.9.9:80"], rules: ["/c/{d}"], places: [] },
  ];
  const { serviceRoutes, cut } = taughtOf(services, []);
  assert.equal([serviceRoutes.length, serviceRoutes[0]!.addresses.length, cut], [1, 2_048, 3_000 - 2_048 + 1]);
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
    teaching.changed(["shop/user"]);
    await until(() => told(user).length === 2);
    const taught = { cluster: "", rules: [], idPlaces: ["/users/{id}", "/users/me"], addresses: [] };
    assert.equal(told(user)[1]!.serviceRoutes, [taught]);
    teaching.saw("shop/orders", "user", "shop/user");
    await until(() => told(orders).length === 2);
    assert.equal(
      told(orders)[1]!.serviceRoutes.map(({ cluster }) => cluster),
      ["user"],
    );
    teaching.changed(["shop/user"]);
    teaching.changed(["shop/user", "shop/other"]);
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
