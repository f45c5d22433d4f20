import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import { START_MS, observation, windowOf } from "../world/fixtures.ts";
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

test.run();
