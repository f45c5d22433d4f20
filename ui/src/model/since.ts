/** When a trouble began, from a series of its endpoint. Pure. */
import type { SeriesPoint } from "../../../control/store/store.ts";

/** Limits of a step that counts as bad: those of "degraded", so that the beginning is not cut off. */
const BAD = { errorShare: 0.01, p95Ms: 500 } as const;
/** So many good steps in a row end a trouble; single ones do not. */
const CALM_STEPS = 3;

/**
 * The start of the first step of the present bad stretch, in milliseconds since the epoch; "before" when it is older
 * than the series, undefined when the series shows nothing bad. Steps without requests decide nothing.
 */
export function troubleSince(points: readonly SeriesPoint[]): number | "before" | undefined {
  let start: number | undefined;
  let calm = 0;
  for (let at = points.length - 1; at >= 0 && calm < CALM_STEPS; at--) {
    const point = points[at]!;
    const verdict = judge(point);
    if (verdict === "bad") {
      start = at;
      calm = 0;
    } else if (verdict === "good" && start !== undefined) {
      calm++;
    }
  }
  if (start === undefined) return undefined;
  const first = points.findIndex((point) => judge(point) !== "silent");
  return start === first && start === 0 ? "before" : points[start]!.atMs;
}

function judge({ outcomes, p95Ms }: SeriesPoint): "bad" | "good" | "silent" {
  const errors = outcomes.serverError + outcomes.notReached + outcomes.noAnswer;
  const requests = errors + outcomes.success + outcomes.clientError;
  if (requests === 0) return "silent";
  return errors / requests >= BAD.errorShare || (p95Ms ?? 0) >= BAD.p95Ms ? "bad" : "good";
}
