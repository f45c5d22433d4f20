/** `--seconds N`: lets the load run, ends it, waits until everything sent is counted, and reports. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Progress } from "../provision/progress.ts";
import { compare } from "./conservation.ts";
import type { Comparison } from "./conservation.ts";
import { readLoadCounters, readShopCounters, readTotals, startSpike, stopLoad } from "./control-client.ts";
import type { LoadCounters, ShopCounters } from "./control-client.ts";
import type { Demo } from "./demo.ts";
import { freshness } from "./freshness.ts";
import type { Quantiles } from "./freshness.ts";
import { url } from "./parts.ts";
import { StreamTotals } from "./stream-totals.ts";
import { NAMESPACE } from "./topology.ts";

const entry = "edge-router";
const catchUpMs = 20_000;
const pollMs = 250;
/** Well before anything was counted, and after. */
const marginMs = 3_600_000;

export interface RunReport extends Comparison {
  readonly freshnessMs: Quantiles | null;
}

export interface RunOptions {
  readonly seconds: number;
  /** How many times the rate in the middle third; 1 for no spike. */
  readonly spikeFactor: number;
}

export async function measuredRun(demo: Demo, progress: Progress, options: RunOptions): Promise<RunReport> {
  const bases = {
    api: url(demo.topology.control.http),
    shop: url(demo.topology.shop),
    load: url(demo.topology.load),
  };
  const startedMs = Date.now();
  const stream = new StreamTotals(`${NAMESPACE}/${entry}`);
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
      const range = { fromMs: startedMs - marginMs, toMs: Date.now() + marginMs };
      const deadline = performance.now() + catchUpMs;
      for (;;) {
        const [shop, load] = await settled(bases);
        const totals = await readTotals(bases.api, range.fromMs, range.toMs);
        const senders = { shop, load, namespace: NAMESPACE, entry, clientAddress: demo.topology.client };
        const result = compare(senders, totals);
        step.note(`${result.counted} of ${result.sent} counted, ${result.difference} apart`);
        const isOver = result.difference === 0 && shop.inFlight === 0;
        if (isOver || performance.now() > deadline) {
          return { ...result, freshnessMs: freshness(load.timeline, stream.points) };
        }
        await sleep(pollMs);
      }
    });
  } finally {
    await stream.close();
  }
}

function settled(bases: { shop: string; load: string }): Promise<[ShopCounters, LoadCounters]> {
  return Promise.all([readShopCounters(bases.shop), readLoadCounters(bases.load)]);
}
