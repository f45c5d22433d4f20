/** When a trouble began, from a series of its endpoint. Pure. */
import type { Protocol } from "../../../control/identity/observation.ts";
import type { SeriesPoint } from "../../../control/store/store.ts";

/** Limits of a step that counts as bad: those of "degraded", so that the beginning is not cut off. */
const BAD = { errorShare: 0.01, p95Ms: 500 } as const;
/** So many good steps in a row end a trouble; single ones do not. */
const CALM_STEPS = 3;

/**
 * The start of the first step of the present bad stretch, in milliseconds since the epoch; "before" when it is older
 * than the series, undefined when the series shows nothing bad. Steps without requests decide nothing. Of TCP only what was
 * not reached is bad, as for health: its durations are lifetimes.
 */
export function troubleSince(points: readonly SeriesPoint[], protocol: Protocol): number | "before" | undefined {
  let start: number | undefined;
  let calm = 0;
  for (let at = points.length - 1; at >= 0 && calm < CALM_STEPS; at--) {
    const point = points[at]!;
    const verdict = judge(point, protocol);
    if (verdict === "bad") {
      start = at;
      calm = 0;
    } else if (verdict === "good" && start !== undefined) {
      calm++;
    }
  }
  if (start === undefined) return undefined;
  const first = points.findIndex((point) => judge(point, protocol) !== "silent");
  return start === first && start === 0 ? "before" : points[start]!.atMs;
}

function judge({ outcomes, latencyMs: [, p95Ms] }: SeriesPoint, protocol: Protocol): "bad" | "good" | "silent" {
  const { success, clientError, serverError, notReached, noAnswer } = outcomes;
  const requests = success + clientError + serverError + notReached + noAnswer;
  if (requests === 0) return "silent";
  const isTcp = protocol === "tcp";
  const errors = isTcp ? notReached : serverError + notReached + noAnswer;
  const isSlow = !isTcp && (p95Ms ?? 0) >= BAD.p95Ms;
  return errors / requests >= BAD.errorShare || isSlow ? "bad" : "good";
}
