import { BinaryReader } from "@bufbuild/protobuf/wire";
import { Batch, LossKind, ReporterKind } from "#proto/ingest.ts";
import { BatchReader } from "./batch-reader.ts";
import { withSoundExemplars } from "./exemplars.ts";
import type { ExemplarRules } from "./exemplars.ts";
import { MAX_MESSAGE_BYTES, MAX_WINDOW_MS } from "./limits.ts";
import { problemOfBatch } from "./validate.ts";
import type { BatchFault, Problem } from "./validate.ts";

/**
 * `good`: to be counted; `bytes` are those that came, but for requests by name that may not be kept. `poison`: it cannot be counted, ever, so it must not be asked for again: it is
 * acknowledged and put aside, and `standIn` is counted in its place, which says how many requests were lost.
 * `unknown`: not even its sequence can be read.
 */
export type DecodedBatch =
  | { readonly kind: "good"; readonly batch: Batch; readonly bytes: Uint8Array }
  | { readonly kind: "poison"; readonly standIn: Batch; readonly fault: BatchFault; readonly problem: string }
  | { readonly kind: "unknown"; readonly problem: string };

/** Reads and checks an encoded Batch. Never throws. */
export function decodeBatch(
  bytes: Uint8Array,
  exemplars: ExemplarRules = { areKept: true },
  kind = ReporterKind.REPORTER_KIND_SIDECAR,
): DecodedBatch {
  if (bytes.length > MAX_MESSAGE_BYTES) {
    return poison(bytes, { fault: "size", text: `${bytes.length} bytes; at most ${MAX_MESSAGE_BYTES}` });
  }
  try {
    const batch = Batch.decode(new BatchReader(bytes));
    const problem = problemOfBatch(batch, kind);
    if (problem) return poison(bytes, problem, batch);
    const kept = withSoundExemplars(batch, exemplars);
    return { kind: "good", batch: kept, bytes: kept === batch ? bytes : Batch.encode(kept).finish() };
  } catch (error) {
    return poison(bytes, { fault: "encoding", text: (error as Error).message });
  }
}

function poison(bytes: Uint8Array, { fault, text: problem }: Problem, batch?: Batch): DecodedBatch {
  const head = readHead(bytes);
  if (head.sequence === 0) return { kind: "unknown", problem };
  const counted = batch?.counters.reduce((sum, counter) => sum + counter.count, 0) ?? 0;
  const losses = [{ kind: LossKind.LOSS_KIND_REQUESTS_LOST, count: Math.min(Math.max(counted, 1), 0xffff_ffff) }];
  return {
    kind: "poison",
    fault,
    problem,
    standIn: { ...head, strings: [], peers: [], counters: [], losses, exemplars: [] },
  };
}

/** Sequence and window, as far as they can be read: they are the first fields, so they mostly can. */
function readHead(bytes: Uint8Array): Pick<Batch, "sequence" | "startSeconds" | "startMillis" | "durationMillis"> {
  const head = [0, 0, 0, 0, 0];
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      const field = tag >>> 3;
      if ((tag & 7) === 0 && field >= 1 && field <= 4) head[field] = reader.uint32();
      else reader.skip(tag & 7, field);
    }
  } catch {
    // What was read before the damage counts.
  }
  const [, sequence = 0, startSeconds = 0, startMillis = 0, durationMillis = 0] = head;
  // Of a length that is not believed nothing is kept: the longest window that a history holds is what its reads look back by.
  const isBelieved = durationMillis <= MAX_WINDOW_MS;
  return {
    sequence,
    startSeconds,
    startMillis: Math.min(startMillis, 999),
    durationMillis: isBelieved ? durationMillis : 0,
  };
}
