/** What the way in costs: rows until they are durable, beside VictoriaMetrics, and thousands of reporters at once. */
import type { Bench, BenchOptions, BenchResult, Figure } from "../harness.ts";
import { rowFigures } from "./rows.ts";
import { streamFigures } from "./streams.ts";

const ROWS = "rows";
const STREAMS = "streams";

async function run(say: (line: string) => void, { only, rounds }: BenchOptions): Promise<BenchResult> {
  const isWanted = (part: string): boolean => only.length === 0 || only.includes(part);
  const figures: Figure[] = [];
  if (isWanted(ROWS)) figures.push(...(await rowFigures(say, rounds)));
  if (isWanted(STREAMS)) figures.push(...(await streamFigures(say)));
  return { name: "ingest", figures };
}

export const ingest: Bench = {
  name: "ingest",
  about: "rows to a durable ack beside VictoriaMetrics, and 5,000 reporters on one control (5 minutes)",
  parts: [ROWS, STREAMS],
  run,
};
