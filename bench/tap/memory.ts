import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { Figure } from "../harness.ts";
import { measured } from "../harness.ts";
import type { Kind } from "./flows.ts";

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL("flows.ts", import.meta.url));

const KINDS: Readonly<Record<string, readonly [Kind, number]>> = {
  "100,000 connections at once, a request under way on each": ["open", 100_000],
  "a flood of 1,000,000 SYNs": ["syn", 1_000_000],
  "1,000,000 connections of one packet each": ["once", 1_000_000],
};

/** What is resident of a process that reads many connections, and how much less it was before. */
export async function memoryFigures(say: (line: string) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [what, [kind, count]] of Object.entries(KINDS)) {
    say(what);
    const words = ["--expose-gc", "--import", "tsx", SCRIPT, kind, String(count)];
    const { stdout } = await run(process.execPath, words);
    const { before, after } = JSON.parse(stdout) as { before: number; after: number };
    const cell = (column: string) => ({ table: "Resident memory, MB", row: what, column });
    figures.push({ ...measured("", after / 1e6, ""), cell: cell("in all") });
    figures.push({ ...measured("", (after - before) / 1e6, ""), cell: cell("more than without") });
  }
  return figures;
}
