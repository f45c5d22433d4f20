/** What it costs to know who is who in a large cluster, beside the informer of client-node that most would use. */
import { setTimeout as sleep } from "node:timers/promises";
import { getApiServer, startControlPlane } from "../../tests/kubernetes/control-plane.ts";
import type { ControlPlane } from "../../tests/kubernetes/control-plane.ts";
import { createNamespace, inParallel } from "../../tests/kubernetes/objects.ts";
import { measured } from "../harness.ts";
import type { Bench, BenchResult, Figure } from "../harness.ts";
import { KeeperProcess } from "./keepers.ts";
import type { Way } from "./keepers.ts";
import { benchPods, changeBenchPod, createBenchPod } from "./pods.ts";

const PODS = 10_000;
const CHANGES_A_SECOND = 100;
const CHURN_SECONDS = 30;
const LANES = 24;
const MB = 1_000_000;

const WAYS: readonly (readonly [way: Way, name: string])[] = [
  ["sidelight", "Sidelight, all ten resources"],
  ["informer", "client-node's informer, pods alone"],
];

export const inventory: Bench = {
  name: "inventory",
  about: "Memory and time of knowing 10,000 pods of which 100 change a second, on a real API server.",
  run,
};

async function run(say: (line: string) => void): Promise<BenchResult> {
  return { name: "inventory", figures: await compareKeepers({ pods: PODS, seconds: CHURN_SECONDS, say }) };
}

export interface Comparison {
  readonly pods: number;
  /** For how long they change. */
  readonly seconds: number;
  readonly say: (line: string) => void;
}

/** Both ways, one after the other, beside the same API server. */
export async function compareKeepers({ pods, seconds, say }: Comparison): Promise<Figure[]> {
  const tools = await getApiServer();
  if (!tools) throw new Error("This benchmark needs a Kubernetes; set KUBEBUILDER_ASSETS to a folder that has one");
  const plane = await startControlPlane(tools);
  try {
    await createNamespace(plane.admin, "shop");
    say(`making ${pods} pods`);
    await inParallel(benchPods(pods), LANES, (pod) => createBenchPod(plane.admin, pod));
    const figures: Figure[] = [];
    for (const [way, name] of WAYS) {
      say(name);
      figures.push(...(await measure(plane, { way, name, pods, seconds })));
    }
    return figures;
  } finally {
    await plane.remove();
  }
}

interface Measured {
  readonly way: Way;
  readonly name: string;
  readonly pods: number;
  readonly seconds: number;
}

async function measure(plane: ControlPlane, { way, name, pods, seconds }: Measured): Promise<Figure[]> {
  const keeper = await KeeperProcess.start(way, plane.kubeconfig);
  try {
    const { listedMs, emptyHeapBytes } = keeper.listed;
    const quiet = await keeper.ask();
    if (quiet.objects !== pods) throw new Error(`${name} knows ${quiet.objects} of ${pods} pods`);
    const changes = await churn(plane, pods, seconds);
    const busy = await keeper.ask();
    const seen = busy.events - quiet.events;
    const row = (column: string, value: number): Figure => ({
      ...measured(`${name}: ${column}`, value, ""),
      cell: { table: `${pods} pods, ${CHANGES_A_SECOND} changes a second`, row: name, column },
    });
    return [
      row("all listed, s", listedMs / 1_000),
      row("processor for that, s", quiet.processorMicros / 1_000_000),
      row("heap for them, MB", (quiet.heapBytes - emptyHeapBytes) / MB),
      row("resident, MB", busy.residentBytes / MB),
      row("processor a change, µs", (busy.processorMicros - quiet.collectedMicros) / changes),
      row("changes heard of, %", (100 * seen) / changes),
    ];
  } finally {
    await keeper.end();
  }
}

/** Changes pods at a steady rate. @returns how many changes there were */
async function churn(plane: ControlPlane, count: number, seconds: number): Promise<number> {
  const pods = benchPods(count);
  const beganMs = performance.now();
  const total = CHANGES_A_SECOND * seconds;
  const due = Array.from({ length: total }, (_, index) => index);
  await inParallel(due, LANES, async (index) => {
    await sleep(Math.max(0, beganMs + (index * 1_000) / CHANGES_A_SECOND - performance.now()));
    const pod = pods[(index * 7_919) % pods.length];
    if (pod) await changeBenchPod(plane.admin, pod);
  });
  // What was written last is on its way still.
  await sleep(2_000);
  return total;
}
