/**
 * `npm run bench -- NAME [--json]`: runs one benchmark. Progress goes to standard error; standard output is the table
 * for docs/benchmarks.md, or one JSON document.
 */
import { parseArgs } from "node:util";

import { build } from "../provision/build.ts";
import { progressOn } from "../provision/progress.ts";
import { freshness } from "./freshness.ts";
import type { Bench } from "./harness.ts";
import { markdown } from "./harness.ts";

const BENCHES: readonly Bench[] = [freshness];

function help(): string {
  const list = BENCHES.map((bench) => `  ${bench.name.padEnd(12)}${bench.about}`).join("\n");
  return `Usage: npm run bench -- NAME [--json]\n\nBenchmarks:\n${list}\n`;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
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
  await build(progressOn());
  const result = await bench.run((line) => process.stderr.write(`${line}\n`));
  process.stdout.write(
    values.json ? `${JSON.stringify(result)}\n` : markdown(result, new Date().toISOString().slice(0, 10)),
  );
  return result.figures.some(({ met }) => met === false) ? 1 : 0;
}

process.exitCode = await main();
