/**
 * What questions about the past cost: Sidelight's store on both of its engines, beside the same questions asked of
 * InfluxDB in Flux and of VictoriaMetrics in PromQL, over the same rows.
 */
import assert from "node:assert/strict";
import { influxDbBinary } from "../../provision/influxdb.ts";
import { progressOn } from "../../provision/progress.ts";
import { victoriaMetricsBinary } from "../../provision/victoria-metrics.ts";
import { locked } from "../../provision/cache.ts";
import type { Bench, BenchOptions, BenchResult } from "../harness.ts";
import { interleaved } from "../rounds.ts";
import { DEFAULT_ROWS, dataOf, diskUse, placesIn, rowsIn, sizedMesh } from "./data.ts";
import { Engines, VARIANTS } from "./engines.ts";
import type { Variant } from "./engines.ts";
import { diskFigures, timeFigures } from "./figures.ts";
import type { Round, Times } from "./figures.ts";
import type { Counter } from "./mesh.ts";
import { QUESTIONS, askedIn, questionOf } from "./questions.ts";
import type { What } from "./questions.ts";

/** Starting InfluxDB takes seconds. */
const COLD_ROUNDS = 3;
const WARM_ROUNDS = 20;
/** Rounds after which the same endpoints and instants come again. */
const DIFFERENT_ROUNDS = 10;

const ALL = Object.keys(VARIANTS) as Variant[];

interface Asked {
  readonly engines: Engines;
  readonly mesh: readonly Counter[];
  readonly rounds: number | undefined;
}

async function run(say: (line: string) => void, { rows = DEFAULT_ROWS, rounds }: BenchOptions): Promise<BenchResult> {
  const progress = progressOn();
  const programs = {
    influxd: (await influxDbBinary(progress)).path,
    victoria: await victoriaMetricsBinary(progress),
  };
  const folder = await dataOf(rows, programs, say);
  const places = placesIn(folder);
  const figures = await locked(`${folder}.asked`, async () => {
    const engines = new Engines(places, programs);
    const asked = { engines, mesh: sizedMesh(rows), rounds };
    try {
      return [...timeFigures("cold", await coldTimes(asked, say)), ...timeFigures("warm", await warmTimes(asked, say))];
    } finally {
      await engines.stopAll();
    }
  });
  const stored = await rowsIn(folder);
  return { name: "query", figures: [...figures, ...diskFigures(await diskUse(places), stored)] };
}

/** Each question for the first time after a start, one after the other; each reads other files for the most part. */
async function coldTimes({ engines, mesh, rounds = COLD_ROUNDS }: Asked, say: (line: string) => void): Promise<Times> {
  say("the first questions after a start");
  const first = async (variant: Variant, round: number): Promise<Round> => {
    await engines.start(variant);
    const times = await askAll(variant, round, { engines, mesh });
    await engines.stop(variant);
    return times;
  };
  return await interleaved(ALL, Math.min(rounds, COLD_ROUNDS), first);
}

/** Everything runs and was asked before. */
async function warmTimes({ engines, mesh, rounds }: Asked, say: (line: string) => void): Promise<Times> {
  say("questions again and again");
  // Both that ask InfluxDB ask the same one.
  for (const variant of ALL.filter((one) => one !== "flux")) await engines.start(variant);
  await warmUp({ engines, mesh });
  return await interleaved(ALL, rounds ?? WARM_ROUNDS, (variant, round) => askAll(variant, round, { engines, mesh }));
}

/** Milliseconds by question. */
async function askAll(variant: Variant, round: number, { engines, mesh }: Omit<Asked, "rounds">): Promise<Round> {
  const times: Partial<Record<What, number>> = {};
  for (const what of askedIn(round)) {
    const startMs = performance.now();
    await engines.ask(variant, questionOf(what, round, mesh));
    times[what] = performance.now() - startMs;
  }
  return times;
}

/** Asks everything once. Both engines must say the same: they were filled in different ways, and are read in different ones. */
async function warmUp({ engines, mesh }: Omit<Asked, "rounds">): Promise<void> {
  for (let round = 0; round < DIFFERENT_ROUNDS; round++) {
    for (const what of askedIn(round)) {
      const question = questionOf(what, round, mesh);
      await engines.ask("flux", question);
      await engines.ask("promql", question);
      assert.deepStrictEqual(
        await engines.ask("duckdb", question),
        await engines.ask("influx", question),
        `DuckDB and InfluxDB answer "${QUESTIONS[what].title}" differently`,
      );
    }
  }
}

export const query: Bench = {
  name: "query",
  about: "questions about the past with 10 million rows stored, beside Flux and PromQL (15 minutes, then 3)",
  run,
};
