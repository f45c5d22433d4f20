/**
 * Compares a canary with what it is to replace: error share and p99 of the same minutes. Exit status 0 where the canary may
 * go on, 1 where it must not.
 *
 *     npx tsx client/examples/canary.ts shop/user-canary shop/user --minutes 5
 */
import { parseArgs } from "node:util";
import { Attribute, FilterOperator, SidelightClient } from "sidelight/client";
import type { Red } from "sidelight/client";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    server: { type: "string", default: process.env["SIDELIGHT_SERVER"] ?? "127.0.0.1:9400" },
    minutes: { type: "string", default: "5" },
    /** Errors that the canary may have more, as a share of its requests. */
    tolerance: { type: "string", default: "0.01" },
    /** Requests without which nothing can be said. */
    least: { type: "string", default: "100" },
  },
});
const [canary = "shop/user-canary", stable = "shop/user"] = positionals;
const client = new SidelightClient(values.server);

const workloads = await client
  .workloads({
    at: new Date(),
    window: { seconds: Number(values.minutes) * 60 },
    filters: [
      {
        attribute: Attribute.ATTRIBUTE_WORKLOAD,
        operator: FilterOperator.FILTER_OPERATOR_MATCHES,
        value: `^(${canary}|${stable})$`,
      },
    ],
  })
  .all();
client.close();

const servedBy = (workload: string): Red | undefined => workloads.find(({ id }) => id === workload)?.inbound;

function judge(canaryRed: Red | undefined, stableRed: Red | undefined): boolean {
  if (!canaryRed || !stableRed || canaryRed.requests < Number(values.least)) {
    console.log(`${canary} served ${canaryRed?.requests ?? 0} requests: too few to say anything`);
    return false;
  }
  for (const [workload, { requests, errorShare, p99Seconds }] of [
    [canary, canaryRed],
    [stable, stableRed],
  ] as const) {
    const latency = p99Seconds === undefined ? "" : `, p99 ${(p99Seconds * 1_000).toFixed(0)} ms`;
    console.log(`${workload}: ${requests} requests, ${(errorShare * 100).toFixed(1)} % errors${latency}`);
  }
  const isWorse = canaryRed.errorShare > stableRed.errorShare + Number(values.tolerance);
  console.log(isWorse ? `${canary} fails more often: stop` : `${canary} is no worse: go on`);
  return !isWorse;
}

process.exitCode = judge(servedBy(canary), servedBy(stable)) ? 0 : 1;
