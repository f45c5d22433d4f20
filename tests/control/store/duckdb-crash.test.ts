import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { inspect, killWriter } from "./crash.ts";

/** Enough to meet a commit, a roll-up and a checkpoint; tests/slow/store-crash.test.ts does many more. */
const KILLS = 3;

test("a writer that is killed leaves a database that opens, and whose cursor agrees with its rows", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-crash-"));
  const path = join(folder, "history.duckdb");
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const stated = await killWriter(path, 8 + kill * 4, kill * 3);
      const { cursor, requests } = await inspect(path);
      assert.ok(cursor >= stated, `cursor ${cursor} after ${stated} was committed`);
      assert.is(requests, cursor, "one request a cursor");
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.run();
