import { bucketMiddle } from "../../world/histogram.ts";
import { OUTCOMES } from "../../world/outcomes.ts";
import type { Selection, SeriesPoint, TimeRange } from "../store.ts";
import { CLIP, countersSql } from "./counters.ts";
import type { Parameters, Row, Transaction } from "./session.ts";
import { SHOWN_SQL } from "./shown.ts";
import { shareOf, shareOfBucket } from "./spread.ts";
import type { Stretch } from "./spread.ts";

/** What a series is asked for; range and step were checked. */
export interface SeriesQuestion {
  readonly selection: Selection;
  readonly range: TimeRange;
  readonly stepMs: number;
  readonly points: number;
}

const SELECTABLE = ["client", "server", "protocol", "method", "route"] as const;

/** Percentiles out of merged buckets: the bucket at the nearest rank, as `quantile` of world/histogram.ts answers. */
const PERCENTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

/** What has a latency: neither connections nor what went on as another protocol (status 101), as in world/. */
const ARE_REQUESTS = "protocol <> 'tcp' AND status <> 101";

/** One point a step, gaps as zeros. */
export async function readSeries(tx: Transaction, question: SeriesQuestion): Promise<SeriesPoint[]> {
  const { range, stepMs, points } = question;
  const { where, parameters } = whereOf(question.selection);
  const answer = await tx.rows(seriesSql(await countersSql(tx, range, stepMs), where, question), parameters);
  const bySlot = new Map(answer.map((row) => [row["slot"] as number, row]));
  return Array.from({ length: points }, (_, slot) => pointOf(range.fromMs + slot * stepMs, bySlot.get(slot)));
}

function seriesSql(counters: string, where: string, question: SeriesQuestion): string {
  const { selection, range, stepMs } = question;
  const slotAt = (ms: string): string => `((${ms}) - ${range.fromMs}) // ${stepMs}`;
  const stretch: Stretch = {
    from: `greatest(${CLIP.from}, ${range.fromMs} + slot * ${stepMs})`,
    to: `least(${CLIP.to}, ${range.fromMs} + (slot + 1) * ${stepMs})`,
  };
  const outcomes = OUTCOMES.map(
    (outcome) => `sum(${shareOf("count", stretch)}) FILTER (outcome = '${outcome}') AS "${outcome}"`,
  );
  const bytes = ["request_bytes", "response_bytes"].map((column) => `sum(${shareOf(column, stretch)}) AS ${column}`);
  const ranks = Object.entries(PERCENTILES).map(
    ([name, share]) => `min(bucket_index) FILTER (seen >= greatest(1, ceil(${share} * total)))::INTEGER AS ${name}`,
  );
  return `WITH
  counters AS (${counters}),
  ${SHOWN_SQL},
  spread AS (
    SELECT counters.*, shown.outcome, shown.protocol, shown.status,
      unnest(range(
        ${slotAt(`greatest(start_ms, ${CLIP.from})`)},
        ${slotAt(`least(start_ms + duration_ms, ${CLIP.to}) - 1`)} + 1
      )) AS slot
    FROM counters JOIN shown USING (key_id)
    WHERE ${where}
  ),
  counts AS (SELECT slot, ${[...outcomes, ...bytes].join(", ")} FROM spread GROUP BY slot),
  bucket AS (
    SELECT slot, start_ms, duration_ms, clip_from, clip_to,
      unnest(bucket_indexes) AS bucket_index, unnest(bucket_counts) AS bucket_count
    FROM spread WHERE ${selection.protocol === "tcp" ? "true" : ARE_REQUESTS}
  ),
  merged AS (SELECT slot, bucket_index, sum(${shareOfBucket(stretch)}) AS timed FROM bucket GROUP BY ALL),
  running AS (
    SELECT slot, bucket_index,
      sum(timed) OVER (PARTITION BY slot ORDER BY bucket_index) AS seen,
      sum(timed) OVER (PARTITION BY slot) AS total
    FROM merged WHERE timed > 0
  ),
  percentiles AS (SELECT slot, ${ranks.join(", ")} FROM running GROUP BY slot)
  SELECT slot::INTEGER AS slot, counts.* EXCLUDE (slot), percentiles.* EXCLUDE (slot)
  FROM counts LEFT JOIN percentiles USING (slot)`;
}

/** The fields that are given, as SQL over `shown`; their values go as parameters. */
export function whereOf(selection: Selection): { where: string; parameters: Parameters } {
  const given = SELECTABLE.filter((field) => selection[field] !== undefined && selection[field] !== "");
  const where = given.map((field) => `shown.${field} = $${field}`).join(" AND ");
  const parameters = Object.fromEntries(given.map((field) => [field, selection[field] ?? ""]));
  return { where: where === "" ? "true" : where, parameters };
}

function pointOf(atMs: number, row: Row | undefined): SeriesPoint {
  const outcomes = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, Number(row?.[outcome] ?? 0)]));
  return {
    atMs,
    outcomes: outcomes as SeriesPoint["outcomes"],
    requestBytes: Number(row?.["request_bytes"] ?? 0),
    responseBytes: Number(row?.["response_bytes"] ?? 0),
    p50Ms: milliseconds(row?.["p50"]),
    p95Ms: milliseconds(row?.["p95"]),
    p99Ms: milliseconds(row?.["p99"]),
  };
}

function milliseconds(bucket: unknown): number | null {
  return typeof bucket === "number" ? bucketMiddle(bucket) / 1_000 : null;
}
