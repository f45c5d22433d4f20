import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { inspect, killWriter } from "../control/store/crash.ts";
import { randomOf } from "../control/world/random.ts";

const KILLS = 60;

test("sixty kills at any moment lose nothing that was committed", async () => {
  const random = randomOf(Date.now());
  const folder = await mkdtemp(join(tmpdir(), "sidelight-crash-"));
  const path = join(folder, "history.duckdb");
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const stated = await killWriter(path, 1 + Math.floor(random() * 40), Math.floor(random() * 30));
      const { cursor, requests } = await inspect(path);
      assert.ok(cursor >= stated, `cursor ${cursor} after ${stated} was committed`);
      assert.is(requests, cursor, `kill ${kill}: one request a cursor`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.run();
