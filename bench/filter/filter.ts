/**
 * What the filter costs: processor time a request in the proxy and in the receiver, beside Envoy's own gRPC access log
 * with a receiver that aggregates the same figures, an empty wasm filter as the floor, and Lua.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Bench, BenchOptions, BenchResult, Figure } from "../harness.ts";
import { buildEmptyFilter } from "./empty.ts";
import { figuresOf } from "./figures.ts";
import { MEMORY, memoryFigures } from "./memory.ts";
import { Receiver } from "./receiver.ts";
import type { Ports } from "./responder.ts";
import { SCENARIOS } from "./scenarios.ts";
import { measure } from "./turns.ts";
import type { Surroundings } from "./turns.ts";
import { warmUp } from "./warm-up.ts";

async function run(say: (line: string) => void, { only, rounds }: BenchOptions): Promise<BenchResult> {
  const isWanted = (part: string): boolean => only.length === 0 || only.includes(part);
  const scenarios = SCENARIOS.filter(({ name }) => isWanted(name));
  const figures: Figure[] = [];
  await inSurroundings(async (around) => {
    if (scenarios.length > 0) {
      say("warming up the receivers");
      await warmUp(around);
    }
    for (const scenario of scenarios) {
      if (scenario.workers > availableParallelism()) {
        say(`${scenario.title}: not run, for it takes ${scenario.workers} cores`);
        continue;
      }
      say(scenario.title);
      const found = await measure({ ...scenario, rounds: rounds ?? scenario.rounds }, around, say);
      figures.push(...figuresOf(scenario, found));
    }
    if (isWanted(MEMORY)) figures.push(...(await memoryFigures(around, say)));
  });
  return { name: "filter", figures };
}

/** Runs something with the responder and both receivers, and ends them. */
async function inSurroundings(work: (around: Surroundings) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-bench-"));
  const responder = fork(fileURLToPath(new URL("responder.ts", import.meta.url)), [], {
    execArgv: ["--import", "tsx"],
  });
  const receivers: Receiver[] = [];
  try {
    const [ports] = (await once(responder, "message")) as [Ports];
    const emptyFilter = await buildEmptyFilter(folder);
    for (const script of ["sidelight-receiver", "access-log-receiver"]) receivers.push(await Receiver.start(script));
    const [sidelight, accessLog] = receivers as [Receiver, Receiver];
    await work({ ports, sidelight, accessLog, emptyFilter, responder: responder.pid ?? 0 });
  } finally {
    for (const receiver of receivers) await receiver.stop();
    responder.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
}

export const filter: Bench = {
  name: "filter",
  about: "processor time that the filter adds, beside Envoy's gRPC access log, an empty filter and Lua (10 minutes)",
  parts: [...SCENARIOS.map(({ name }) => name), MEMORY],
  run,
};
