/**
 * From an annotation to the first report: how long until a sidecar that runs, under load, has fetched the filter and told control of a
 * request. Real istiod, API server and control; the sidecars are stock Envoys.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { MeshPod } from "../tests/kubernetes/mesh.ts";
import { MeshLoad } from "../tests/kubernetes/mesh-load.ts";
import { getMesh, startMeshedControl } from "../tests/kubernetes/meshed-control.ts";
import type { MeshedControl } from "../tests/kubernetes/meshed-control.ts";
import { annotate } from "../tests/kubernetes/opted-in.ts";
import type { Bench, BenchResult } from "./harness.ts";
import { median } from "./statistics.ts";

const ROUNDS = 20;
const POLL_MS = 20;
const LIMIT_MS = 120_000;

/** What is waited for, in the order in which it comes. */
const STEPS = ["the plugin is written", "the first sidecar reports", "both sidecars report"] as const;

/** @returns milliseconds until each of the steps */
async function optIn({ plane, control }: MeshedControl, pods: readonly MeshPod[]): Promise<number[]> {
  const namespace = pods[0]?.place.namespace ?? "";
  const beganMs = performance.now();
  await annotate(plane.admin, `/api/v1/namespaces/${namespace}`, "true");
  const reachedMs: number[] = [];
  while (reachedMs.length < STEPS.length) {
    const { workloads } = await control.status();
    const own = workloads.filter((workload) => workload.namespace === namespace);
    const written = own.some(({ plugin }) => plugin !== null) ? 1 : 0;
    const reached = written + own.filter(({ state }) => state === "reporting").length;
    const atMs = performance.now() - beganMs;
    while (reachedMs.length < reached) reachedMs.push(atMs);
    if (atMs > LIMIT_MS)
      throw new Error(`After ${LIMIT_MS / 1_000} s only ${reached} of ${STEPS.length} steps are done`);
    await sleep(POLL_MS);
  }
  return reachedMs;
}

export const optInBench: Bench = {
  name: "opt-in",
  about:
    "from an annotation to the first report of sidecars that run, in a mesh of istiod and stock Envoys (2 minutes)",
  async run(say, { rounds = ROUNDS }): Promise<BenchResult> {
    const tools = await getMesh();
    if (!tools) throw new Error("There is no istiod or API server, and they cannot be built here");
    const parts = await startMeshedControl(tools);
    try {
      const taken: number[][] = [];
      for (let round = 0; round < rounds; round += 1) {
        // Another namespace each, with sidecars that have never had the filter.
        const [user, cart] = (await parts.mesh.namespace(`shop-${round}`, ["user", "cart"])) as [MeshPod, MeshPod];
        const load = new MeshLoad(cart, user);
        try {
          taken.push(await optIn(parts, [user, cart]));
        } finally {
          await load.stop();
        }
        if (load.failed.length > 0) throw new Error(`Requests failed meanwhile: ${load.failed.join()}`);
        await annotate(parts.plane.admin, `/api/v1/namespaces/shop-${round}`, null);
        say(`round ${round + 1} of ${rounds}: ${(taken.at(-1) ?? []).map((ms) => Math.round(ms)).join(", ")} ms`);
      }
      const figures = STEPS.flatMap((step, index) => {
        const values = taken.map((round) => round[index] ?? Number.NaN);
        return [
          { what: `${step}, median`, value: median(values), unit: "ms" },
          { what: `${step}, longest of ${rounds}`, value: Math.max(...values), unit: "ms" },
        ];
      });
      return { name: "opt-in", figures };
    } finally {
      await parts.remove();
    }
  },
};
