import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import { OUTCOMES } from "../../../control/world/outcomes.ts";

const CHILD = fileURLToPath(new URL("crash-child.ts", import.meta.url));

/** Runs the writer, kills it after so many commits and a moment more, and returns the last cursor that it stated. */
export async function killWriter(path: string, commits: number, momentMs: number): Promise<number> {
  const child = spawn(process.execPath, ["--import", "tsx", CHILD, path], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  let stated = 0;
  let seen = 0;
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    seen += lines.length;
    stated = Number(lines.at(-1) ?? stated);
    if (seen >= commits) setTimeout(() => child.kill("SIGKILL"), momentMs);
  });
  const [code, signal] = (await exited) as [number | null, string | null];
  assert.equal([code, signal], [null, "SIGKILL"], "the writer must not end by itself");
  return stated;
}

/** What lies in the database after a crash: the cursor, and the requests that are stored. */
export async function inspect(path: string): Promise<{ readonly cursor: number; readonly requests: number }> {
  const store = await DuckDbStore.open({ path, memoryLimitMb: 64 });
  try {
    const totals = await store.totals({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER });
    const requests = totals.reduce((sum, edge) => sum + OUTCOMES.reduce((all, one) => all + edge.outcomes[one], 0), 0);
    return { cursor: await store.cursor(), requests };
  } finally {
    await store.close();
  }
}
