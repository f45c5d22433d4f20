import { test } from "uvu";
import * as assert from "uvu/assert";
import { Registry } from "prom-client";
import { SnapshotFeed, systemClock } from "../../../control/api/feed.ts";
import { MetricsPage } from "../../../control/api/metrics-page.ts";
import { World } from "../../../control/world/world.ts";
import { START_MS, connections, observation, timed, windowOf } from "../world/fixtures.ts";

/** A page about edges of these observations. */
function pageOf(
  observations: readonly Parameters<typeof observation>[0][],
  options: { maxEdges?: number; now?: () => number } = {},
): { page: MetricsPage; world: World } {
  const world = new World();
  world.add(windowOf(observations.map((one) => observation(one))));
  const clock = { ...systemClock, now: () => START_MS + 5_000 };
  const feed = new SnapshotFeed(world, { clock });
  return { page: new MetricsPage({ feed, world }, { registry: new Registry(), ...options }), world };
}

const textOf = async (page: MetricsPage): Promise<string> => Buffer.concat(await page.read()).toString();

/** The value of a series, by its whole name as it stands in the text. */
function valueOf(text: string, series: string): number | undefined {
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

const SHOP = { client: "shop/front-end", server: "shop/orders" };
const LABELS =
  'client_namespace="shop",client_workload="front-end",server_namespace="shop",server_workload="orders",protocol="http"';

test("an edge has counters by outcome, those at 0 too, and a histogram in seconds", async () => {
  const { page } = pageOf([timed(3, 7, SHOP), timed(2, 400, { ...SHOP, outcome: "noAnswer" })]);
  const text = await textOf(page);
  const requests = (outcome: string) => valueOf(text, `sidelight_edge_requests_total{${LABELS},outcome="${outcome}"}`);
  assert.equal(["success", "client_error", "server_error", "not_reached", "no_answer"].map(requests), [3, 0, 0, 0, 2]);
  const duration = "sidelight_edge_request_duration_seconds";
  const upTo = (le: string) => valueOf(text, `${duration}_bucket{${LABELS},le="${le}"}`);
  assert.equal(["0.005", "0.01", "0.25", "0.5", "+Inf"].map(upTo), [0, 3, 3, 5, 5]);
  assert.is(valueOf(text, `${duration}_count{${LABELS}}`), 5);
  assert.ok(Math.abs(valueOf(text, `${duration}_sum{${LABELS}}`)! - 0.821) < 0.01);
});

test("opaque TCP has connections, bytes and how many are open, and no latency", async () => {
  const ends = { client: "shop/orders", server: "external/db.example" };
  const { page } = pageOf([connections({ ...ends, count: 4, requestBytes: 9, responseBytes: 99, active: 3 })]);
  const text = await textOf(page);
  const labels =
    'client_namespace="shop",client_workload="orders",server_namespace="external",server_workload="db.example",protocol="tcp"';
  assert.is(valueOf(text, `sidelight_edge_connections_total{${labels},outcome="success"}`), 4);
  assert.is(valueOf(text, `sidelight_edge_request_bytes_total{${labels}}`), 9);
  assert.is(valueOf(text, `sidelight_edge_response_bytes_total{${labels}}`), 99);
  assert.is(valueOf(text, `sidelight_edge_open_connections{${labels}}`), 3);
  assert.not.match(text, "request_duration_seconds");
});

test("a family stands in one piece, however many edges it is of", async () => {
  const { page } = pageOf(Array.from({ length: 600 }, (_, at) => ({ client: `shop/c${at}`, server: "shop/orders" })));
  const families = (await textOf(page))
    .match(/^sidelight_edge_[a-z_]+/gm)!
    .map((name) => name.replace(/_(bucket|sum|count)$/, ""));
  const pieces = families.filter((name, at) => name !== families[at - 1]);
  assert.equal(pieces.length, new Set(pieces).size, pieces.join(" "));
});

test("names are escaped, and edges of the same names are told apart by their kind", async () => {
  const odd = 'a"b\\c\nd';
  const { page } = pageOf([
    { client: `external/${odd}`, server: "shop/orders" },
    { client: "external/same", server: "shop/orders" },
    { client: "unresolved/same", server: "shop/orders" },
  ]);
  const text = await textOf(page);
  assert.match(text, 'client_workload="a\\"b\\\\c\\nd"');
  const series = text.match(/^[a-z_]+\{.*\}/gm)!;
  assert.is(new Set(series).size, series.length);
});

test("past the limit edges have no series, which is told; those told first stay", async () => {
  let clock = 0;
  const clients = ["shop/a", "shop/b", "shop/c"];
  const edges = clients.map((client) => ({ client, server: "shop/orders" }));
  const { page, world } = pageOf(edges, { maxEdges: 2, now: () => clock });
  const told = async () => {
    const text = await textOf(page);
    const names = [...text.matchAll(/requests_total\{.*client_workload="(.)".*outcome="success"\}/g)];
    return [...names.map(([, name]) => name), valueOf(text, "sidelight_edge_metrics_cut")];
  };
  assert.equal(await told(), ["a", "b", 1]);
  world.add(windowOf([observation({ client: "shop/d", server: "shop/orders", count: 99 })]));
  assert.equal(await told(), ["a", "b", 1], "within a second the same is told again");
  clock = 1_000;
  assert.equal(await told(), ["a", "b", 2]);
});

test("a limit of 0 switches them off", async () => {
  const { page } = pageOf([SHOP], { maxEdges: 0 });
  assert.not.match(await textOf(page), "sidelight_edge_");
});

test("what is wrong with an edge is told as 1", async () => {
  const { page } = pageOf([{ ...SHOP, count: 50, outcome: "serverError", status: 500 }]);
  const text = await textOf(page);
  const health = (what: string) => valueOf(text, `sidelight_edge_health{${LABELS},health="${what}"}`);
  assert.equal(["degraded", "failing", "affected"].map(health), [0, 1, 0]);
});

test.run();
