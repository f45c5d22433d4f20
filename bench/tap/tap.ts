/**
 * How fast captures are read: the tap, which follows connections, matches each request with its answer and times it, beside
 * tcpdump, which copies packets, and httpry, which prints the first lines of HTTP and times nothing. On one core, from files that the
 * kernel has in memory.
 */
import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

import { debianPackages } from "../../provision/debian.ts";
import { DocumentSums } from "../../tap/document.ts";
import { TapModule, compileTap } from "../../tap/module.ts";
import { readCapture } from "../../tap/read.ts";
import { findTcpdump } from "../../tap/tcpdump.ts";
import type { TcpdumpProgram } from "../../tap/tcpdump.ts";
import { unpackedCapture } from "../../tests/tap/unpacked.ts";
import type { Bench, BenchOptions, BenchResult, Figure } from "../harness.ts";
import { atLeast, measured } from "../harness.ts";
import { interleaved } from "../rounds.ts";
import { medianOf, ratioOf } from "../statistics.ts";
import type { Samples } from "../statistics.ts";
import { memoryFigures } from "./memory.ts";

const ROUNDS = 9;
/** Of tcpdump's speed, over HTTP. */
const GOAL = 0.4;
const MEMORY = "memory";
/** Captures by the protocol that they hold, and how many requests their servers counted. */
const CAPTURES = { http: ["http1", 194_348], redis: ["redis", 180_010], postgresql: ["pgsql", 54_011] } as const;

type Protocol = keyof typeof CAPTURES;
type Reader = "Sidelight" | "tcpdump" | "httpry";

const run = promisify(execFile);

export const tap: Bench = {
  name: "tap",
  about: "how fast the tap reads captures, beside tcpdump and httpry, and what many connections cost",
  parts: [...Object.keys(CAPTURES), MEMORY],
  run: runTap,
};

async function runTap(say: (line: string) => void, { only, rounds = ROUNDS }: BenchOptions): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-bench-tap-"));
  try {
    const figures: Figure[] = [];
    for (const protocol of Object.keys(CAPTURES) as Protocol[]) {
      if (only.length > 0 && !only.includes(protocol)) continue;
      figures.push(...(await figuresOf(protocol, { folder, rounds, say })));
    }
    if (only.length === 0 || only.includes(MEMORY)) figures.push(...(await memoryFigures(say)));
    return { name: "tap", figures };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Around {
  readonly folder: string;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

async function figuresOf(protocol: Protocol, { folder, rounds, say }: Around): Promise<Figure[]> {
  const [name] = CAPTURES[protocol];
  const file = await unpacked(name, folder);
  const megabytes = statSync(file).size / 1e6;
  const readers = await readersOf(protocol, file);
  say(`${basename(file)}: ${Object.keys(readers).join(", ")}, ${rounds} rounds`);
  const variants = Object.keys(readers) as Reader[];
  const samples = await interleaved(variants, rounds, (reader) => readers[reader]!());
  const speed = (reader: Reader): Samples => samples.get(reader)!.map((seconds) => [megabytes / seconds]);
  const [what, ratio] = [`${name}: Sidelight / tcpdump`, ratioOf(speed("Sidelight"), speed("tcpdump"))];
  const cell = (column: string) => ({ table: "Megabytes a second of processor time", row: name, column });
  return [
    ...variants.map((reader) => ({ ...measured("", medianOf(speed(reader)), ""), cell: cell(reader) })),
    protocol === "http" ? atLeast(what, ratio, GOAL, "x") : measured(what, ratio, "x"),
  ];
}

/** What reads a file and answers how many seconds of processor time it took. */
type Read = () => Promise<number>;

async function readersOf(protocol: Protocol, file: string): Promise<Partial<Record<Reader, Read>>> {
  const module = await compileTap();
  const tcpdump = await findTcpdump();
  const isRoot = process.getuid?.() === 0;
  const readers = {
    Sidelight: () => readByTap(module, protocol, file),
    // As root it would become another user, who may not read the file.
    tcpdump: () => secondsOf(tcpdump, [...(isRoot ? ["-Z", "root"] : []), "-r", file, "-w", "/dev/null"]),
  };
  if (protocol !== "http") return readers;
  const { root, libraryPath } = await debianPackages("httpry", ["httpry"]);
  const httpry = { command: join(root, "usr/sbin/httpry"), env: { ...process.env, LD_LIBRARY_PATH: libraryPath } };
  return { ...readers, httpry: () => secondsOf(httpry, ["-q", "-r", file, "-o", "/dev/null", "port 8080"]) };
}

async function readByTap(module: WebAssembly.Module, protocol: Protocol, file: string): Promise<number> {
  const sums = new DocumentSums();
  const before = process.cpuUsage();
  const reader = new TapModule(module, (batch) => sums.add(batch));
  await readCapture(file, reader);
  reader.finish();
  const { user, system } = process.cpuUsage(before);
  const figures = sums.document().protocols[protocol];
  const [, expected] = CAPTURES[protocol];
  const requests = figures && "requests" in figures ? figures.requests : 0;
  if (requests !== expected) throw new Error(`${file}: ${requests} requests, and not the ${expected} that there were`);
  return (user + system) / 1e6;
}

/** User and system time of a program, by bash, which tells them to a millisecond. */
async function secondsOf({ command, env }: TcpdumpProgram, words: readonly string[]): Promise<number> {
  const script = 'TIMEFORMAT="%3U %3S"; time "$@" > /dev/null 2> /dev/null';
  const { stderr } = await run("bash", ["-c", script, "bash", command, ...words], { env });
  const [user = Number.NaN, system = Number.NaN] = stderr.trim().split(/\s+/).map(Number);
  return user + system;
}

async function unpacked(name: string, folder: string): Promise<string> {
  const bytes = unpackedCapture(name);
  if (!bytes)
    throw new Error(`SHARED_CAPTURES is to name a folder that has captures/${name}.pcap.zst, and zstd is needed`);
  const file = join(folder, `${name}.pcap`);
  await writeFile(file, bytes);
  return file;
}
