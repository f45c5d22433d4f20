/**
 * Prints incidents as they open and as they are over: where they come from, since when, and who is hurt. It goes on over restarts
 * of control.
 *
 *     npx tsx client/examples/open-incidents.ts --for 300
 */
import { parseArgs } from "node:util";
import { SidelightClient } from "sidelight/client";
import type { Incident, SidelightError } from "sidelight/client";

const { values } = parseArgs({
  options: {
    server: { type: "string", default: process.env["SIDELIGHT_SERVER"] ?? "127.0.0.1:9400" },
    /** Seconds. */
    for: { type: "string", default: "60" },
  },
});
const client = new SidelightClient(values.server);
let open = new Map<string, Incident>();

function begun({ server, method, route, since, alerts, affected }: Incident): void {
  const origin = [server || "an origin that is not known", method, route].filter((part) => part !== "").join(" ");
  console.log(`${origin}: ${alerts[0]?.summary ?? ""}, since ${since?.toISOString() ?? "when is not known"}`);
  if (affected.length > 0) console.log(`  hurt by it: ${affected.join(", ")}`);
}

const signal = AbortSignal.timeout(Number(values.for) * 1_000);
const onCut = ({ message }: SidelightError): void => console.log(`Waiting: ${message}`);
for await (const { incidents } of client.alerts.watch({}, { signal, onCut })) {
  const now = new Map(incidents.map((incident) => [incident.id, incident]));
  for (const [id, incident] of now) if (!open.has(id)) begun(incident);
  for (const [id, { server }] of open) if (!now.has(id)) console.log(`${server || id} is well again`);
  open = now;
}
client.close();
