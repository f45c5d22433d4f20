/**
 * What the filter costs: processor time a request in the proxy and in the receiver, beside Envoy's own gRPC access log
 * with a receiver that aggregates the same figures, an empty wasm filter as the floor, and Lua.
 */
import { availableParallelism } from "node:os";

import type { Bench, BenchOptions, BenchResult, Figure } from "../harness.ts";
import { figuresOf } from "./figures.ts";
import { MEMORY, memoryFigures } from "./memory.ts";
import { SCENARIOS } from "./scenarios.ts";
import { Surroundings } from "./surroundings.ts";
import { measure } from "./turns.ts";
import { warmUp } from "./warm-up.ts";

async function run(say: (line: string) => void, { only, rounds }: BenchOptions): Promise<BenchResult> {
  const isWanted = (part: string): boolean => only.length === 0 || only.includes(part);
  const scenarios = SCENARIOS.filter(({ name }) => isWanted(name));
  const figures: Figure[] = [];
  await Surroundings.around(async (around) => {
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

export const filter: Bench = {
  name: "filter",
  about: "processor time that the filter adds, beside Envoy's gRPC access log, an empty filter and Lua (10 minutes)",
  parts: [...SCENARIOS.map(({ name }) => name), MEMORY],
  run,
};
