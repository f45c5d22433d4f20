/** Many weeks, as many at a time as there are cores. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { JudgedWeek } from "./run-week.ts";

/** @returns in the order of the seeds */
export async function judgeWeeks(seeds: readonly number[], say: (line: string) => void): Promise<JudgedWeek[]> {
  const judged = new Map<number, JudgedWeek>();
  const left = [...seeds];
  const path = fileURLToPath(new URL("week-process.ts", import.meta.url));
  const work = async (): Promise<void> => {
    const child = fork(path, [], { execArgv: ["--import", "tsx"] });
    try {
      for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
        judged.set(seed, await judgedBy(child, seed));
        say(`Week ${seed}: ${judged.size} of ${seeds.length}`);
      }
    } finally {
      child.disconnect();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), seeds.length) }, work));
  return seeds.map((seed) => judged.get(seed)!);
}

async function judgedBy(child: ChildProcess, seed: number): Promise<JudgedWeek> {
  const stop = new AbortController();
  const { signal } = stop;
  child.send(seed);
  try {
    return await Promise.race([
      once(child, "message", { signal }).then(([week]) => week as JudgedWeek),
      once(child, "exit", { signal }).then(([code]) => {
        throw new Error(`The process that judges week ${seed} ended with ${String(code)}`);
      }),
    ]);
  } finally {
    stop.abort();
  }
}
