import { OneSeries } from "../one-series.ts";
import type { CheckedSeries } from "../questions.ts";
import { SeriesGroups, planAll, planFirst } from "../series-groups.ts";
import type { SeriesPlan } from "../series-groups.ts";
import { byRank, inOrder } from "../series-rank.ts";
import { SeriesSums } from "../series-sums.ts";
import { Shown } from "../shown.ts";
import type { Series, SeriesAnswer } from "../store.ts";
import type { InfluxClient } from "./client.ts";
import { identityAt, readIdentities } from "./identities.ts";
import type { Levels } from "./levels.ts";
import { MAX_NODES_ASKED } from "./limits.ts";
import { quoted } from "./line.ts";
import type { Names } from "./names.ts";
import { unpack } from "./packed.ts";
import type { Reader, Wanted } from "./reader.ts";
import { OF_ENDPOINTS } from "./rows.ts";
import type { CounterRow, Key } from "./rows.ts";
import { isSelected, whereOf } from "./selecting.ts";

/** What history is read with. */
export interface Source {
  readonly client: InfluxClient;
  readonly reader: Reader;
  readonly levels: Levels;
  readonly names: Names;
}

/** Counters, some at a time. */
type Rows = Iterable<CounterRow[]> | AsyncIterable<CounterRow[]>;

/** Where a question is in its reading. */
interface Reading {
  readonly question: CheckedSeries;
  /** The number of the group of a counter that is shown and asked for. */
  readonly groupOf: (key: Key) => number | undefined;
}

/** Series by group: one point a step, gaps as zeros. */
export async function readSeries(
  source: Source & { readonly namesBucket: string },
  question: CheckedSeries,
  signal?: AbortSignal,
): Promise<SeriesAnswer> {
  const { range, labelsOf, rankBy } = question;
  const { levels, reader } = source;
  const wanted = { pieces: levels.piecesOf(range, question), where: whereOf(question.selection, source.names), signal };
  const whole = { ...wanted, pieces: levels.piecesOf(range) };
  if (!question.matches && !labelsOf) {
    return { series: [await readOne(source, question, { wanted, whole })], groupCount: 1 };
  }
  const totals: CounterRow[][] = [];
  for await (const rows of reader.totals(OF_ENDPOINTS, { ...whole, where: "" })) totals.push(rows);
  const present = totals.flatMap((rows) => rows.map(({ key }) => key));
  const identities = await readIdentities(source.client, source.namesBucket);
  const groups = new SeriesGroups(question, (id) => identityAt(identities, id, range.toMs - 1));
  const groupOf = chosen(source, question, { shown: new Shown(present), of: (key) => groups.of(key) });
  for (const key of present) groupOf(key);
  const labels = labelsOf ? [...groups.labels] : [[]];
  const reading = { question, groupOf };
  // What is first by latency alone takes histograms.
  const ranking = rankBy === "latency" ? reader.rows(whole) : totals;
  const plan = labels.length <= question.top ? planAll(question, labels) : await planRanked(reading, labels, ranking);
  return { series: inOrder(await sumPlanned(reading, plan, reader.rows(wanted)), rankBy), groupCount: labels.length };
}

/** One series of all that is selected. */
async function readOne(
  { reader, names }: Source,
  question: CheckedSeries,
  { wanted, whole }: { readonly wanted: Wanted; readonly whole: Wanted },
): Promise<Series> {
  const one = new OneSeries(question, bucketsOf, (key) =>
    isSelected(question.selection, { ...key, route: names.routeOf(key) }),
  );
  for await (const rows of reader.rows(wanted)) {
    one.take(rows);
    if (one.isCrowded) one.know(await shownOf(reader, whole));
  }
  if (one.open.length > 0) one.know(await shownOf(reader, whole));
  return one.series();
}

function bucketsOf({ buckets }: CounterRow): number[] {
  return unpack(buckets);
}

/**
 * The reporter rule for what is selected. What is selected says most of it by itself; only of servers that did not report
 * there what else was reported of those nodes is asked.
 */
async function shownOf(reader: Reader, selected: Wanted): Promise<Shown> {
  const keys = await reader.present(selected);
  const shown = new Shown(keys);
  const open = keys.filter((key) => !shown.isSettled(key));
  if (open.length === 0) return shown;
  const nodes = [...new Set(open.flatMap(({ client, server }) => [client, server]))];
  const named = nodes.map((node) => `client = ${quoted(node)} OR server = ${quoted(node)}`).join(" OR ");
  const where = nodes.length <= MAX_NODES_ASKED ? ` AND (${named})` : "";
  for (const key of await reader.present({ ...selected, where })) shown.note(key);
  return shown;
}

/** The group of a counter by its key, under the route that it has by now. */
function chosen(
  { names }: Source,
  { selection }: CheckedSeries,
  { shown, of }: { readonly shown: Shown; readonly of: (key: Key) => number | undefined },
): Reading["groupOf"] {
  return (key) => {
    const moved = { ...key, route: names.routeOf(key) };
    return isSelected(selection, moved) && shown.has(moved) ? of(moved) : undefined;
  };
}

async function planRanked(reading: Reading, labels: readonly (readonly string[])[], rows: Rows): Promise<SeriesPlan> {
  const { range, rankBy } = reading.question;
  const whole = { ...reading.question, firstMs: range.fromMs, stepMs: range.toMs - range.fromMs, points: 1 };
  const totals = await sumPlanned({ ...reading, question: whole }, planAll(whole, labels), rows);
  const rank = byRank(rankBy);
  const order = [...labels.keys()].sort((a, b) => rank(totals[a]!, totals[b]!));
  return planFirst(reading.question, labels, order);
}

/** The series of a plan, in its order. What is counted for the first time meanwhile is counted the next time. */
async function sumPlanned({ question, groupOf }: Reading, plan: SeriesPlan, rows: Rows): Promise<Series[]> {
  const sums = plan.series.map((planned) => new SeriesSums(planned, question));
  let last: { readonly key: Key; readonly group: number | undefined } | undefined;
  const sumsOf = (row: CounterRow): SeriesSums | undefined => {
    // Rows of one key come together.
    if (last?.key !== row.key) last = { key: row.key, group: groupOf(row.key) };
    return last.group === undefined ? undefined : sums[plan.seriesOf(last.group)];
  };
  for await (const some of rows) for (const row of some) sumsOf(row)?.add(row, bucketsOf);
  return sums.map((each) => each.series());
}
