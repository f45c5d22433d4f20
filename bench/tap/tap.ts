/**
 * How fast captures are read: the tap, which follows connections, matches each request with its answer and times it, beside tcpdump, httpry
 * and Suricata. On one core, from files that the kernel has in memory, without what starting up takes.
 */
import { statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { DocumentSums } from "../../tap/document.ts";
import { TapModule, compileTap } from "../../tap/module.ts";
import { readCapture } from "../../tap/read.ts";
import { unpackedCapture } from "../../tests/tap/unpacked.ts";
import type { Bench, BenchOptions, BenchResult, Figure } from "../harness.ts";
import { atLeast, measured } from "../harness.ts";
import { interleaved } from "../rounds.ts";
import { medianOf, ratioOf } from "../statistics.ts";
import type { Samples } from "../statistics.ts";
import { liveFigures } from "./live.ts";
import { memoryFigures } from "./memory.ts";
import { httpry, secondsOf, tcpdump } from "./programs.ts";
import type { Program } from "./programs.ts";
import { suricatas } from "./suricata.ts";

const ROUNDS = 9;
/** Of the others' speed, over HTTP. */
const GOALS: Readonly<Record<string, number>> = { tcpdump: 0.4, Suricata: 30 };
const MEMORY = "memory";
const LIVE = "live";
/** Captures by the protocol that they hold, and how many requests their servers counted. */
const CAPTURES = { http: ["http1", 194_348], redis: ["redis", 180_010], postgresql: ["pgsql", 54_011] } as const;
const HTTP_PACKETS = 396_615;
/** So much is read in a turn, a small capture several times. */
const TURN_BYTES = 256e6;
/** A capture of so many packets takes a program as long as it takes to start. */
const FEW_PACKETS = 200;
/** Until the compiler has seen what of the module is used most. */
const WARM_UP = 3;
/** Until the memory of modules that are gone is given back. */
const SETTLE_MS = 30;

type Protocol = keyof typeof CAPTURES;

export const tap: Bench = {
  name: "tap",
  about: "how fast the tap reads captures, beside tcpdump, httpry and Suricata, and what many connections cost",
  parts: [...Object.keys(CAPTURES), MEMORY, LIVE],
  run: runTap,
};

async function runTap(say: (line: string) => void, { only, rounds = ROUNDS }: BenchOptions): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-bench-tap-"));
  try {
    const figures: Figure[] = [];
    const isAsked = (part: string): boolean => only.length === 0 || only.includes(part);
    for (const protocol of Object.keys(CAPTURES) as Protocol[]) {
      if (isAsked(protocol)) figures.push(...(await figuresOf(protocol, { folder, rounds, say })));
    }
    if (isAsked(MEMORY)) figures.push(...(await memoryFigures(say)));
    if (isAsked(LIVE)) {
      const [name, requests] = CAPTURES.http;
      figures.push(...(await liveFigures(say, folder, { capture: bytesOf(name), packets: HTTP_PACKETS, requests })));
    }
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
  const capture = await unpacked(name, folder);
  const readers = await readersOf(protocol, capture, folder);
  const variants = Object.keys(readers);
  say(`${basename(capture.file)}: ${variants.join(", ")}, ${rounds} rounds`);
  const samples = await interleaved(variants, rounds, (reader) => readers[reader]!());
  const speed = (reader: string): Samples => samples.get(reader)!.map((seconds) => [capture.megabytes / seconds]);
  const cell = (column: string) => ({ table: "Megabytes a second of processor time", row: name, column });
  const ratios = variants.slice(1).map((reader) => {
    const goal = protocol === "http" ? GOALS[reader.split(/\W/)[0]!] : undefined;
    const [what, ratio] = [`${name}: Sidelight / ${reader}`, ratioOf(speed("Sidelight"), speed(reader))];
    return goal === undefined ? measured(what, ratio, "x") : atLeast(what, ratio, goal, "x");
  });
  return [
    ...variants.map((reader) => ({ ...measured("", medianOf(speed(reader)), ""), cell: cell(reader) })),
    ...ratios,
  ];
}

/** What reads a capture and answers how many seconds of processor time it took. */
type Read = () => Promise<number>;

async function readersOf(protocol: Protocol, capture: Capture, folder: string): Promise<Record<string, Read>> {
  const programs: Record<string, Program> = { tcpdump: await tcpdump() };
  if (protocol === "http") Object.assign(programs, { httpry: await httpry() }, await suricatas(folder));
  const others = Object.entries(programs).map(([name, program]) => {
    return [name, () => readByProgram(program, protocol, capture)] as const;
  });
  return { Sidelight: await readerByTap(protocol, capture), ...Object.fromEntries(others) };
}

/** How long a program reads, less how long it takes to start. */
async function readByProgram(program: Program, protocol: Protocol, { file, start, times }: Capture): Promise<number> {
  const started = await secondsOf(program, start, times);
  const all = await secondsOf(program, file, times);
  await program.check?.(CAPTURES[protocol][1]);
  return (all - started) / times;
}

/** The tap in this process, as in one that has listened for a while: compiled, and no module before it to be cleared away. */
async function readerByTap(protocol: Protocol, { file, times }: Capture): Promise<Read> {
  const module = await compileTap();
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const readOnce = async (): Promise<number> => {
    const sums = new DocumentSums();
    const reader = new TapModule(module, (batch) => sums.add(batch));
    collectGarbage();
    await sleep(SETTLE_MS);
    const before = process.cpuUsage();
    await readCapture(file, reader);
    reader.finish();
    const { user, system } = process.cpuUsage(before);
    checkCount(sums, protocol, file);
    return (user + system) / 1e6;
  };
  for (let i = 0; i < WARM_UP; i++) await readOnce();
  return async () => {
    let seconds = 0;
    for (let i = 0; i < times; i++) seconds += await readOnce();
    return seconds / times;
  };
}

function checkCount(sums: DocumentSums, protocol: Protocol, file: string): void {
  const figures = sums.document().protocols[protocol];
  const [, expected] = CAPTURES[protocol];
  const requests = figures && "requests" in figures ? figures.requests : 0;
  if (requests !== expected) throw new Error(`${file}: ${requests} requests, and not the ${expected} that there were`);
}

interface Capture {
  readonly file: string;
  /** Its first packets. */
  readonly start: string;
  readonly megabytes: number;
  /** How often it is read in a turn. */
  readonly times: number;
}

function bytesOf(name: string): Buffer {
  const bytes = unpackedCapture(name);
  if (bytes) return bytes;
  throw new Error(`SHARED_CAPTURES is to name a folder that has captures/${name}.pcap.zst, and zstd is needed`);
}

async function unpacked(name: string, folder: string): Promise<Capture> {
  const bytes = bytesOf(name);
  const [file, start] = [join(folder, `${name}.pcap`), join(folder, `${name}-start.pcap`)];
  await writeFile(file, bytes);
  await writeFile(start, firstPackets(bytes));
  const { size } = statSync(file);
  return { file, start, megabytes: size / 1e6, times: Math.ceil(TURN_BYTES / size) };
}

/** Of a capture in pcap, little-endian. */
function firstPackets(bytes: Buffer): Buffer {
  let end = 24;
  for (let i = 0; i < FEW_PACKETS; i++) end += 16 + bytes.readUInt32LE(end + 8);
  return bytes.subarray(0, end);
}
