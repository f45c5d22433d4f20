import { findSymptoms } from "./cause.ts";
import type { BadCall } from "./cause.ts";
import type { EdgeReading } from "./edge-reading.ts";
import type { Verdict } from "./health.ts";
import type { Finding, Health } from "./model.ts";

/** Health after cause and symptom were told apart. */
export interface Diagnosis {
  readonly health: Health;
  readonly findings: readonly Finding[];
}

/** Tells causes from symptoms over all edges; the result answers for an endpoint's or an edge's id. */
export function diagnose(readings: Iterable<EdgeReading>): (id: string, verdict: Verdict) => Diagnosis {
  const calls: BadCall[] = [];
  for (const { edge, verdict, endpoints } of readings) {
    const ends = { client: edge.client.id, server: edge.server.id, protocol: edge.protocol };
    for (const judged of [{ id: edge.id, verdict }, ...endpoints]) {
      if (isBad(judged.verdict)) calls.push({ ...ends, id: judged.id, verdict: judged.verdict });
    }
  }
  const symptoms = findSymptoms(calls);
  return (id, verdict) => {
    const below = symptoms.get(id);
    if (!below) return { health: verdict.health, findings: verdict.findings };
    const findings = verdict.findings.map(({ kind, text }) => ({ kind, text: `${text}, from ${below.join(", ")}` }));
    return { health: "affected", findings };
  };
}

function isBad(verdict: Verdict): boolean {
  return verdict.health === "failing" || verdict.health === "degraded";
}
