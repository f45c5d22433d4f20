import { ExemplarReason, LossKind } from "#proto/ingest.ts";
import type { Batch, Exemplar } from "#proto/ingest.ts";
import { MAX_EXEMPLARS, MAX_PATH_BYTES, MAX_REQUEST_ID_BYTES } from "./limits.ts";

/** What a window may name: a tap's requests come on a way of their own (Tapped). */
const OF_A_WINDOW: readonly ExemplarReason[] = [
  ExemplarReason.EXEMPLAR_REASON_SLOWEST,
  ExemplarReason.EXEMPLAR_REASON_FAILED,
];

/** Whether requests by name are taken in at all. */
export interface ExemplarRules {
  readonly areKept: boolean;
}

/**
 * The batch with those of its requests by name that may be kept; the same batch where all may. A request by name counts
 * nothing, so one that breaks a rule is taken out and counted as EXEMPLARS_CUT, and the counters stand. Where they are
 * switched off they are taken out without a word: nothing of them was promised, and none may reach the disk.
 */
export function withSoundExemplars(batch: Batch, { areKept }: ExemplarRules): Batch {
  if (batch.exemplars.length === 0) return batch;
  if (!areKept) return { ...batch, exemplars: [] };
  const exemplars = soundExemplars(batch, OF_A_WINDOW).slice(0, MAX_EXEMPLARS);
  const cut = batch.exemplars.length - exemplars.length;
  if (cut === 0) return batch;
  return { ...batch, exemplars, losses: [...batch.losses, { kind: LossKind.LOSS_KIND_EXEMPLARS_CUT, count: cut }] };
}

/** The requests by name of a batch that break no rule. */
export function soundExemplars({ exemplars, counters }: Batch, reasons: readonly ExemplarReason[]): Exemplar[] {
  return exemplars.filter(
    (exemplar) => exemplar.counter < counters.length && reasons.includes(exemplar.reason) && isSound(exemplar),
  );
}

/** A query string may hold what nobody but the two ends should see, and texts of any length would fill the disk. */
function isSound({ atMillis, path, requestId, traceId }: Exemplar): boolean {
  return (
    atMillis <= 999 &&
    !/[?#]/.test(path) &&
    Buffer.byteLength(path) <= MAX_PATH_BYTES &&
    Buffer.byteLength(requestId) <= MAX_REQUEST_ID_BYTES &&
    /^(?:[0-9a-f]{16}|[0-9a-f]{32})?$/.test(traceId)
  );
}
