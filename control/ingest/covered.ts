/** What taps are told they need not capture. */
import type { Hello } from "#proto/ingest.ts";

export interface CoveredSource {
  /**
   * A reporter is there, a sidecar or a tap.
   * @param tell tells a tap between which addresses it need not capture
   * @returns to be called when it has gone
   */
  joined(hello: Hello, tell: (addresses: readonly string[]) => void): () => void;
}
