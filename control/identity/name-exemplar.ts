import { ExemplarReason } from "#proto/ingest.ts";
import type { Batch, Exemplar as WireExemplar } from "#proto/ingest.ts";
import type { Exemplar, Observation } from "./observation.ts";

const REASONS: Readonly<Record<number, Exemplar["reason"]>> = {
  [ExemplarReason.EXEMPLAR_REASON_SLOWEST]: "slowest",
  [ExemplarReason.EXEMPLAR_REASON_FAILED]: "failed",
  [ExemplarReason.EXEMPLAR_REASON_TAPPED]: "tapped",
};

/** Where a request by name belongs: what it was counted as, its window, and where that lies on control's time line. */
export interface ExemplarPlace {
  readonly counted: Observation;
  readonly batch: Pick<Batch, "startSeconds" | "startMillis" | "durationMillis">;
  readonly startMs: number;
}

/** A request by name as control knows it: on control's time line, within its window. */
export function nameExemplar(exemplar: WireExemplar, { counted, batch, startMs }: ExemplarPlace): Exemplar {
  const { side, client, server, protocol, method, route, outcome, status } = counted;
  const intoWindow = exemplar.atSeconds * 1000 + exemplar.atMillis - batch.startSeconds * 1000 - batch.startMillis;
  return {
    reason: REASONS[exemplar.reason] ?? "slowest",
    // A window that had to be moved takes what ended in it along.
    atMs: startMs + Math.min(Math.max(intoWindow, 0), batch.durationMillis),
    side,
    client,
    server,
    protocol,
    method,
    route,
    outcome,
    status,
    path: exemplar.path,
    durationMs: exemplar.durationMicros / 1000,
    flags: exemplar.flags,
    requestId: exemplar.requestId,
    traceId: exemplar.traceId,
  };
}
