import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import { podsContract } from "./contract.ts";

podsContract(test, async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-pods-"));
  return {
    open: () => DuckDbStore.open({ path: join(folder, "history.duckdb"), memoryLimitMb: 128 }),
    remove: () => rm(folder, { recursive: true }),
  };
});

test.run();
