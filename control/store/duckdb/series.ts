import { OUTCOMES } from "../../world/outcomes.ts";
import type { CheckedSeries } from "../questions.ts";
import { planAll, planFirst } from "../series-groups.ts";
import type { SeriesPlan } from "../series-groups.ts";
import { byRank, inOrder, seriesOf } from "../series-rank.ts";
import type { Series, SeriesAnswer, SeriesPoint } from "../store.ts";
import { CHOSEN_KEYS_SQL, ChosenKeys } from "./chosen-keys.ts";
import { CounterTables } from "./counters.ts";
import { Latencies } from "./latencies.ts";
import { readFew } from "./one-series.ts";
import { countsSql, latenciesSql } from "./series-sql.ts";
import type { Row, Transaction } from "./session.ts";

/** Where the counters are, and which keys of them are counted. */
interface Source {
  readonly tx: Transaction;
  readonly tables: CounterTables;
  readonly keys: ChosenKeys;
}

/** Series by group: one point a step, gaps as zeros. */
export async function readSeries(tx: Transaction, question: CheckedSeries): Promise<SeriesAnswer> {
  const tables = await CounterTables.read(tx);
  const isGrouped = question.matches !== undefined || question.labelsOf !== undefined;
  const one = isGrouped ? undefined : await readFew(tx, tables, question);
  if (one) return { series: [one], groupCount: 1 };
  const keys = await ChosenKeys.read(tx, await tables.present(question.range), question);
  const source = { tx, tables, keys };
  const everyGroup = planAll(question, question.labelsOf ? keys.groups.labels : [[]]);
  const groupCount = everyGroup.series.length;
  const plan = groupCount <= question.top ? everyGroup : await planRanked(source, everyGroup, question);
  const wanted = { steps: question, keyIds: keys.few };
  const series = await readPlanned(source, plan, { question, counters: await tables.counters(question.range, wanted) });
  return { series: inOrder(series, question.rankBy), groupCount };
}

async function planRanked(source: Source, everyGroup: SeriesPlan, question: CheckedSeries): Promise<SeriesPlan> {
  const { tables, keys } = source;
  const { range, rankBy } = question;
  const percentiles = rankBy === "latency" ? question.percentiles : [];
  const whole = { ...question, firstMs: range.fromMs, stepMs: range.toMs - range.fromMs, points: 1, percentiles };
  const counters = await tables.counters(range, { keyIds: keys.few });
  const totals = await readPlanned(source, everyGroup, { question: whole, counters });
  const rank = byRank(rankBy);
  const order = [...totals.keys()].sort((a, b) => rank(totals[a]!, totals[b]!));
  return planFirst(question, keys.groups.labels, order);
}

/** The series of a plan, in its order, out of the counters that SQL gives. */
async function readPlanned(
  { tx, keys }: Source,
  plan: SeriesPlan,
  { question, counters }: { readonly question: CheckedSeries; readonly counters: string },
): Promise<Series[]> {
  const { firstMs, stepMs, points, percentiles } = question;
  await keys.fill(plan);
  const source = { counters, chosen: CHOSEN_KEYS_SQL };
  const rows = await tx.rows(countsSql(source, question));
  const latencies = new Latencies(question);
  if (percentiles.length > 0) await latencies.read(tx.columns(latenciesSql(source, question)));
  const place = (series: number, slot: number): number => series * points + slot;
  const byPlace = new Map(rows.map((row) => [place(row["series"] as number, row["slot"] as number), row]));
  return plan.series.map((planned, at) => {
    const each = Array.from({ length: points }, (_, slot) => {
      const counts = countsOf(byPlace.get(place(at, slot)));
      return { atMs: firstMs + slot * stepMs, ...counts, ...latencies.ofStep(at, slot) };
    });
    return seriesOf(planned, each, latencies.ofSeries(at));
  });
}

function countsOf(row: Row | undefined): Pick<SeriesPoint, "outcomes" | "requestBytes" | "responseBytes"> {
  const outcomes = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, Number(row?.[outcome] ?? 0)]));
  return {
    outcomes: outcomes as SeriesPoint["outcomes"],
    requestBytes: Number(row?.["request_bytes"] ?? 0),
    responseBytes: Number(row?.["response_bytes"] ?? 0),
  };
}
