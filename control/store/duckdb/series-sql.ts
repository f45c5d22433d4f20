import { OUTCOMES } from "../../world/outcomes.ts";
import type { Steps } from "../pieces.ts";
import { CLIP } from "./counters.ts";
import { shareOf, shareOfBucket } from "./spread.ts";
import type { Stretch } from "./spread.ts";

/** How a range is divided, and what is read out of the histograms. */
export interface SeriesSteps extends Steps {
  /** None: histograms are left alone. */
  readonly percentiles: readonly number[];
}

/** What of a counter falls into a step: columns, since to bind the whole formula again and again takes longest of all. */
const PART: Stretch = { from: "part_from", to: "part_to" };

/** The slot of a row that holds the percentiles of a series over the whole range, and no counts. */
export const WHOLE_RANGE = -1;

/**
 * SQL for counts and percentiles (`rank_0`, `rank_1`, ...: bucket indexes) by `series` and `slot`. Counters are scanned
 * once for each, with the columns that it needs: holding them in memory with their histograms takes several times as long.
 *
 * @param counters SQL of `countersSql`
 * @param chosen SQL for table expressions of which the last is `chosen`: each key that is counted, with its outcome, its
 *   series and whether its durations are the latency of that
 */
export function seriesSql(counters: string, chosen: string, steps: SeriesSteps): string {
  const { firstMs, stepMs, percentiles } = steps;
  const slotAt = (ms: string): string => `((${ms}) - ${firstMs}) // ${stepMs}`;
  const shares = ["count", "request_bytes", "response_bytes"].map((column) => `${shareOf(column, PART)} AS ${column}`);
  const outcomes = OUTCOMES.map((outcome) => `sum(count) FILTER (outcome = '${outcome}') AS "${outcome}"`);
  const bytes = ["request_bytes", "response_bytes"].map((column) => `sum(${column}) AS ${column}`);
  const counts = `WITH
  counters AS NOT MATERIALIZED (${counters}),
  ${chosen},
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
  ),
  shares AS (SELECT series, slot, outcome, ${shares.join(", ")} FROM spread),
  counts AS (SELECT series, slot::INTEGER AS slot, ${[...outcomes, ...bytes].join(", ")} FROM shares GROUP BY series, slot)`;
  if (percentiles.length === 0) return `${counts}\n  SELECT * FROM counts`;
  return `${counts},
  bucket AS (
    SELECT series, slot, start_ms, duration_ms, ${PART.from}, ${PART.to},
      unnest(bucket_indexes) AS bucket_index, unnest(bucket_counts) AS bucket_count
    FROM spread WHERE is_timed
  ),
  merged AS MATERIALIZED (
    SELECT series, slot::INTEGER AS slot, bucket_index, sum(${shareOfBucket(PART)}) AS timed FROM bucket GROUP BY ALL
  ),
  timed AS (
    SELECT * FROM merged
    UNION ALL SELECT series, ${WHOLE_RANGE} AS slot, bucket_index, sum(timed) AS timed FROM merged GROUP BY ALL
  ),
  running AS (
    SELECT series, slot, bucket_index,
      sum(timed) OVER (PARTITION BY series, slot ORDER BY bucket_index) AS seen,
      sum(timed) OVER (PARTITION BY series, slot) AS total
    FROM timed WHERE timed > 0
  ),
  percentiles AS (SELECT series, slot, ${percentiles.map(rankSql).join(", ")} FROM running GROUP BY series, slot)
  SELECT * FROM counts FULL JOIN percentiles USING (series, slot)`;
}

function rankSql(share: number, at: number): string {
  return `min(bucket_index) FILTER (seen >= greatest(1, ceil(${share}::DOUBLE * total)))::INTEGER AS rank_${at}`;
}
