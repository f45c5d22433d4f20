import { type Command, InvalidArgumentError, Option } from "commander";
import { Measure } from "../../client/index.ts";
import type { Grouping, GetSeriesResponse } from "../../client/index.ts";
import { addServer, parseNumber, parseTime, withClient } from "./command.ts";
import { print } from "./output.ts";
import { addAt, addFilter, addSince, readGrouping, type WindowOptions } from "./question-options.ts";
import { seriesView } from "./series-view.ts";
import { refusePast, watch } from "./watch-options.ts";

interface SeriesOptions extends WindowOptions {
  readonly server: string;
  readonly json: boolean;
  /** Seconds. */
  readonly since: number;
  readonly step?: number;
  readonly groupBy: readonly Grouping[];
  readonly top: number;
  readonly rankBy: keyof typeof MEASURES;
  readonly percentile: readonly number[];
  readonly watch: boolean;
}

const MEASURES = {
  requests: Measure.MEASURE_REQUESTS,
  errors: Measure.MEASURE_ERRORS,
  "error-share": Measure.MEASURE_ERROR_SHARE,
  latency: Measure.MEASURE_LATENCY,
  bytes: Measure.MEASURE_BYTES,
} as const;

const STEP = { units: ["s", "m", "h", "d"], words: "10s, 1m or 1h" };

/** Adds `sidelight series`. */
export function addSeries(program: Command): void {
  const command = addServer(program.command("series")).description(
    "Show rate, errors and duration over time, a line a group, with the course of what they are ranked by.",
  );
  addFilter(addSince(addAt(command), { seconds: 900, text: "15m" }))
    .addOption(
      new Option("-g, --group-by <what>", "a series for each value, such as server.workload or route; several times")
        .argParser((text, before: readonly Grouping[]) => [...before, readGrouping(text)])
        .default([], "one series in all"),
    )
    .option(
      "--top <groups>",
      "the first so many; the rest is one more",
      parseNumber({ least: 1, most: 100, whole: true }),
      10,
    )
    .addOption(new Option("--rank-by <measure>", "what comes first").choices(Object.keys(MEASURES)).default("requests"))
    .addOption(new Option("--step <time>", "time between points, such as 10s or 1m").argParser(parseTime(STEP)))
    .addOption(
      new Option("-p, --percentile <percent>", "of latencies, such as 99.9; several times")
        .argParser((text, before: readonly number[]) => [...before, readPercentile(text)])
        .default([], "50, 95 and 99"),
    )
    .option("-w, --watch", "points as they are completed, from now on", false)
    .option("--json", "write JSON for programs, with every point", false)
    .addHelpText("after", examples)
    .action(async (options: SeriesOptions) => {
      const view = seriesView(MEASURES[options.rankBy]);
      const question = questionOf(options);
      await withClient(options.server, async (client) => {
        if (!options.watch) return print(view, await client.series({ ...question, ...rangeOf(options) }), options);
        refusePast(options.at ? { at: options.at } : {});
        const dataOf = (answer: GetSeriesResponse): GetSeriesResponse => answer;
        await watch(client, { kind: "series", question, view, dataOf }, { ...options, interval: 1 });
      });
    });
}

function questionOf({ filter, groupBy, top, rankBy, percentile, step }: SeriesOptions) {
  return {
    filters: [...filter],
    groupBy: [...groupBy],
    top,
    rankBy: MEASURES[rankBy],
    percentiles: [...percentile],
    ...(step === undefined ? {} : { step: { seconds: Math.max(1, Math.round(step)), nanos: 0 } }),
  };
}

/** Without a moment control takes its own clock's. */
function rangeOf({ at, since }: SeriesOptions): { from: Date; to: Date } {
  const to = at ?? new Date();
  return { from: new Date(to.getTime() - since * 1_000), to };
}

function readPercentile(text: string): number {
  const percent = Number(text);
  if (text.trim() !== "" && percent > 0 && percent < 100) return Number((percent / 100).toPrecision(12));
  throw new InvalidArgumentError("It is a number above 0 and below 100, such as 99.9.");
}

const examples = `
Examples:
  $ sidelight series                                        everything, the last 15 minutes
  $ sidelight series -g server.workload --rank-by errors --since 24h
  $ sidelight series -f server.workload=shop/user -g method -g route -p 99.9 --rank-by latency
  $ sidelight series -g client.namespace -g server.namespace --at 2026-03-01T04:00Z --since 1h
  $ sidelight series -g route --json | jq '.series[] | {labels, points: [.points[].requests]}'
  $ sidelight series -g server.workload --step 10s --watch --json`;
