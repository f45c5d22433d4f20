import { test } from "uvu";
import * as assert from "uvu/assert";

import { step } from "../../ui/src/map/walk.ts";
import { topologyOf } from "../../ui/src/map/topology.ts";
import { viewsOf } from "../../ui/src/map/views.ts";
import {
  formatBytesRate,
  formatCount,
  formatLatency,
  formatRate,
  formatShare,
  formatSpan,
} from "../../ui/src/model/format.ts";
import { matchNodes, rankMatch } from "../../ui/src/model/search.ts";
import { troubleSince } from "../../ui/src/model/since.ts";
import { causeOf, findFaults, nodeReason } from "../../ui/src/model/trouble.ts";
import { indexSnapshot } from "../../ui/src/model/world.ts";
import { sortRows, splitEndpoint } from "../../ui/src/panel/endpoints.ts";
import { serviceRows, sortServices } from "../../ui/src/services/services.ts";
import { crowd } from "./fixtures/crowd.ts";
import { endpoint } from "./fixtures/red.ts";
import { connectionSeries, series } from "./fixtures/series.ts";
import { shop } from "./fixtures/shop.ts";

const AT = 1_790_000_000_000;
const fold = { folding: "auto", open: new Set<string>() } as const;
const plain = (text: string): string => text.replaceAll("\u00a0", " ");

test("figures have at most three digits and always a unit", () => {
  assert.equal([0, 0.5, 12.34, 999.6, 1234, 5_600_000].map(formatCount), ["0", "0.5", "12.3", "1k", "1.23k", "5.6M"]);
  assert.equal([0, 0.004, 0.123, 142.4, 12_345].map(formatRate), ["0/s", "<0.01/s", "0.12/s", "142/s", "12.3k/s"]);
  const latencies = [null, 0, 0.0421, 6.2, 184.3, 999.7, 2140, 75_000, 3_599_000, 9_900_000, 1e9];
  assert.equal(latencies.map(formatLatency).map(plain), [
    "–",
    "0 ms",
    "42.1 µs",
    "6.2 ms",
    "184 ms",
    "1 s",
    "2.14 s",
    "1.25 min",
    "1 h",
    "2.75 h",
    "11.6 d",
  ]);
  const bytes = [0, 0.2, 310, 999.7, 34_210, 1.2e6, 2.5e9];
  assert.equal(bytes.map(formatBytesRate).map(plain), [
    "0 B/s",
    "<1 B/s",
    "310 B/s",
    "1 kB/s",
    "34.2 kB/s",
    "1.2 MB/s",
    "2.5 GB/s",
  ]);
  assert.equal([0, 0.0004, 0.021, 0.124, 0.9999, 1].map(formatShare).map(plain), [
    "0",
    "<0.1 %",
    "2.1 %",
    "12.4 %",
    ">99.9 %",
    "100 %",
  ]);
  assert.equal([-5, 59_000, 61_000, 7_300_000].map(formatSpan).map(plain), ["0 s", "59 s", "1 min", "2 h"]);
});

test("faults are the endpoints at fault, worst first; symptoms name their cause", () => {
  const world = indexSnapshot(shop({ atMs: AT, faults: true }));
  const faults = findFaults(world);
  assert.equal(
    faults.map(({ server, endpoint }) => `${server} ${endpoint.route}`),
    ["sock-shop/user /customers/{id}/cards", "sock-shop/user /customers/{id}/addresses"],
  );
  assert.is(faults[0]!.reason, "62 % errors (limit 5 %)");
  assert.equal(causeOf(world, "sock-shop/edge-router"), {
    server: "sock-shop/user",
    endpoint: "GET /customers/{id}/cards",
  });
  assert.is(nodeReason(world, "sock-shop/front-end"), "by user: GET /customers/{id}/cards");
  assert.equal(findFaults(indexSnapshot(shop({ atMs: AT }))), []);
});

