import type { HistoryStep, StepsQuestion } from "../history-step.ts";
import { StepKeys, StepSums } from "../step-sums.ts";
import type { StepKey } from "../step-sums.ts";
import { StepWindows } from "../step-windows.ts";
import { unpack } from "./packed.ts";
import type { Wanted } from "./reader.ts";
import type { Key } from "./rows.ts";
import type { Source } from "./series.ts";

/** Sums that a window should come to, and that it may: each with its latencies some hundred bytes to a kilobyte. */
const WANTED_SUMS = 25_000;
const MAX_SUMS = 100_000;

/** History in steps. A window's rows come in no order, so its sums are held until all are there. */
export async function* readSteps(
  source: Pick<Source, "reader" | "levels" | "names">,
  question: StepsQuestion,
  signal?: AbortSignal,
): AsyncGenerator<HistoryStep> {
  const { stepMs } = question;
  const keys = new StepKeys(question);
  const windows = new StepWindows(question, WANTED_SUMS);
  for (let { window } = windows; window; { window } = windows) {
    const sums = new StepSums(stepMs);
    const pieces = source.levels.piecesOf(window, { firstMs: windows.firstMs(window), stepMs });
    const isAll = await addRows(
      source,
      { pieces, signal },
      { sums, keys, most: windows.isShortest ? Infinity : MAX_SUMS },
    );
    if (!isAll) {
      windows.shorten(sums.size);
      continue;
    }
    yield* sums.take();
    windows.advance(sums.size);
  }
}

/** Adds rows up until that is more than the most that may be held; whether it was all of them. */
async function addRows(
  { reader, names }: Pick<Source, "reader" | "names">,
  wanted: Wanted,
  { sums, keys, most }: { readonly sums: StepSums; readonly keys: StepKeys; readonly most: number },
): Promise<boolean> {
  let last: { readonly key: Key; readonly stepKey: StepKey } | undefined;
  for await (const rows of reader.rows(wanted)) {
    for (const row of rows) {
      const { key, buckets } = row;
      // Rows of one key come together.
      if (last?.key !== key) last = { key, stepKey: keys.of({ ...key, route: names.routeOf(key) }) };
      sums.add(last.stepKey, { ...row, buckets: () => unpack(buckets) });
      if (sums.size > most) return false;
    }
  }
  return true;
}
