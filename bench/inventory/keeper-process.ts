/**
 * A process that keeps what there is of a cluster, one way or the other, and answers what that costs:
 *
 *     keeper-process.ts sidelight|informer KUBECONFIG
 */
import { CoreV1Api, KubeConfig, makeInformer } from "@kubernetes/client-node";
import type { V1Pod } from "@kubernetes/client-node";
import { watchWith } from "../../tests/kubernetes/watched.ts";

/** What a keeper says when it is asked. */
export interface Kept {
  readonly objects: number;
  readonly events: number;
  /** After a collection. */
  readonly heapBytes: number;
  readonly residentBytes: number;
  /** Of all its threads, since it began: before that collection, and after it. */
  readonly processorMicros: number;
  readonly collectedMicros: number;
}

/** Sent once, when everything was listed. */
export interface Listed {
  readonly listedMs: number;
  /** Of what is loaded alone, before anything was listed. */
  readonly emptyHeapBytes: number;
}

interface Keeper {
  counts(): { readonly objects: number; readonly events: number };
}

async function sidelight(kubeconfig: string): Promise<Keeper> {
  const { watching } = await watchWith(kubeconfig, {}, 60_000);
  const missing = await watching.listed(300_000);
  if (missing.length > 0) throw new Error(`Not listed: ${missing.join(", ")}; ${watching.problems.join("; ")}`);
  return {
    counts() {
      const { objects = 0, events = 0 } = watching.status().get("pods") ?? {};
      return { objects, events };
    },
  };
}

/** As its documentation has it, with an error's restart. */
async function informer(kubeconfig: string): Promise<Keeper> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  const pods = makeInformer<V1Pod>(config, "/api/v1/pods", () => api.listPodForAllNamespaces());
  let events = 0;
  pods.on("update", () => (events += 1));
  pods.on("delete", () => (events += 1));
  pods.on("error", () => setTimeout(() => void pods.start(), 1_000));
  await pods.start();
  return { counts: () => ({ objects: pods.list().length, events }) };
}

function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function main(): Promise<void> {
  const [way, kubeconfig = ""] = process.argv.slice(2);
  globalThis.gc?.();
  const emptyHeapBytes = process.memoryUsage().heapUsed;
  const beganMs = performance.now();
  const keeper = way === "sidelight" ? await sidelight(kubeconfig) : await informer(kubeconfig);
  process.send?.({ listedMs: performance.now() - beganMs, emptyHeapBytes } satisfies Listed);
  process.on("message", () => {
    const processorMicros = processorTime();
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    const collectedMicros = processorTime();
    process.send?.({
      ...{ ...keeper.counts(), heapBytes: heapUsed, residentBytes: rss, processorMicros, collectedMicros },
    } satisfies Kept);
  });
}

await main();
