import { ExemplarReason, Tapped } from "#proto/ingest.ts";
import type { Batch } from "#proto/ingest.ts";
import { soundExemplars } from "./exemplars.ts";
import { MAX_TAPPED_BYTES } from "./limits.ts";
import { problemOfContent } from "./validate.ts";

/** Live requests of which none breaks a rule. */
export interface SoundTapped {
  readonly tap: number;
  readonly requests: Batch;
  /** Those that the reporter left out, and those that broke a rule. */
  readonly skipped: number;
}

/** Reads and checks an encoded Tapped; undefined where nothing can be made of it. Never throws. */
export function readTapped(bytes: Uint8Array): SoundTapped | undefined {
  if (bytes.length > MAX_TAPPED_BYTES) return undefined;
  try {
    const { tap, requests, skipped } = Tapped.decode(bytes);
    if (!requests || problemOfContent(requests)) return undefined;
    const exemplars = soundExemplars(requests, [ExemplarReason.EXEMPLAR_REASON_TAPPED]);
    const bad = requests.exemplars.length - exemplars.length;
    return { tap, requests: { ...requests, exemplars }, skipped: skipped + bad };
  } catch {
    return undefined;
  }
}
