import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SeriesTold } from "../../../control/api/series-answers.ts";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import type { EdgeTotal, Series, SeriesAnswer, Store } from "../../../control/store/store.ts";
import type { Snapshot } from "../../../control/world/model.ts";
import { type ControlUnderTest, startControl, status } from "./fixture-control.ts";
import { shopSecond } from "./fixture-shop.ts";
import { loud } from "../../loud.ts";

const secondsMs = 1000;

interface ErrorBody {
  readonly error: { readonly message: string; readonly field?: string };
}

async function json<Body>(response: Promise<Response>): Promise<Body> {
  return (await (await response).json()) as Body;
}

// --- over a real world and a real store -----------------------------------------------------------------------------

const filled = suite("HTTP API of a running control");
const filledAtMs = Math.floor(Date.now() / secondsMs) * secondsMs - 60_000;
let folder: string;
let store: Store;
let control: ControlUnderTest;

filled.before(
  loud(async () => {
    folder = await mkdtemp(join(tmpdir(), "sidelight-http-"));
    store = await DuckDbStore.open({ path: join(folder, "history.duckdb"), memoryLimitMb: 64 });
    const windows = Array.from({ length: 10 }, (_each, index) => shopSecond(filledAtMs + index * secondsMs)).flat();
    await store.append(windows, 1);
    control = await startControl({ store });
  }),
);

filled.after(async () => {
  await control.close();
  await store.close();
  await rm(folder, { recursive: true });
});

filled("answers the snapshot, to be stored by nobody", async () => {
  const response = await fetch(`${control.http}/api/v1/snapshot`);
  assert.is(response.status, 200);
  assert.is(response.headers.get("cache-control"), "no-store");
  const snapshot = (await response.json()) as Snapshot;
  assert.is(snapshot.edges.length, 4);
  const cards = snapshot.edges.find(({ client, server }) => client === "shop/front-end" && server === "shop/user");
  assert.is(cards?.health, "failing");
});

filled("compresses what is large where the client can read it", async () => {
  const encoding = async (accepted: string): Promise<string | null> => {
    const url = `${control.http}/api/v1/snapshot`;
    const response = await fetch(url, { headers: { "Accept-Encoding": accepted } });
    assert.is(((await response.json()) as Snapshot).edges.length, 4);
    return response.headers.get("content-encoding");
  };
  assert.is(await encoding("gzip, br"), "gzip");
  assert.is(await encoding("identity"), null);
});

filled("merges endpoints over the clients, with percentiles of the merged buckets", async () => {
  type Body = { endpoints: { server: string; route: string; red: Snapshot["edges"][number]["red"] }[] };
  const ask = (query: string) => json<Body>(fetch(`${control.http}/api/v1/endpoints?${query}`));
  const { endpoints } = await ask("server=shop/user");
  assert.equal(
    endpoints.map(({ route }) => route),
    ["/cards/{id}", "/addresses/{id}", ""].filter((route) => route !== ""),
    "the failing one leads",
  );
  const merged = endpoints[0]!.red;
  // A second: 6 of 10 ms, 4 failed of 30 ms (front-end), 10 of 100 ms (orders). The middle is the slowest of the failed.
  assert.is(merged.errorShare, 0.2);
  assert.ok(Math.abs(merged.p50Ms! - 30) <= 0.3, `p50 ${merged.p50Ms}`);
  assert.ok(Math.abs(merged.p99Ms! - 100) <= 1, `p99 ${merged.p99Ms}`);

  const alone = (await ask("server=shop/user&client=shop/orders")).endpoints;
  const cards = alone.find(({ route }) => route === "/cards/{id}")!.red;
  assert.is(cards.errorShare, 0);
  assert.ok(Math.abs(cards.p50Ms! - 100) <= 1, `p50 ${cards.p50Ms}`);
  assert.equal((await ask("server=shop/nobody")).endpoints, []);
});

filled("draws the map of a past instant out of the store", async () => {
  const at = filledAtMs + 10 * secondsMs;
  const then = await json<Snapshot>(fetch(`${control.http}/api/v1/snapshot?at=${at + 400}&window=10`));
  assert.equal([then.atMs, then.windowSeconds, then.edges.length], [at, 10, 4]);
  const cards = then.edges.find(({ client, server }) => client === "shop/front-end" && server === "shop/user");
  assert.equal([cards?.health, cards?.total], ["failing", 100]);
  assert.is(then.nodes.find(({ id }) => id === "shop/user")?.workloadKind, "Deployment");

  const before = await json<Snapshot>(fetch(`${control.http}/api/v1/snapshot?at=${filledAtMs}`));
  assert.equal([before.edges, before.nodes], [[], []], "nothing was counted yet");
});

