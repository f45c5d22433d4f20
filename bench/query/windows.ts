import type { NodeIdentity } from "../../control/identity/node.ts";
import type { Observation, ReportedWindow } from "../../control/identity/observation.ts";
import type { Slot } from "./history.ts";
import type { Counter } from "./mesh.ts";

const SECOND_MS = 1_000;

/** The windows of a second: each side's sidecar reports what it saw. */
export function windowsOf({ startMs, counted }: Slot, mesh: readonly Counter[]): ReportedWindow[] {
  const byReporter = new Map<string, Observation[]>();
  for (const { counter, count, buckets } of counted) {
    const { key } = mesh[counter]!;
    const reporter = key.side === "destination" ? key.server : key.client;
    const observations = byReporter.get(reporter) ?? [];
    observations.push({ ...key, count, buckets, requestBytes: 0, responseBytes: 0, active: 0 });
    byReporter.set(reporter, observations);
  }
  return [...byReporter].map(([reporter, observations]) => {
    const named = new Set(observations.flatMap(({ client, server }) => [client, server]));
    const window = { reporter, instance: `${reporter}-0`, startMs, durationMs: SECOND_MS };
    return { ...window, nodes: [...named].map(identityOf), observations, pods: [], losses: [], exemplars: [] };
  });
}

/** What the inventory says of a service of the mesh. */
export function identityOf(id: string): NodeIdentity {
  const [namespace = "", name = ""] = id.split("/");
  return { id, kind: "workload", namespace, name, workloadKind: "Deployment", service: name, reason: "" };
}
