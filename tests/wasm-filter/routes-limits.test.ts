/**
 * Rules and places that control teaches: when they come, when they are too many or malformed, and what is full by then.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { ReportResponse } from "#proto/ingest.ts";
import { generator, word } from "./random.ts";
import { countsOf, requestContext, totalCount } from "./sidecar.ts";
import { connected, outbound, routeOf, service } from "./taught.ts";

const Loss = { endpoints: 2, cut: 5, control: 7, rules: 10 } as const;

test("a flood of names fills the service, and once taught none of it is ~other any more", () => {
  const sidecar = connected();
  const flood = () => {
    for (let i = 0; i < 1000; i++) sidecar.request({ path: `/customers/${word(i)}` });
    sidecar.tick();
    const [batch] = sidecar.collect();
    sidecar.acknowledge();
    sidecar.received.clear();
    sidecar.received.set(batch!.sequence, batch!);
    return countsOf(sidecar.totals);
  };
  const other = "in 10.0.0.1 http ~other ~other success 200";
  assert.is(flood()[other], 801, "/hello is one of the 200");
  const learned = { serviceRoutes: [service("", { idPlaces: ["/customers/{id}"] })] };
  sidecar.teach(learned);
  assert.equal(flood(), { "in 10.0.0.1 http GET /customers/{id} success 200": 1000 });
  for (let i = 0; i < 400; i++) sidecar.request({ path: `/${word(i)}` });
  sidecar.tick();
  sidecar.collect();
  sidecar.acknowledge();
  sidecar.teach(learned);
  assert.equal(flood(), { "in 10.0.0.1 http GET /customers/{id} success 200": 1000 });
  assert.is(sidecar.received.values().next().value!.losses.length, 0);
});

test("when templates change, names of before make room at once, and what goes on keeps its count", () => {
  const sidecar = connected();
  for (let i = 0; i < 300; i++) sidecar.request({ path: `/old/${word(i)}` });
  sidecar.tick();
  sidecar.collect();
  sidecar.acknowledge();
  sidecar.teach({ serviceRoutes: [service("", { idPlaces: ["/customers/{id}"] })] });
  sidecar.tick();
  sidecar.received.clear();
  for (let i = 0; i < 199; i++) sidecar.request({ path: `/new/${word(i)}` });
  sidecar.request({ path: "/customers/alice/cards" });
  sidecar.settle();
  const counts = countsOf(sidecar.totals);
  assert.is(Object.keys(counts).length, 200);
  assert.is(counts["in 10.0.0.1 http GET /customers/{id}/cards success 200"], 1);
  assert.equal(sidecar.losses, {});
});

test("the same settings again change nothing: what fills a service keeps filling it", () => {
  const sidecar = connected();
  const settings = { routes: ["/a"], serviceRoutes: [service("", { rules: ["/b", "no rule"] })] };
  sidecar.teach(settings);
  sidecar.tick();
  for (let i = 0; i < 300; i++) sidecar.request({ path: `/old/${word(i)}` });
  sidecar.tick();
  for (let i = 0; i < 10; i++) {
    sidecar.teach({ ...settings, intervalMillis: 500 + i });
    sidecar.tick();
  }
  sidecar.request({ path: "/new" });
  sidecar.settle();
  assert.is(sidecar.totals.get("in 10.0.0.1 http GET /new success 200"), undefined);
  assert.equal(sidecar.losses, { [Loss.endpoints]: 101, [Loss.cut]: 1 }, "and its bad rule is told once");
});

test("what a rule or a place names is let in past the limit of a full service, the rest is not", () => {
  const sidecar = connected();
  sidecar.teach({ serviceRoutes: [service("", { rules: ["/rule/{x}"], idPlaces: ["/place/{id}"] })] });
  sidecar.tick();
  for (let i = 0; i < 400; i++) sidecar.request({ path: `/flood/${word(i)}` });
  sidecar.request({ path: "/rule/a" });
  sidecar.request({ path: "/place/a" });
  sidecar.request({ path: "/place/a/below" });
  sidecar.request({ path: "/literal" });
  sidecar.settle();
  const counts = countsOf(sidecar.totals);
  assert.is(counts["in 10.0.0.1 http GET /rule/{x} success 200"], 1);
  assert.is(counts["in 10.0.0.1 http GET /place/{id} success 200"], 1);
  assert.is(counts["in 10.0.0.1 http ~other ~other success 200"], 202);
});

test("open TCP connections stay counted when templates change", () => {
  const sidecar = connected({ side: "outbound" });
  const { attributes } = requestContext({ upstream: "10.0.0.3:5432", cluster: "db.shop" });
  const connection = { attributes: new Map(attributes).set("upstream.local_address", Buffer.from("10.0.0.9:3333")) };
  sidecar.host.connect(77, connection);
  sidecar.tick();
  for (let i = 0; i < 300; i++) sidecar.request({ path: `/old/${word(i)}`, cluster: "a.shop" });
  sidecar.tick();
  sidecar.collect();
  sidecar.acknowledge();
  sidecar.teach({ routes: ["/a/{b}"] });
  sidecar.tick();
  sidecar.request({ path: "/a/x", cluster: "a.shop" });
  sidecar.tick();
  sidecar.collect();
  sidecar.host.log(77, connection);
  sidecar.settle();
  const tcp = [...sidecar.totals].filter(([key]) => key.includes(" tcp "));
  assert.equal(
    tcp.map(([key, { count, active }]) => [key, count, active]),
    [["out 10.0.0.3:5432,db.shop tcp   success 0", 1, 0]],
  );
  assert.is(totalCount(sidecar.totals), 303);
});

test("rules, places and services past their tables are cut and said so; the others hold", () => {
  const sidecar = connected({});
  const rules = Array.from({ length: 600 }, (_, i) => `/r/${word(i)}/{x}`);
  const idPlaces = Array.from({ length: 1100 }, (_, i) => `/p/${word(i)}/{id}`);
  sidecar.teach({ serviceRoutes: [service("", { rules, idPlaces: [...idPlaces, idPlaces[0]!] })] });
  assert.is(routeOf(sidecar, { path: `/r/${word(511)}/a` }), `/r/${word(511)}/{x}`);
  assert.is(routeOf(sidecar, { path: `/r/${word(512)}/a` }), `/r/${word(512)}/a`);
  assert.is(routeOf(sidecar, { path: `/p/${word(1023)}/a` }), `/p/${word(1023)}/{id}`);
  assert.is(routeOf(sidecar, { path: `/p/${word(1024)}/a` }), `/p/${word(1024)}/a`);
  sidecar.received.clear();
  const bytes = Array.from({ length: 200 }, (_, i) => `/${"x".repeat(190)}${word(100 + i)}`);
  sidecar.teach({ routes: bytes });
  sidecar.settle();
  assert.equal(sidecar.losses, { [Loss.rules]: 200 - Math.floor((20 * 1024) / 194) });
  sidecar.received.clear();
  const services = Array.from({ length: 130 }, (_, i) => service(`c${i}`, { rules: ["/s/{s}"], idPlaces: ["/{id}"] }));
  sidecar.teach({ serviceRoutes: [service("nothing", {}), ...services] });
  sidecar.settle();
  assert.equal(sidecar.losses, { [Loss.rules]: 4 });
  assert.is(routeOf(sidecar, outbound("c127", "/s/a")), "/s/{s}");
  assert.is(routeOf(sidecar, outbound("c128", "/s/a")), "/s/a");
});

test("places and rules that are none are left out and said so", () => {
  const idPlaces = ["", "/", "{id}", "customers/{id}", "/customers/{id}/", "/a//{id}", "/customers//x"];
  const rules = ["", "x", "FETCH /x", `/${"x".repeat(200)}`, "/\u0001"];
  const long = `/${"x/".repeat(120)}{id}`;
  const sidecar = connected();
  sidecar.teach({ serviceRoutes: [service("", { rules, idPlaces: [...idPlaces, long] })] });
  sidecar.settle();
  assert.equal(sidecar.losses, { [Loss.cut]: rules.length + idPlaces.length + 1 });
  assert.is(routeOf(sidecar, { path: "/customers/alice" }), "/customers/alice");
});

test("settings that cannot be read to their end change nothing", () => {
  const sidecar = connected();
  sidecar.teach({ routes: ["/a/{all}"], serviceRoutes: [service("", { rules: ["/b/{service}"] })] });
  const good = ReportResponse.encode({
    message: {
      $case: "settings",
      value: {
        intervalMillis: 0,
        routes: ["/a/{new}"],
        maxEndpoints: 0,
        serviceRoutes: [service("", { rules: ["/b/{new}"], idPlaces: ["/c/{id}"] })],
        exemplars: 0,
      },
    },
  }).finish();
  const tagOfRule = Buffer.from(good).lastIndexOf("/b/{new}") - 2;
  // A rule said to be longer than its service; a field with the wire type 7; a field number 0.
  for (const [at, byte] of [
    [tagOfRule + 1, 100],
    [tagOfRule, 0x17],
    [tagOfRule, 0x02],
  ] as const) {
    const bad = Buffer.from(good);
    bad[at] = byte;
    sidecar.host.receive(sidecar.stream!, bad);
  }
  for (let length = 3; length < good.length; length++) sidecar.host.receive(sidecar.stream!, good.subarray(0, length));
  assert.is(routeOf(sidecar, { path: "/a/x" }), "/a/{all}");
  assert.is(routeOf(sidecar, { path: "/b/x" }), "/b/{service}");
  assert.is(routeOf(sidecar, { path: "/c/x" }), "/c/x");
  assert.ok(sidecar.losses[Loss.control] === undefined, "said in an earlier batch");
  sidecar.host.receive(sidecar.stream!, good);
  assert.is(routeOf(sidecar, { path: "/b/x" }), "/b/{new}");
  assert.is(routeOf(sidecar, { path: "/c/x" }), "/c/{id}");
});

test("100,000 hostile paths against taught sets: bounded, counted, memory as it was", () => {
  const random = generator(11);
  const sidecar = connected({});
  const before = sidecar.host.memoryBytes;
  const parts = ["a", "b", "{id}", "**", "*", "x".repeat(128), "x".repeat(129), "%41", "..", "é", "7", ""];
  const path = () => `/${Array.from({ length: random(16) }, () => parts[random(parts.length)]!).join("/")}`;
  const sets = () => ({
    rules: Array.from({ length: 100 }, path),
    idPlaces: Array.from({ length: 200 }, () => `${path()}/{id}`),
  });
  for (let i = 0; i < 100_000; i++) {
    if (i % 20_000 === 0)
      sidecar.teach({ routes: [path()], serviceRoutes: [service("", sets()), service("c", sets())] });
    sidecar.request(random(2) ? { path: path() } : outbound(random(2) ? "c" : "d", path()));
    if (i % 1000 === 0) sidecar.tick();
    if (i % 5000 === 0) {
      sidecar.collect();
      sidecar.acknowledge();
    }
  }
  sidecar.settle();
  assert.is(totalCount(sidecar.totals), 100_001);
  assert.is(sidecar.host.memoryBytes, before);
  for (const { strings } of sidecar.received.values()) for (const text of strings) assert.ok(text.length <= 255);
});

test.run();
