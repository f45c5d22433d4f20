import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import { alertsContract } from "./contract.ts";

alertsContract(test, async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-alerts-"));
  return {
    open: () => DuckDbStore.open({ path: join(folder, "history.duckdb"), memoryLimitMb: 128 }),
    remove: () => rm(folder, { recursive: true }),
  };
});

test.run();
