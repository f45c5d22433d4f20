import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import { START_MS, exemplar, observation, windowOf } from "../world/fixtures.ts";
import { podEnd, podTraffic } from "../world/pod-fixtures.ts";
import { ExemplarBudget, ExemplarChoice } from "../../../control/store/exemplar-budget.ts";
import { storeContract } from "./contract.ts";

storeContract(test, async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-store-"));
  return {
    open: () => DuckDbStore.open({ path: join(folder, "history.duckdb"), memoryLimitMb: 128 }),
    remove: () => rm(folder, { recursive: true }),
  };
});

test("endpoints without end do not grow the history without end: they are counted as ~other, and as a loss", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-store-"));
  const store = await DuckDbStore.open({ path: join(folder, "history.duckdb"), memoryLimitMb: 128, maxKeys: 10 });
  try {
    for (let at = 1; at <= 20; at++) {
      const routes = [`/scan${at}`, "/known", `/probe${at}`];
      const observations = routes.map((route) => observation({ route, count: 5 }));
      await store.append([windowOf(observations, { startMs: START_MS + at * 1_000 })], at);
    }
    const range = { fromMs: START_MS, toMs: START_MS + 60_000 };
    const routes = new Map<string, number>();
    for await (const window of store.windows(range)) {
      for (const { route, count } of window.observations) routes.set(route, (routes.get(route) ?? 0) + count);
    }
    assert.ok(routes.size <= 11, [...routes.keys()].join(" "));
    assert.is(routes.get("/known"), 100);
    assert.is((await store.totals(range))[0]!.outcomes.success, 300, "every request is counted");
    assert.equal(await store.losses(range), [{ kind: "endpointsFull", count: routes.get("~other")! }]);
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
});

test("pods without end do not grow the history without end: they are counted as ~other, and as a loss", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-store-"));
  const open = () => DuckDbStore.open({ path: join(folder, "history.duckdb"), memoryLimitMb: 128, maxPodKeys: 10 });
  let store = await open();
  try {
    for (let at = 1; at <= 20; at++) {
      const pods = ["known", `new${at}`].map((name) => podTraffic({ server: podEnd("b", name), count: 5 }));
      await store.append([windowOf([observation({ count: 10 })], { pods, startMs: START_MS + at * 1_000 })], at);
      if (at === 10) {
        await store.close();
        store = await open();
      }
    }
    const range = { fromMs: START_MS, toMs: START_MS + 60_000 };
    const { traffic } = await store.pods(range);
    const byPod = new Map(traffic.map(({ server, count }) => [server.pod, count]));
    assert.ok(byPod.size <= 11, [...byPod.keys()].join(" "));
    assert.is(byPod.get("b-known"), 100);
    assert.is(
      [...byPod.values()].reduce((sum, count) => sum + count),
      200,
      "every request is counted",
    );
    assert.equal(await store.losses(range), [{ kind: "podsFull", count: byPod.get("~other")! }]);
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
});

test("requests by name have a bounded place an hour; past it a loss says how many, and failed ones have more room", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-store-"));
  const path = join(folder, "history.duckdb");
  const exemplarLimits = { perHour: 30, slowPerHour: 20, endpoints: 1_000 };
  const open = () => DuckDbStore.open({ path, memoryLimitMb: 128, exemplarLimits });
  let store = await open();
  try {
    const range = { fromMs: START_MS, toMs: START_MS + 60_000 };
    const append = async (reason: "slowest" | "failed", count: number, cursor: number): Promise<void> => {
      const exemplars = Array.from({ length: count }, (_, at) => exemplar({ reason, route: `/${cursor}-${at}` }));
      await store.append([windowOf([observation()], { exemplars })], cursor);
    };
    await append("slowest", 25, 1);
    assert.equal(await store.losses(range), [{ kind: "exemplarsCut", count: 5 }]);
    await store.close();
    store = await open();
    await append("failed", 8, 2);
    await append("slowest", 4, 3);
    await append("failed", 8, 4);
    assert.is((await store.exemplars({}, range, 500)).length, 30);
    assert.equal(await store.losses(range), [{ kind: "exemplarsCut", count: 5 + 4 + 6 }]);
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
});

test("endpoints without end name a bounded number of requests a minute", () => {
  const budget = new ExemplarBudget(new Map(), { perHour: 1e9, slowPerHour: 1e9, endpoints: 50 });
  let kept = 0;
  let cut = 0;
  for (let at = 0; at < 120; at += 1) {
    const startMs = START_MS + at * 1_000;
    const exemplars = Array.from({ length: 10 }, (_, n) => exemplar({ atMs: startMs, route: `/scan-${at}-${n}` }));
    const choice = new ExemplarChoice();
    const window = budget.bounded(windowOf([observation()], { startMs, exemplars }), choice);
    budget.keep(choice);
    kept += window.exemplars.length;
    cut += window.losses.reduce((sum, { count }) => sum + count, 0);
  }
  assert.is(kept + cut, 1_200);
  // Two minutes touch three whole ones at most.
  assert.ok(kept >= 100 && kept <= 150, `${kept} kept`);
});

test.run();
