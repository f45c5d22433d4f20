/** The spike of `--spike`. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Progress } from "../provision/progress.ts";
import { startSpike } from "./control-client.ts";

/** How many times the rate. */
export const SPIKE_FACTOR = 5;
const AFTER_MS = 15_000;
const SECONDS = 30;

/** In a demo that runs until it is ended. `load` is the base URL of the load's control port. */
export async function spikeSoon(load: string, progress: Progress, signal?: AbortSignal): Promise<void> {
  await sleep(AFTER_MS, undefined, signal && { signal });
  await startSpike(load, SPIKE_FACTOR, SECONDS);
  progress.say(`  Spike: ${SPIKE_FACTOR} times the rate for ${SECONDS} s.`);
}