test("an endpoint at fault is found although its edge is within the limits", () => {
  const snapshot = shop({ atMs: AT });
  const [first, ...others] = snapshot.edges;
  const broken = endpoint({ method: "GET", route: "/rare", rate: 0.2, p95Ms: 3, errorShare: 1, health: "failing" });
  const world = indexSnapshot({
    ...snapshot,
    edges: [{ ...first!, endpoints: [broken, ...first!.endpoints] }, ...others],
  });
  assert.equal(
    findFaults(world).map(({ endpoint: { route } }) => route),
    ["/rare"],
  );
});

test("edges to nodes that the snapshot does not have are left out", () => {
  const snapshot = shop({ atMs: AT });
  const world = indexSnapshot({ ...snapshot, nodes: snapshot.nodes.filter(({ name }) => name !== "user") });
  assert.is([...world.edges.values()].filter(({ server }) => server === "sock-shop/user").length, 0);
});

test("a trouble began where its present bad stretch begins", () => {
  const script = { fromMs: AT - 3_600_000, toMs: AT, stepMs: 10_000, rate: 8, p95Ms: 6 };
  assert.is(troubleSince(series({ ...script, errorShare: 0.6, slowMs: null }), "http"), AT - 600_000);
  assert.is(troubleSince(series({ ...script, errorShare: 0, slowMs: 2000 }), "http"), AT - 600_000);
  assert.is(troubleSince(series({ ...script, errorShare: 0, slowMs: null }), "http"), undefined);
  assert.is(troubleSince(series({ ...script, fromMs: AT - 300_000, errorShare: 0.6, slowMs: null }), "http"), "before");
  const lifetimes = series({ ...script, errorShare: 0, slowMs: 2000 });
  assert.is(troubleSince(lifetimes, "tcp"), undefined, "how long connections lived is no slowness");
  const refused = connectionSeries({ fromMs: AT - 3_600_000, toMs: AT, stepMs: 10_000, active: 3 }).map((point) =>
    point.atMs < AT - 120_000 ? point : { ...point, outcomes: { ...point.outcomes, notReached: 4 } },
  );
  assert.is(troubleSince(refused, "tcp"), AT - 120_000);
});

test("the query matches names, kinds, states and paths, all of its words", () => {
  const world = indexSnapshot(shop({ atMs: AT, faults: true }));
  const names = (query: string): string[] => [...matchNodes(world, query)!].map((id) => id.split("/")[1]!).sort();
  assert.is(matchNodes(world, "  "), null);
  assert.equal(names("cart"), ["carts", "carts-db"]);
  assert.equal(names("cart kind:store"), ["carts-db"]);
  assert.equal(names("health:failing"), ["user"]);
  assert.equal(names("/addresses"), ["user"]);
  assert.equal(names("nothing"), []);
  assert.ok(rankMatch("carts", "car") > rankMatch("shopping carts", "car"));
  assert.is(rankMatch("carts", "orders"), 0);
});

test("figures restyle the map without a new topology, and untouched cards keep their view", () => {
  const first = indexSnapshot(shop({ atMs: AT }));
  const topology = topologyOf(first, fold, undefined);
  const views = viewsOf(first, topology, undefined);
  const second = indexSnapshot(shop({ atMs: AT + 500, faults: true }));
  assert.is(topologyOf(second, fold, topology), topology, "the very object");
  const restyled = viewsOf(second, topology, views);
  assert.is(restyled.cards.get("sock-shop/catalogue"), views.cards.get("sock-shop/catalogue"));
  assert.is.not(restyled.cards.get("sock-shop/user"), views.cards.get("sock-shop/user"));
  assert.match(
    restyled.cards.get("sock-shop/user")!.label,
    /^user, workload, failing: 62 % errors .* on GET \/customers\/\{id\}\/cards/,
  );
  const more = topologyOf(indexSnapshot(shop({ atMs: AT, withDiscounts: true })), fold, topology);
  assert.is(more.cards.length, topology.cards.length + 1);
});

