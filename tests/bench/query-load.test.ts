/** The benchmark of questions, on a small data set: what it loads is there, and both engines say the same of it. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { placesIn } from "../../bench/query/data.ts";
import { Engines } from "../../bench/query/engines.ts";
import { END_MS, historyOf } from "../../bench/query/history.ts";
import { IntoDuckDb } from "../../bench/query/into-duckdb.ts";
import { IntoInflux } from "../../bench/query/into-influx.ts";
import { meshOf } from "../../bench/query/mesh.ts";
import { QUESTIONS, questionOf } from "../../bench/query/questions.ts";
import type { What } from "../../bench/query/questions.ts";
import type { EdgeTotal, SeriesAnswer } from "../../control/store/store.ts";
import { findInfluxDb, startInfluxDb } from "../influxdb.ts";
import { loud } from "../loud.ts";

const mesh = meshOf(30);
const WHATS = Object.keys(QUESTIONS) as What[];

let folder: string;
let engines: Engines;
/** Requests of the last hour as the servers' sidecars counted them. */
let lastHour = 0;

const influxd = await findInfluxDb();

test.before(
  loud(async () => {
    if (!influxd) return;
    folder = await mkdtemp(join(tmpdir(), "sidelight-bench-"));
    const places = placesIn(folder);
    for (const place of ["duckdb", "influxdb"]) await mkdir(join(folder, place));
    const influx = await startInfluxDb(influxd, places.influx);
    const all = [
      await IntoDuckDb.begin(places.duckdb, mesh),
      await IntoInflux.begin({ ...influx, journal: places.journal }, mesh),
    ];
    for (const slot of historyOf(mesh, 5)) {
      for (const into of all) await into.add(slot);
      if (slot.level > 0 || slot.startMs < END_MS - 3_600_000) continue;
      for (const { counter, count } of slot.counted) if (mesh[counter]!.key.side === "destination") lastHour += count;
    }
    for (const into of all) await into.end();
    await influx.remove();
    engines = new Engines(places, { influxd, victoria: "" });
    await engines.start("duckdb");
    await engines.start("influx");
  }),
);

test.after(async () => {
  if (!influxd) return;
  await engines.stopAll();
  await rm(folder, { recursive: true });
});

function withInflux(name: string, work: () => Promise<void>): void {
  if (influxd) test(name, work);
  else test.skip(name, work);
}

/** What both engines answer, which must be the same. */
async function answerTo(what: What, round = 0): Promise<unknown> {
  const question = questionOf(what, round, mesh);
  const [duckdb, influx] = [await engines.ask("duckdb", question), await engines.ask("influx", question)];
  assert.equal(influx, duckdb, `${what}, round ${round}`);
  return duckdb;
}

withInflux("both engines answer each question alike, in each round", async () => {
  for (const what of WHATS) for (const round of [1, 5, 9]) await answerTo(what, round);
});

withInflux("the last hour of all edges has what was loaded, and no request twice", async () => {
  const edges = (await answerTo("edges")) as EdgeTotal[];
  assert.ok(lastHour > 0);
  const requests = edges.flatMap(({ outcomes }) => Object.values(outcomes)).reduce((sum, count) => sum + count, 0);
  assert.is(requests, lastHour);
});

withInflux("series have points over 30 days, and each service has its own", async () => {
  const endpoint = (await answerTo("endpoint")) as SeriesAnswer;
  assert.is(endpoint.groupCount, 1);
  const points = endpoint.series[0]!.points.filter(({ latencyMs }) => latencyMs.length > 0);
  assert.ok(points.length > 30, `${points.length} steps have a latency`);
  const { series, groupCount } = (await answerTo("grouped")) as SeriesAnswer;
  assert.ok(groupCount > 1);
  assert.is(series.length, groupCount);
  for (const { labels, total } of series) assert.ok(total.outcomes.success > 0, labels.join());
});

withInflux("the topology of an instant has edges", async () => {
  const { edges } = (await answerTo("topology")) as { readonly edges: readonly unknown[] };
  assert.ok(edges.length > 0);
});

withInflux("Flux finds something for each question", async () => {
  for (const what of WHATS) {
    let length = 0;
    // Of a mesh as small as this one an instant may have nothing.
    for (const round of [0, 1, 2, 3, 4]) length += (await engines.ask("flux", questionOf(what, round, mesh))) as number;
    assert.ok(length > 100, `${what}: ${length} characters`);
  }
});

test.run();
