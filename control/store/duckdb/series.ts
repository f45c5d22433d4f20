import { bucketMiddle } from "../../world/histogram.ts";
import { OUTCOMES } from "../../world/outcomes.ts";
import type { CheckedSeries } from "../questions.ts";
import { planAll, planFirst } from "../series-groups.ts";
import type { SeriesPlan } from "../series-groups.ts";
import { byRank, inOrder, seriesOf } from "../series-rank.ts";
import type { SeriesAnswer, SeriesPoint } from "../store.ts";
import { CHOSEN_KEYS_SQL, ChosenKeys } from "./chosen-keys.ts";
import { countersSql, presentSql } from "./counters.ts";
import { whereOf } from "./selecting.ts";
import { WHOLE_RANGE, seriesSql } from "./series-sql.ts";
import type { SeriesSteps } from "./series-sql.ts";
import type { Parameters, Row, Transaction } from "./session.ts";
import { shownSql } from "./shown.ts";

/** What has a latency: neither connections nor what went on as another protocol (status 101), as in world/. */
const ARE_REQUESTS = "protocol <> 'tcp' AND status <> 101";

/** Where the counters are, and which of them are counted in which series. */
interface Chosen {
  readonly counters: string;
  /** SQL for the table expression `chosen`; see series-sql.ts. */
  readonly chosen: string;
  readonly parameters?: Parameters;
}

/** Series by group: one point a step, gaps as zeros. */
export async function readSeries(tx: Transaction, question: CheckedSeries): Promise<SeriesAnswer> {
  const counters = await countersSql(tx, question.range, question);
  const present = await presentSql(tx, question.range);
  if (!question.matches && !question.labelsOf) return readOne(tx, { counters, present }, question);
  const keys = await ChosenKeys.read(tx, present, question);
  const { labels } = keys.groups;
  const everyGroup = planAll(question, question.labelsOf ? labels : [[]]);
  const groupCount = everyGroup.series.length;
  const plan = groupCount <= question.top ? everyGroup : await planRanked(tx, { keys, everyGroup }, question);
  await keys.fill(plan);
  return { series: await readPlanned(tx, { counters, chosen: CHOSEN_KEYS_SQL }, { plan, question }), groupCount };
}

/** One series of all that is selected. */
async function readOne(
  tx: Transaction,
  { counters, present }: { readonly counters: string; readonly present: string },
  question: CheckedSeries,
): Promise<SeriesAnswer> {
  const plan = planAll(question, [[]]);
  const { where, parameters } = whereOf(question.selection);
  const areTimed = plan.series[0]!.isOfTcp ? "true" : ARE_REQUESTS;
  const columns = `key_id, outcome, 0 AS series, ${areTimed} AS is_timed`;
  const chosen = `${shownSql(present)}, chosen AS (SELECT ${columns} FROM shown WHERE ${where})`;
  return { series: await readPlanned(tx, { counters, chosen, parameters }, { plan, question }), groupCount: 1 };
}

async function planRanked(
  tx: Transaction,
  { keys, everyGroup }: { readonly keys: ChosenKeys; readonly everyGroup: SeriesPlan },
  question: CheckedSeries,
): Promise<SeriesPlan> {
  const { range, rankBy, percentiles } = question;
  await keys.fill(everyGroup);
  const whole = { firstMs: range.fromMs, stepMs: range.toMs - range.fromMs };
  const steps = { ...whole, percentiles: rankBy === "latency" ? percentiles : [] };
  const rows = await tx.rows(seriesSql(await countersSql(tx, range), CHOSEN_KEYS_SQL, steps));
  const bySeries = new Map(rows.filter((row) => row["slot"] === 0).map((row) => [row["series"] as number, row]));
  const { labels } = keys.groups;
  const ranked = labels.map((each, group) => {
    return { group, labels: each, total: pointOf(range.fromMs, bySeries.get(group), steps) };
  });
  const order = ranked.sort(byRank(rankBy)).map(({ group }) => group);
  return planFirst(question, labels, order);
}

async function readPlanned(
  tx: Transaction,
  { counters, chosen, parameters }: Chosen,
  { plan, question }: { readonly plan: SeriesPlan; readonly question: CheckedSeries },
): Promise<SeriesAnswer["series"]> {
  const { firstMs, stepMs, points, rankBy, percentiles } = question;
  const rows = await tx.rows(seriesSql(counters, chosen, question), parameters);
  const place = (series: number, slot: number): string => `${series} ${slot}`;
  const byPlace = new Map(rows.map((row) => [place(row["series"] as number, row["slot"] as number), row]));
  const series = plan.series.map((planned, at) => {
    const each = Array.from({ length: points }, (_, slot) =>
      pointOf(firstMs + slot * stepMs, byPlace.get(place(at, slot)), question),
    );
    return seriesOf(planned, each, latencyOf(byPlace.get(place(at, WHOLE_RANGE)), percentiles));
  });
  return inOrder(series, rankBy);
}

function pointOf(atMs: number, row: Row | undefined, { percentiles }: SeriesSteps): SeriesPoint {
  const outcomes = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, Number(row?.[outcome] ?? 0)]));
  return {
    atMs,
    outcomes: outcomes as SeriesPoint["outcomes"],
    requestBytes: Number(row?.["request_bytes"] ?? 0),
    responseBytes: Number(row?.["response_bytes"] ?? 0),
    latencyMs: latencyOf(row, percentiles),
  };
}

/** Out of merged buckets: the bucket at the nearest rank, as `quantile` of world/histogram.ts answers. */
function latencyOf(row: Row | undefined, percentiles: readonly number[]): number[] {
  const buckets = percentiles.map((_, at) => row?.[`rank_${at}`]);
  return buckets.flatMap((bucket) => (typeof bucket === "number" ? [bucketMiddle(bucket) / 1_000] : []));
}
