/**
 * Prints edges as they turn red, with the trace id of a request that failed there, and as they are well again. It goes on
 * over restarts of control, and tells what turned red meanwhile.
 *
 *     npx tsx client/examples/red-edges.ts --for 60
 */
import { parseArgs } from "node:util";
import { Health, SidelightClient } from "sidelight/client";
import type { Edge, SidelightError } from "sidelight/client";

const { values } = parseArgs({
  options: {
    server: { type: "string", default: process.env["SIDELIGHT_SERVER"] ?? "127.0.0.1:9400" },
    /** Seconds. */
    for: { type: "string", default: "60" },
  },
});
const client = new SidelightClient(values.server);
const red = new Set<string>();

async function turnedRed({ client: caller, server, protocol, red: figures }: Edge): Promise<void> {
  const share = ((figures?.errorShare ?? 0) * 100).toFixed(0);
  console.log(`${caller} -> ${server} (${protocol}) is failing: ${share} % errors`);
  const [request] = await client.exemplars({ client: caller, server, protocol, limit: 1 });
  if (request)
    console.log(`  ${request.method} ${request.path}: ${request.status}, trace ${request.traceId || "none"}`);
}

const signal = AbortSignal.timeout(Number(values.for) * 1_000);
const onCut = ({ message }: SidelightError): void => console.log(`Waiting: ${message}`);
for await (const { answer } of client.watch("topology", {}, { signal, onCut })) {
  for (const edge of answer.topology?.edges ?? []) {
    const name = `${edge.client} -> ${edge.server} (${edge.protocol})`;
    if (edge.health === Health.HEALTH_FAILING) {
      if (red.has(name)) continue;
      red.add(name);
      await turnedRed(edge);
    } else if (red.delete(name)) console.log(`${name} is no longer failing`);
  }
}
client.close();
