import { BUCKET_COUNT } from "../../world/histogram.ts";
import { OUTCOMES } from "../../world/outcomes.ts";
import type { Steps } from "../pieces.ts";
import { CLIP } from "./counters.ts";
import { shareOf, shareOfBucket } from "./spread.ts";
import type { Stretch } from "./spread.ts";

/** What of a counter falls into a step: columns, since to bind the whole formula again and again takes longest of all. */
const PART: Stretch = { from: "part_from", to: "part_to" };

/** Which counters are read, and what each is counted in. */
export interface SeriesCounters {
  /** SQL for the counters. */
  readonly counters: string;
  /**
   * SQL for the table expression `chosen`: each key that is counted, with its outcome, its series and whether its durations are
   * the latency of that.
   */
  readonly chosen: string;
}

/** SQL for counts and bytes by `series` and `slot`, the number of the step. */
export function countsSql(source: SeriesCounters, steps: Steps): string {
  const shares = ["count", "request_bytes", "response_bytes"].map((column) => `${shareOf(column, PART)} AS ${column}`);
  const outcomes = OUTCOMES.map((outcome) => `sum(count) FILTER (outcome = '${outcome}') AS "${outcome}"`);
  const bytes = ["request_bytes", "response_bytes"].map((column) => `sum(${column}) AS ${column}`);
  return `WITH ${spreadSql(source, steps)},
  shares AS (SELECT series, slot, outcome, ${shares.join(", ")} FROM spread)
  SELECT series, slot::INTEGER AS slot, ${[...outcomes, ...bytes].join(", ")} FROM shares GROUP BY series, slot`;
}

/**
 * SQL for the latencies of all series and steps, in order: `place`, made of the series, the step and the bucket as latencies.ts
 * reads it, and `timed`. Percentiles are not worked out here: running sums over so many short histograms take the engine twice
 * as long as it takes to merge them.
 *
 * @param points steps of each series
 */
export function latenciesSql(source: SeriesCounters, steps: Steps & { readonly points: number }): string {
  const place = `(series * ${steps.points} + slot) * ${BUCKET_COUNT} + bucket_index`;
  return `WITH ${spreadSql(source, steps)},
  bucket AS (
    SELECT series, slot, start_ms, duration_ms, ${PART.from}, ${PART.to},
      unnest(bucket_indexes) AS bucket_index, unnest(bucket_counts) AS bucket_count
    FROM spread WHERE is_timed
  ),
  merged AS (SELECT (${place})::INTEGER AS place, sum(${shareOfBucket(PART)}) AS timed FROM bucket GROUP BY place)
  SELECT place, timed FROM merged WHERE timed > 0 ORDER BY place`;
}

/**
 * SQL for the table expression `spread`: each counter that is chosen, once for each step that it reaches into. It is scanned
 * once for counts and once for latencies, with the columns that each needs: holding counters in memory with their histograms
 * takes several times as long.
 */
function spreadSql({ counters, chosen }: SeriesCounters, { firstMs, stepMs }: Steps): string {
  const slotAt = (ms: string): string => `((${ms}) - ${firstMs}) // ${stepMs}`;
  return `counters AS NOT MATERIALIZED (${counters}),
  chosen AS (${chosen}),
  stepped AS NOT MATERIALIZED (
    SELECT counters.*, chosen.outcome, chosen.series, chosen.is_timed,
      unnest(range(
        ${slotAt(`greatest(start_ms, ${CLIP.from})`)},
        ${slotAt(`least(start_ms + duration_ms, ${CLIP.to}) - 1`)} + 1
      )) AS slot
    FROM counters JOIN chosen USING (key_id)
  ),
  spread AS NOT MATERIALIZED (
    SELECT *, greatest(${CLIP.from}, ${firstMs} + slot * ${stepMs}) AS ${PART.from},
      least(${CLIP.to}, ${firstMs} + (slot + 1) * ${stepMs}) AS ${PART.to}
    FROM stepped
  )`;
}
