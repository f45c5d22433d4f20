import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import { stepsContract } from "./contract.ts";

stepsContract(test, async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-steps-"));
  return {
    open: () => DuckDbStore.open({ path: join(folder, "history.duckdb"), memoryLimitMb: 128 }),
    remove: () => rm(folder, { recursive: true }),
  };
});

test.run();
