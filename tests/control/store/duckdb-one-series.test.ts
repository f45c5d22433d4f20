/** One series of which more rows wait for the reporter rule than may: what was read is read again, knowing it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Observation, ReportedWindow } from "../../../control/identity/observation.ts";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";

const SECONDS = 420;
const REPLICAS = 25;

const observation: Observation = {
  ...{ side: "source", client: "shop/web", server: "ext/pay", protocol: "http", method: "GET", route: "/" },
  ...{ outcome: "success", status: 200, count: 1, buckets: [640, 1], requestBytes: 0, responseBytes: 0, active: 0 },
};

test("of a server that does not report itself, in more seconds than may wait, each request is counted once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-store-"));
  const store = await DuckDbStore.open({ path: join(folder, "history.duckdb") });
  try {
    const windows = Array.from({ length: SECONDS * REPLICAS }, (_, at): ReportedWindow => {
      const window = {
        reporter: "shop/web",
        instance: `web-${at % REPLICAS}`,
        startMs: Math.floor(at / REPLICAS) * 1_000,
      };
      return {
        ...window,
        durationMs: 1_000,
        nodes: [],
        observations: [observation],
        pods: [],
        losses: [],
        exemplars: [],
      };
    });
    await store.append(windows, 1);
    // Seven seconds are no whole slots, so each window is read by itself.
    const range = { fromMs: 0, toMs: SECONDS * 1_000 };
    const { series } = await store.series({ selection: { server: "ext/pay" }, range, stepMs: 7_000 });
    assert.is(series[0]!.total.outcomes.success, SECONDS * REPLICAS);
    for (const { outcomes } of series[0]!.points) assert.is(outcomes.success, 7 * REPLICAS);
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
});

test.run();
