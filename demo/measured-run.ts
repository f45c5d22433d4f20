/** `--seconds N`: lets the load run, ends it, waits until everything sent is counted, and reports. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Progress } from "../provision/progress.ts";
import { compare } from "./conservation.ts";
import type { Comparison } from "./conservation.ts";
import { startSpike, stopLoad } from "./control-client.ts";
import type { Totals } from "./control-client.ts";
import { freshness } from "./freshness.ts";
import type { Quantiles } from "./freshness.ts";
import { since } from "./readings.ts";
import type { Bases, Readings } from "./readings.ts";
import { StreamTotals } from "./stream-totals.ts";

export const ENTRY = "edge-router";
const catchUpMs = 20_000;
const pollMs = 250;

/** What tells of the edges to stores: taps the queries, sidecars no more than the connections. */
export type StoresFrom = "taps" | "sidecars" | "none";

/** A shop that is measured, wherever it runs. */
export interface MeasuredShop {
  readonly bases: Bases;
  /** Of the shop's workloads. */
  readonly namespace: string;
  readonly storesFrom: StoresFrom;
  /** What control calls the load. */
  shopper(totals: Totals): string;
  /** What is to be compared, as far as Sidelight counts it here. */
  read(): Promise<Readings>;
}

export interface RunReport extends Comparison {
  readonly freshnessMs: Quantiles | null;
  readonly storesFrom: StoresFrom;
}

export interface RunOptions {
  readonly seconds: number;
  /** How many times the rate in the middle third; 1 for no spike. */
  readonly spikeFactor: number;
  /** What was counted before, where the load did not begin with the run. Nothing was under way then. */
  readonly base?: Readings;
}

/** What was sent since `base`, beside what was counted. */
export function compareSince(shop: MeasuredShop, now: Readings, base: Readings | undefined): Comparison {
  const readings = base ? since(base, now) : now;
  const senders = { ...readings, namespace: shop.namespace, entry: ENTRY, shopper: shop.shopper(now.totals) };
  return compare(senders, readings.totals);
}

/** Waits until all that was sent is counted and nothing is under way, but no longer than 20 s. */
export async function settled(
  shop: MeasuredShop,
  base: Readings | undefined,
  told: (result: Comparison) => void,
): Promise<{ readonly now: Readings; readonly result: Comparison }> {
  const deadline = performance.now() + catchUpMs;
  for (;;) {
    const now = await shop.read();
    const result = compareSince(shop, now, base);
    told(result);
    const isOver = result.difference === 0 && now.shop.inFlight === 0 && now.load.inFlight === 0;
    if (isOver || performance.now() > deadline) return { now, result };
    await sleep(pollMs);
  }
}

export async function measuredRun(shop: MeasuredShop, progress: Progress, options: RunOptions): Promise<RunReport> {
  const { bases } = shop;
  const { base } = options;
  const stream = new StreamTotals(`${shop.namespace}/${ENTRY}`);
  await stream.open(bases.api);
  try {
    await progress.step(`Load for ${options.seconds} s`, async (step) => {
      const third = (options.seconds * 1000) / 3;
      await sleep(third);
      if (options.spikeFactor > 1) await startSpike(bases.load, options.spikeFactor, third / 1000);
      await sleep(2 * third);
      const load = await stopLoad(bases.load);
      step.note(`${load.sent} requests at the edge`);
    });
    return await progress.step("Comparing the counts", async (step) => {
      const { now, result } = await settled(shop, base, ({ counted, sent, difference }) =>
        step.note(`${counted} of ${sent} counted, ${difference} apart`),
      );
      const { timeline } = base ? since(base, now).load : now.load;
      const before = base ? (stream.points[0]?.[1] ?? 0) : 0;
      const shown = stream.points.map(([atMs, count]) => [atMs, count - before] as const);
      return { ...result, freshnessMs: freshness(timeline, shown), storesFrom: shop.storesFrom };
    });
  } finally {
    await stream.close();
  }
}

/** On standard output where it is to be JSON, else a line beside the steps. @returns the exit code */
export async function printReport(report: RunReport, json: boolean, progress: Progress): Promise<number> {
  if (json) await new Promise((done) => process.stdout.write(`${JSON.stringify(report, null, 2)}\n`, done));
  else progress.say(`${report.sent} sent, ${report.counted} counted, difference ${report.difference}.`);
  return report.difference === 0 ? 0 : 1;
}