filled("merges the endpoints of a past instant over the clients", async () => {
  type Body = { endpoints: { route: string; red: Snapshot["edges"][number]["red"] }[] };
  const at = filledAtMs + 10 * secondsMs;
  const { endpoints } = await json<Body>(fetch(`${control.http}/api/v1/endpoints?server=shop/user&at=${at}&window=10`));
  const { red } = endpoints.find(({ route }) => route === "/cards/{id}")!;
  assert.equal([red.requests, red.errorShare], [200, 0.2]);
  assert.ok(Math.abs(red.p50Ms! - 30) <= 0.3, `p50 ${red.p50Ms}`);
});

filled("answers a series out of the store, gaps included", async () => {
  const query = new URLSearchParams({
    client: "shop/front-end",
    server: "shop/user",
    protocol: "http",
    method: "GET",
    route: "/cards/{id}",
    from: String(filledAtMs),
    to: String(filledAtMs + 12 * secondsMs),
    step: "1000",
  });
  const body = await json<SeriesTold>(fetch(`${control.http}/api/v1/series?${query}`));
  const [{ points, total, labels }, ...others] = body.series as [Series, ...Series[]];
  assert.equal([labels, others, body.groupCount], [[], [], 1]);
  assert.is(body.fromMs, filledAtMs);
  assert.is(body.toMs, filledAtMs + 12 * secondsMs);
  assert.is(body.stepMs, 1000);
  assert.is(points.length, 12);
  assert.equal([total.outcomes.success, total.outcomes.serverError], [60, 40]);
  assert.equal(points[3]!.outcomes, { success: 6, clientError: 0, serverError: 4, notReached: 0, noAnswer: 0 });
  assert.is(points[3]!.latencyMs.length, 3);
  assert.is(points[11]!.outcomes.success, 0);
  assert.equal(points[11]!.latencyMs, []);
});

filled("answers exact totals out of the store", async () => {
  const range = `from=${filledAtMs}&to=${filledAtMs + 10 * secondsMs}`;
  type Body = { edges: EdgeTotal[]; losses: unknown[] };
  const { edges, losses } = await json<Body>(fetch(`${control.http}/api/v1/totals?${range}`));
  const cards = edges.find(({ client, server }) => client === "shop/front-end" && server === "shop/user");
  assert.is(cards?.outcomes.success, 60);
  assert.is(cards?.outcomes.serverError, 40);
  assert.equal(losses, []);
});

filled("answers its own status", async () => {
  assert.equal(await json(fetch(`${control.http}/api/v1/status`)), status);
});

filled("names the parameter at fault", async () => {
  const ask = async (path: string): Promise<[number, string | undefined]> => {
    const response = await fetch(`${control.http}/api/v1/${path}`);
    return [response.status, ((await response.json()) as ErrorBody).error.field];
  };
  assert.equal(await ask("series?step=1"), [400, "step"]);
  assert.equal(await ask("series?from=0&step=1000"), [400, "step"]);
  assert.equal(await ask("totals?from=5&to=4"), [400, "from"]);
  assert.equal(await ask("endpoints?sever=shop/user"), [400, "sever"]);
  assert.equal(await ask("snapshot?verbose=1"), [400, "verbose"]);
  assert.equal(await ask("snapshot?at=9999999999999"), [400, "at"]);
  assert.equal(await ask("endpoints?window=5"), [400, "window"]);
  assert.equal(await ask("stream?since=1"), [400, "since"]);
  assert.equal(await ask("status?x"), [400, "x"]);
});

filled("refuses what it does not have and what would change something", async () => {
  const unknown = await fetch(`${control.http}/api/v1/snapshots`);
  assert.is(unknown.status, 404);
  assert.match(((await unknown.json()) as ErrorBody).error.message, "/api/v1/snapshots");
  const post = await fetch(`${control.http}/api/v1/snapshot`, { method: "POST", body: "{}" });
  assert.is(post.status, 405);
  assert.is(post.headers.get("allow"), "GET, HEAD");
});

filled("answers HEAD without a body", async () => {
  for (const path of ["api/v1/snapshot", "api/v1/stream", "healthz"]) {
    const response = await fetch(`${control.http}/${path}`, { method: "HEAD" });
    assert.is(response.status, 200, path);
    assert.is(await response.text(), "", path);
  }
  assert.is(control.feed.stats.subscribers, 0, "no stream was opened");
});

filled("exposes its own metrics", async () => {
  const response = await fetch(`${control.http}/metrics`);
  assert.match(response.headers.get("content-type") ?? "", "text/plain");
  const text = await response.text();
  assert.match(text, /^sidelight_world_edges 4$/m);
  assert.match(text, /^sidelight_world_nodes 5$/m);
  assert.match(text, /^sidelight_feed_subscribers 0$/m);
  assert.match(text, /^sidelight_losses_total\{kind="valuesCut"\} 2$/m);
  assert.match(text, /^sidelight_snapshots_computed_total [1-9]/m);
});