test("workloads of one service share a box", () => {
  const snapshot = shop({ atMs: AT });
  const user = snapshot.nodes.find(({ name }) => name === "user")!;
  const canary = { ...user, id: "sock-shop/user-canary", name: "user-canary" };
  const topology = topologyOf(indexSnapshot({ ...snapshot, nodes: [...snapshot.nodes, canary] }), fold, undefined);
  assert.equal(
    topology.groups.map(({ title }) => title),
    ["user"],
  );
  assert.is(topology.boxes.length, snapshot.nodes.length);
});

test("a crowd folds by namespace by itself, opens one on demand, and all when asked", () => {
  const world = indexSnapshot(crowd({ atMs: AT, count: 300, fault: true }));
  const folded = topologyOf(world, fold, undefined);
  assert.ok(folded.foldedByItself);
  assert.is(folded.cards.length, 12);
  assert.ok([...viewsOf(world, folded, undefined).cards.values()].some(({ trouble }) => trouble === "1 failing"));
  const opened = topologyOf(world, { folding: "auto", open: new Set(["geo"]) }, undefined);
  assert.is(opened.cards.length, 11 + 25);
  assert.is(topologyOf(world, { folding: "none", open: new Set() }, undefined).cards.length, 300);
});

test("a crowd in one namespace is not folded into a single card", () => {
  const snapshot = crowd({ atMs: AT, count: 200 });
  const nodes = snapshot.nodes.map((node) => ({ ...node, namespace: "all" }));
  assert.is(topologyOf(indexSnapshot({ ...snapshot, nodes }), fold, undefined).cards.length, 200);
});

test("arrows follow requests and columns", () => {
  const place = (x: number, y: number) => ({ x, y, width: 140, height: 44 });
  const places = new Map([
    ["a", place(0, 50)],
    ["b", place(220, 0)],
    ["c", place(220, 90)],
  ]);
  const link = (from: string, to: string) => ({
    id: `${from}>${to}`,
    from,
    to,
    fromCard: from,
    toCard: to,
    edgeIds: [],
  });
  const links = [link("a", "b"), link("a", "c")];
  assert.is(step("a", "right", links, places), "c");
  assert.is(step("c", "left", links, places), "a");
  assert.is(step("c", "up", links, places), "b");
  assert.is(step("b", "up", links, places), undefined);
  assert.is(step("c", "right", links, places), undefined);
});

test("endpoint rows sort worst first, by column, and without a figure last", () => {
  const rows = [
    { ...endpoint({ method: "GET", route: "/calm", rate: 90, p95Ms: 5 }), server: "s" },
    {
      ...endpoint({ method: "GET", route: "/bad", rate: 3, p95Ms: 9, errorShare: 0.5, health: "failing" }),
      server: "s",
    },
    { ...endpoint({ method: "GET", route: "/untimed", rate: 50, p95Ms: 0 }), server: "s" },
  ];
  const untimed = { ...rows[2]!, red: { ...rows[2]!.red, p95Ms: null } };
  const order = (column: "" | "rate" | "p95", descending: boolean) =>
    sortRows([rows[0]!, rows[1]!, untimed], column, descending).map(({ route }) => route);
  assert.equal(order("", true), ["/bad", "/calm", "/untimed"]);
  assert.equal(order("rate", false), ["/bad", "/untimed", "/calm"]);
  assert.equal(order("p95", true), ["/bad", "/calm", "/untimed"]);
  assert.equal(order("p95", false), ["/calm", "/bad", "/untimed"]);
  assert.equal(splitEndpoint("GET /a b"), { method: "GET", route: "/a b" });
  assert.equal(splitEndpoint("/shop.Cart/Add"), { route: "/shop.Cart/Add" });
});

test("the table of services is the map in rows", () => {
  const world = indexSnapshot(shop({ atMs: AT, faults: true }));
  const rows = sortServices(serviceRows(world, null), "");
  assert.is(rows.length, 16);
  assert.is(rows[0]!.name, "user");
  assert.is(sortServices(rows, "-rate")[0]!.name, "front-end");
  const store = rows.find(({ name }) => name === "user-db")!;
  assert.is(store.figure, "8 open");
  assert.is(store.errorShare, null);
});

test.run();
