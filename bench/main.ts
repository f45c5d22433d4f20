/**
 * `npm run bench -- NAME [--json] [--only PART] [--rounds N] [--rows N]`: runs one benchmark. Progress goes to standard error; standard output is the table
 * for docs/benchmarks.md, or one JSON document.
 */
import { parseArgs } from "node:util";

import { build } from "../provision/build.ts";
import { progressOn } from "../provision/progress.ts";
import { alerts } from "./alerts/alerts.ts";
import { filter } from "./filter/filter.ts";
import { freshness } from "./freshness.ts";
import type { Bench, BenchOptions } from "./harness.ts";
import { ingest } from "./ingest/ingest.ts";
import { inventory } from "./inventory/inventory.ts";
import { markdown } from "./markdown.ts";
import { optInBench } from "./opt-in.ts";
import { query } from "./query/query.ts";
import { tap } from "./tap/tap.ts";

const BENCHES: readonly Bench[] = [alerts, filter, freshness, ingest, inventory, optInBench, query, tap];

/** Fewer would not make a mesh. */
const FEWEST_ROWS = 100_000;

function help(): string {
  const list = BENCHES.map((bench) => `  ${bench.name.padEnd(12)}${bench.about}`).join("\n");
  const parts = BENCHES.flatMap(({ name, parts }) => (parts ? [`  ${name.padEnd(12)}${parts.join(", ")}`] : [])).join(
    "\n",
  );
  const options = [
    "  --json       one JSON document in place of the table",
    "  --only PART  a part alone; may be given several times",
    "  --rounds N   in place of the benchmark's own number",
    "  --rows N     about so many rows of history in place of 10 million",
  ].join("\n");
  return `Usage: npm run bench -- NAME [OPTIONS]\n\nBenchmarks:\n${list}\n\nOptions:\n${options}\n\nParts:\n${parts}\n`;
}

/** What is wrong with the options of a benchmark, for its caller; undefined when nothing is. */
function problemOf({ name, parts = [] }: Bench, { only, rounds, rows }: BenchOptions): string | undefined {
  const unknown = only.find((part) => !parts.includes(part));
  if (unknown !== undefined) return `"${name}" has no part "${unknown}".`;
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    return "--rounds takes a whole number from 1 on.";
  }
  const hasFew = rows !== undefined && !(Number.isInteger(rows) && rows >= FEWEST_ROWS);
  return hasFew ? `--rows takes a whole number from ${FEWEST_ROWS} on.` : undefined;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      json: { type: "boolean" },
      only: { type: "string", multiple: true, default: [] },
      rounds: { type: "string" },
      rows: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(help());
    return 0;
  }
  const bench = BENCHES.find(({ name }) => name === positionals[0]);
  if (!bench || positionals.length !== 1) {
    process.stderr.write(`${positionals[0] ? `There is no benchmark "${positionals[0]}".\n\n` : ""}${help()}`);
    return 2;
  }
  const options = {
    only: values.only,
    ...(values.rounds === undefined ? {} : { rounds: Number(values.rounds) }),
    ...(values.rows === undefined ? {} : { rows: Number(values.rows) }),
  };
  const problem = problemOf(bench, options);
  if (problem) {
    process.stderr.write(`${problem}\n\n${help()}`);
    return 2;
  }
  await build(progressOn());
  const result = await bench.run((line) => process.stderr.write(`${line}\n`), options);
  process.stdout.write(
    values.json ? `${JSON.stringify(result)}\n` : markdown(result, new Date().toISOString().slice(0, 10)),
  );
  return result.figures.some(({ met }) => met === false) ? 1 : 0;
}

process.exitCode = await main();