filled("says that it is alive and ready", async () => {
  assert.is(await (await fetch(`${control.http}/healthz`)).text(), "ok\n");
  const ready = await fetch(`${control.http}/readyz`);
  assert.is(ready.status, 200);
});

filled("lets nothing frame it and loads nothing from elsewhere", async () => {
  for (const path of ["", "api/v1/snapshot", "api/nothing"]) {
    const { headers } = await fetch(`${control.http}/${path}`);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, "default-src 'none'");
    assert.match(policy, "frame-ancestors 'none'");
    assert.is(headers.get("x-content-type-options"), "nosniff");
  }
});

filled.run();

// --- what goes wrong ------------------------------------------------------------------------------------------------

const troubled = suite("HTTP API in trouble");

async function during(
  options: Parameters<typeof startControl>[0],
  check: (control: ControlUnderTest) => Promise<void>,
) {
  const started = await startControl(options);
  try {
    await check(started);
  } finally {
    await started.close();
  }
}

const nothing: SeriesAnswer = { series: [], groupCount: 0 };

/** A store of which one read is as the test wants it. */
function storeWith(given: Partial<Store>): Store {
  return given as Store;
}

troubled("says why it is not ready, and answers what it can meanwhile", async () => {
  await during({ notReady: ["the store is not open", "the world is being filled"] }, async ({ http }) => {
    const ready = await fetch(`${http}/readyz`);
    assert.is(ready.status, 503);
    assert.is(await ready.text(), "not ready: the store is not open\nnot ready: the world is being filled\n");
    const series = await fetch(`${http}/api/v1/series`);
    assert.is(series.status, 503);
    assert.is(series.headers.get("retry-after"), "2");
    assert.match(((await series.json()) as ErrorBody).error.message, "the store is not open");
    assert.is((await fetch(`${http}/healthz`)).status, 200);
    assert.is((await fetch(`${http}/api/v1/snapshot`)).status, 200);
  });
});

troubled("tells the log, not the client, how its store failed", async () => {
  const failing = storeWith({ series: () => Promise.reject(new Error("disk gone at /secret/path")) });
  await during({ store: failing }, async ({ http, errors }) => {
    const response = await fetch(`${http}/api/v1/series`);
    assert.is(response.status, 500);
    assert.not.match(await response.text(), "secret");
    assert.is(errors.length, 1);
    assert.match(errors[0]!.message, "GET /api/v1/series");
    assert.match(String(errors[0]!.cause), "disk gone");
  });
});

troubled("gives up on a store that does not answer", async () => {
  const hanging = storeWith({ totals: () => new Promise(() => {}), losses: () => Promise.resolve([]) });
  await during({ store: hanging, http: { reads: { timeoutMs: 30 } } }, async ({ http }) => {
    const response = await fetch(`${http}/api/v1/totals`);
    assert.is(response.status, 504);
    assert.match(((await response.json()) as ErrorBody).error.message, "30 ms");
  });
});

troubled("a question whose asker has gone is not put to the store", async () => {
  let asked = 0;
  let release = (): void => {};
  const slow = storeWith({
    series: () => {
      asked++;
      return new Promise((resolve) => (release = () => resolve(nothing)));
    },
  });
  await during({ store: slow, http: { reads: { concurrent: 1 } } }, async ({ http }) => {
    const first = fetch(`${http}/api/v1/series`);
    while (asked === 0) await new Promise((resolve) => setImmediate(resolve));
    const asker = new AbortController();
    const second = fetch(`${http}/api/v1/series`, { signal: asker.signal }).catch(() => "gone");
    await fetch(`${http}/healthz`);
    asker.abort();
    assert.is(await second, "gone");
    await fetch(`${http}/healthz`);
    release();
    assert.is((await first).status, 200);
    await fetch(`${http}/healthz`);
    assert.is(asked, 1);
  });
});

troubled("refuses more questions than may wait", async () => {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const slow = storeWith({ series: () => gate.then(() => nothing) });
  await during({ store: slow, http: { reads: { concurrent: 1, waiting: 1 } } }, async ({ http }) => {
    const ask = async (): Promise<number> => (await fetch(`${http}/api/v1/series`)).status;
    const answers = [ask(), ask(), ask()];
    assert.is(await Promise.race(answers), 503);
    release();
    assert.equal((await Promise.all(answers)).sort(), [200, 200, 503]);
  });
});

troubled("refuses a header that is too long", async () => {
  await during({}, async ({ http }) => {
    const response = await fetch(`${http}/healthz`, { headers: { "X-Long": "x".repeat(20_000) } });
    assert.is(response.status, 431);
  });
});

troubled.run();
