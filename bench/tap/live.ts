/**
 * How much HTTP a second a live tap hears without the kernel dropping a packet, beside tcpdump alone, which throws away what it captures. The rate is
 * halved in on, the two taking turns; what sends, the kernel and the listener have the machine's cores together.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import { projectRoot } from "../../provision/build.ts";
import type { TapDocument } from "../../tap/document.ts";
import { findTcpdump } from "../../tap/tcpdump.ts";
import type { TcpdumpProgram } from "../../tap/tcpdump.ts";
import type { Figure } from "../harness.ts";
import { atLeast, measured } from "../harness.ts";
import { END, makeWire, whyNoWire } from "./wire.ts";
import type { Passed, Wire } from "./wire.ts";

const GOAL_GIGABITS = 2.5;
/** More than a core can send. */
const MOST_MEGABITS = 3_200;
const STEPS = 5;
/** A rate at which packets were dropped is tried again: something else may have had the core. */
const TRIES = 2;
const SECONDS = 4;
/** What the rate that was asked for may be missed by. */
const CLOSE = 0.97;
/** Until what waits in the kernel has been read. */
const DRAIN_MS = 1_500;
/** What the tap gives tcpdump where it is not told otherwise. */
const BUFFER_KIB = 32 * 1024;

/** What passes: bytes with their link layer, packets, requests. */
export interface Content {
  readonly capture: Buffer;
  readonly packets: number;
  readonly requests: number;
}

interface Listener {
  readonly name: string;
  start(): ChildProcess;
  /** What it says on standard error once it listens. */
  readonly listens: string;
  /** Whether it has seen all that was sent so many times. */
  sawAll(said: Said, times: number): boolean;
}

/** On standard output, and on standard error. */
interface Said {
  output: string;
  words: string;
}

export async function liveFigures(say: (line: string) => void, folder: string, content: Content): Promise<Figure[]> {
  const reason = whyNoWire();
  if (reason) {
    say(`skipped: live (${reason})`);
    return [];
  }
  const wire = await makeWire(content.capture, folder);
  try {
    const listeners = [tapOn(wire, content), tcpdumpOn(wire, content, await findTcpdump())];
    const found = await highestRates(listeners, { wire, content, say });
    return listeners.flatMap(({ name }) => figuresOf(name, found.get(name)!, content)).concat(judged(found));
  } finally {
    await wire.remove();
  }
}

function judged(found: ReadonlyMap<string, Passed>): Figure[] {
  const [tap = 0, tcpdump = 0] = [...found.values()].map(({ gigabits }) => gigabits);
  return [
    atLeast("live: Sidelight, without a drop", tap, GOAL_GIGABITS, "Gbit/s"),
    measured("live: Sidelight / tcpdump", tap / tcpdump, "x"),
  ];
}

function figuresOf(row: string, { gigabits, packets }: Passed, content: Content): Figure[] {
  const cell = (column: string) => ({ table: "Live, the highest rate without a drop", row, column });
  return [
    { ...measured("", gigabits, ""), cell: cell("Gbit/s") },
    { ...measured("", packets, ""), cell: cell("packets/s") },
    { ...measured("", (packets / content.packets) * content.requests, ""), cell: cell("requests/s") },
  ];
}

interface Around {
  readonly wire: Wire;
  readonly content: Content;
  readonly say: (line: string) => void;
}

async function highestRates(listeners: readonly Listener[], around: Around): Promise<Map<string, Passed>> {
  const found = new Map<string, Passed>(listeners.map(({ name }) => [name, { gigabits: 0, packets: 0 }]));
  const rates = new Map<string, number>(listeners.map(({ name }) => [name, MOST_MEGABITS / 2]));
  for (let step = MOST_MEGABITS / 4, i = 0; i < STEPS; step /= 2, i++) {
    for (const listener of listeners) {
      const megabits = rates.get(listener.name)!;
      const passed = await held(listener, megabits, around);
      around.say(`live: ${listener.name}, ${megabits} Mbit/s: ${typeof passed === "string" ? passed : "all"}`);
      if (typeof passed !== "string") found.set(listener.name, passed);
      rates.set(listener.name, megabits + (typeof passed === "string" ? -step : step));
    }
  }
  return found;
}

/** What passed, where it was as fast as asked for and nothing was dropped; else what was amiss. */
async function held(listener: Listener, megabits: number, { wire, content }: Around): Promise<Passed | string> {
  const times = Math.ceil((SECONDS * megabits * 125_000) / content.capture.length);
  let amiss = "";
  for (let i = 0; i < TRIES; i++) {
    const child = listener.start();
    const said: Said = { output: "", words: "" };
    child.stdout?.on("data", (bytes) => (said.output += String(bytes)));
    child.stderr?.on("data", (bytes) => (said.words += String(bytes)));
    try {
      while (!said.words.includes(listener.listens)) {
        if (child.exitCode !== null) throw new Error(`${listener.name} does not listen: ${said.words}`);
        await sleep(50);
      }
      const passed = await wire.send(megabits, times);
      await sleep(DRAIN_MS);
      child.kill("SIGINT");
      await once(child, "close");
      if (!listener.sawAll(said, times)) amiss = "not all of it";
      else if (passed.gigabits > (CLOSE * megabits) / 1000) return passed;
      else amiss = `sent at no more than ${passed.gigabits} Gbit/s`;
    } finally {
      child.kill("SIGKILL");
    }
  }
  return amiss;
}

function tapOn({ space }: Wire, { requests }: Content): Listener {
  const words = ["--import", "tsx", "tap/main.ts", "--live", "--json", "--interface", END];
  return {
    name: "Sidelight",
    start: () => spawnIn(space, process.execPath, words, process.env),
    listens: `captures on ${END}`,
    sawAll: ({ output }, times) => {
      const document = JSON.parse(output) as TapDocument;
      const http = document.protocols["http"];
      const counted = http && "requests" in http ? http.requests : 0;
      return counted === requests * times && Object.keys(document.losses).length === 0;
    },
  };
}

function tcpdumpOn({ space }: Wire, { packets }: Content, { command, env }: TcpdumpProgram): Listener {
  const words = ["-i", END, "-n", "-B", String(BUFFER_KIB), "-Z", "root", "-w", "/dev/null"];
  return {
    name: "tcpdump",
    start: () => spawnIn(space, command, words, env),
    listens: `listening on ${END}`,
    sawAll: ({ words: text }, times) => {
      const count = (what: string) => Number(new RegExp(`(\\d+) packets? ${what}`).exec(text)?.[1]);
      return count("dropped by kernel") === 0 && count("captured") >= packets * times;
    },
  };
}

function spawnIn(space: string, command: string, words: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
  return spawn("ip", ["netns", "exec", space, command, ...words], { cwd: projectRoot, env, stdio });
}
