/**
 * Runs the tests: every `*.test.ts` in a process of its own, two at a time, with a time limit each (uvu has none).
 *
 *     npm test                    everything that is quick
 *     npm test -- --slow          tests/slow/ alone: real parts, minutes
 *     npm test -- world store     only files whose path contains one of the words
 *
 * The last line is "N passed, N failed, N skipped". Exit code 1 when a test failed, a file crashed or hung, or nothing ran.
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";

import { build, projectRoot } from "../provision/build.ts";
import { progressOn } from "../provision/progress.ts";

const QUICK_LIMIT_MS = 180_000;
const SLOW_LIMIT_MS = 1_500_000;

interface FileResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Test files below `folder`, sorted; slow ones only where asked for. */
function testFiles(folder: string, slow: boolean, words: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts") && file.startsWith("slow/") === slow)
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
    .sort()
    .map((file) => join(folder, file));
}

/** Reads uvu's closing lines; a file without them crashed, hung or forgot `test.run()`, and counts as one failure. */
function readCounts(output: string, exitCode: number | null): FileResult {
  const count = (word: string) => Number(new RegExp(`^\\s*${word}:\\s+(\\d+)`, "m").exec(output)?.[1] ?? Number.NaN);
  const [total, passed, skipped] = [count("Total"), count("Passed"), count("Skipped")];
  if (Number.isNaN(total) || total + skipped === 0) return { passed: 0, failed: 1, skipped: 0 };
  const failed = total - passed;
  return { passed, failed: exitCode === 0 ? failed : Math.max(1, failed), skipped };
}

function runFile(file: string, limitMs: number): Promise<FileResult> {
  return new Promise((resolve) => {
    const started = Date.now();
    // A group of its own, so that a hanging test goes together with the servers it started.
    const child = spawn(process.execPath, ["--import", "tsx", file], { cwd: projectRoot, detached: true });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    let hung = false;
    const timer = setTimeout(() => {
      hung = true;
      killGroup(child.pid);
    }, limitMs);
    child.on("close", (code) => {
      clearTimeout(timer);
      killGroup(child.pid);
      const output = Buffer.concat(chunks).toString("utf8");
      const result = readCounts(output, code);
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      const mark = result.failed > 0 ? "FAIL" : "ok  ";
      process.stdout.write(`${mark} ${relative(projectRoot, file)} (${result.passed} passed, ${seconds} s)\n`);
      if (hung) process.stdout.write(`     stopped after ${limitMs / 1000} s without an end\n`);
      if (result.failed > 0 || process.env["SIDELIGHT_TEST_VERBOSE"]) process.stdout.write(`${output.trimEnd()}\n`);
      else for (const line of output.match(/^skipped: .*/gm) ?? []) process.stdout.write(`     ${line}\n`);
      resolve(result);
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group has ended by itself, which is the usual case.
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { slow: { type: "boolean" } }, allowPositionals: true });
  const slow = values.slow ?? false;
  await build(progressOn());
  const waiting = testFiles(join(projectRoot, "tests"), slow, positionals);
  if (waiting.length === 0) {
    process.stderr.write(`No test file matches ${positionals.join(" ") || "tests/**/*.test.ts"}.\n`);
    return 1;
  }
  const results: FileResult[] = [];
  // Slow suites load the machine, so they run one by one.
  const lanes = slow ? 1 : Math.min(2, availableParallelism());
  const lane = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      results.push(await runFile(file, slow ? SLOW_LIMIT_MS : QUICK_LIMIT_MS));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const sum = (pick: (result: FileResult) => number) => results.reduce((total, result) => total + pick(result), 0);
  const failed = sum((r) => r.failed);
  process.stdout.write(`${sum((r) => r.passed)} passed, ${failed} failed, ${sum((r) => r.skipped)} skipped\n`);
  return failed > 0 ? 1 : 0;
}

process.exitCode = await main();
