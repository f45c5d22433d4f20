/**
 * Says how many replicas a workload needs, by the requests that it serves. An autoscaler would set them.
 *
 *     npx tsx client/examples/autoscaler.ts shop/user --per-replica 50 --rounds 6
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Attribute, SidelightClient, SidelightError } from "sidelight/client";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    server: { type: "string", default: process.env["SIDELIGHT_SERVER"] ?? "127.0.0.1:9400" },
    "per-replica": { type: "string", default: "50" },
    every: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
  },
});
const [workload = "shop/user"] = positionals;
const perReplica = Number(values["per-replica"]);
const client = new SidelightClient(values.server, { timeoutMs: 2_000 });

/** Requests a second that the workload served in the last 30 s; undefined where nobody knows it. */
async function rate(): Promise<number | undefined> {
  const filters = [{ attribute: Attribute.ATTRIBUTE_WORKLOAD, value: workload }];
  const [node] = await client.workloads({ filters }).all();
  return node?.inbound?.rate;
}

for (let round = 1; round <= Number(values.rounds); round++) {
  if (round > 1) await sleep(Number(values.every) * 1_000);
  try {
    const perSecond = await rate();
    if (perSecond === undefined) {
      console.log(`${workload} is not known; nothing is changed`);
      continue;
    }
    const replicas = Math.max(1, Math.ceil(perSecond / perReplica));
    console.log(`${workload} serves ${perSecond.toFixed(1)}/s: ${replicas} replicas at ${perReplica}/s each`);
  } catch (error) {
    // Without figures nothing is changed, and the next round asks again.
    if (!(error instanceof SidelightError) || !error.isRetryable) throw error;
    console.log(`No figures now, nothing is changed: ${error.message}`);
  }
}
client.close();
