/** VictoriaMetrics, which takes InfluxDB's line protocol: `$VICTORIA_METRICS_BIN`, one on PATH, else Debian's package. */
import { join } from "node:path";
import { debianPackages } from "./debian.ts";
import { findProgram } from "./find-program.ts";
import type { Progress, Step } from "./progress.ts";
import { run } from "./run.ts";

/** Path of a VictoriaMetrics (the single-node server) that runs. Downloads some 10 MB the first time if there is none. */
export async function victoriaMetricsBinary(progress: Progress): Promise<string> {
  return await progress.step("VictoriaMetrics", async (step) => {
    const own = process.env["VICTORIA_METRICS_BIN"];
    const path = own ?? findProgram("victoria-metrics", "victoria-metrics-prod") ?? (await unpacked(step));
    await checkRuns(path, own);
    step.note(path);
    return path;
  });
}

async function unpacked(step: Step): Promise<string> {
  step.note("downloading Debian's victoria-metrics");
  const { root } = await debianPackages("victoria-metrics", ["victoria-metrics"]);
  return join(root, "usr", "bin", "victoria-metrics");
}

/** Debian's build prints an empty version, so only that it runs is known. */
async function checkRuns(path: string, own: string | undefined): Promise<void> {
  try {
    await run(path, ["-version"], { timeoutMs: 20_000 });
  } catch (cause) {
    const mend = own ? "mend or unset VICTORIA_METRICS_BIN" : "set VICTORIA_METRICS_BIN to one that does";
    throw new Error(`The VictoriaMetrics at ${path} does not run; ${mend}`, { cause });
  }
}
