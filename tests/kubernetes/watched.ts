/** An inventory that watches a real API server, and what it said of its troubles. */
import { ApiServer } from "../../control/kubernetes/api-server.ts";
import { readCredentials } from "../../control/kubernetes/credentials.ts";
import { KubernetesInventory } from "../../control/kubernetes/kubernetes-inventory.ts";
import { REFLECTOR_TIMINGS } from "../../control/kubernetes/reflector.ts";
import type { ReflectorTimings } from "../../control/kubernetes/reflector.ts";
import { Watching } from "../../control/kubernetes/watching.ts";

export interface Watched {
  readonly inventory: KubernetesInventory;
  readonly watching: Watching;
  readonly warnings: string[];
  readonly infos: string[];
}

/** As control has it, but that it waits less after a failure. */
export async function watchWith(
  kubeconfig: string,
  timings: Partial<ReflectorTimings> = {},
  answerLimitMs = 1_000,
): Promise<Watched> {
  const warnings: string[] = [];
  const infos: string[] = [];
  const inventory = new KubernetesInventory(() => undefined);
  const watching = new Watching({
    ...{ inventory, now: Date.now },
    api: new ApiServer(await readCredentials({ mode: "on", kubeconfig }), answerLimitMs),
    timings: { ...REFLECTOR_TIMINGS, firstWaitMs: 50, longestWaitMs: 500, ...timings },
    warn: (message) => warnings.push(message),
    info: (message) => infos.push(message),
  });
  return { inventory, watching, warnings, infos };
}
