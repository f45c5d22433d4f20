/**
 * tcpdump as a child that captures: pcap on its standard output, and on standard error how many packets the kernel dropped.
 * It comes from PATH, or as a Debian package in the cache.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";
import type { Readable } from "node:stream";

import { debianPackages } from "../provision/debian.ts";
import { findProgram } from "../provision/find-program.ts";
import { openPacketPipe } from "./packet-pipe.ts";

const INTERFACES = "/sys/class/net";
/** What `-i` takes for all interfaces. */
export const ANY = "any";
const NEEDS =
  "Capturing needs root, or the capability NET_RAW; a container that is not root needs allowPrivilegeEscalation too, to gain it";
/** Words of tcpdump that are kept to say why it ended. */
const MAX_WORDS = 20;

/** tcpdump cannot capture, and would not if it were tried again; the message says what to do. */
export class CannotCaptureError extends Error {
  override name = "CannotCaptureError";
}

export interface TcpdumpProgram {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface CaptureOptions {
  /** Names of interfaces; "any" is all of them. */
  readonly interfaces: readonly string[];
  /** A filter in pcap's language; empty for none. */
  readonly filter: string;
  /** Room for packets that wait in the kernel. */
  readonly bufferMb: number;
}

/** tcpdump of PATH, else that of the distribution. */
export async function findTcpdump(): Promise<TcpdumpProgram> {
  const command = findProgram("tcpdump");
  if (command) return { command, env: process.env };
  try {
    const { root, libraryPath } = await debianPackages("tcpdump", ["tcpdump"]);
    return { command: join(root, "usr/bin/tcpdump"), env: { ...process.env, LD_LIBRARY_PATH: libraryPath } };
  } catch (cause) {
    throw new CannotCaptureError("There is no tcpdump on PATH, and none could be fetched. Install it", { cause });
  }
}

/**
 * tcpdump's arguments. Of several interfaces one capture is made of all, narrowed to theirs: so what passes two of them is
 * seen to be one packet.
 */
export function tcpdumpArguments({ interfaces, filter, bufferMb }: CaptureOptions): string[] {
  const [first = ANY] = interfaces;
  const isCooked = interfaces.length > 1 || first === ANY;
  const indexes = interfaces.includes(ANY) ? [] : interfaces.map(indexOfInterface);
  const ofThese = indexes.length > 1 ? indexes.map((index) => `ifindex ${index}`).join(" or ") : "";
  const expression = [ofThese, filter].filter(Boolean).map((part) => `(${part})`);
  return [
    ...["-i", isCooked ? ANY : first],
    ...(isCooked ? ["-y", "LINUX_SLL2"] : []),
    // A write for each packet is dear, but to have it flush by a signal breaks the capture (docs/decisions/0129).
    ...["-n", "-U", "-w", "-", "-B", String(bufferMb * 1024)],
    // As root it would become the user "tcpdump", which may not be there, and cannot with capabilities alone.
    ...(process.getuid?.() === 0 ? ["-Z", "root"] : []),
    ...(expression.length > 0 ? [expression.join(" and ")] : []),
  ];
}

/** Captures for a moment. Throws where it cannot. */
export async function tryCapture(options: CaptureOptions): Promise<void> {
  const tcpdump = new Tcpdump(await findTcpdump(), options, () => tcpdump.stop());
  tcpdump.output.resume();
  await tcpdump.ended();
}

function indexOfInterface(name: string): number {
  try {
    return Number(readFileSync(join(INTERFACES, name, "ifindex"), "utf8"));
  } catch (cause) {
    throw noSuchInterface(name, cause);
  }
}

/** A program whose file has a capability that the container may not have is not even started. */
function cannotStart(cause: unknown): CannotCaptureError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const needs = code === "EPERM" ? `. ${NEEDS}` : "";
  return new CannotCaptureError(`tcpdump cannot be started: ${message}${needs}`, { cause });
}

function noSuchInterface(name: string, cause?: unknown): CannotCaptureError {
  const there = readdirSync(INTERFACES).sort().join(", ");
  return new CannotCaptureError(`There is no interface "${name}". There are ${ANY}, ${there}`, { cause });
}

/** A tap that is killed takes it along: it would notice the loss of its reader only with the next packet. */
function endingWithUs(): string[] {
  const setpriv = findProgram("setpriv");
  return setpriv ? [setpriv, "--pdeathsig", "KILL"] : [];
}

/** One run of tcpdump. */
export class Tcpdump {
  /** What it captures, as pcap. */
  readonly output: Readable;
  readonly #child: ChildProcess;
  readonly #options: CaptureOptions;
  readonly #onListening: () => void;
  readonly #words: string[] = [];
  #drops = 0;
  #hasStarted = false;

  /** `onListening` is called once it captures. */
  constructor({ command, env }: TcpdumpProgram, options: CaptureOptions, onListening: () => void) {
    this.#options = options;
    this.#onListening = onListening;
    const [first, ...rest] = [...endingWithUs(), command, ...tcpdumpArguments(options)] as [string, ...string[]];
    const pipe = openPacketPipe();
    // In a process group of its own, Ctrl-C does not reach it: it is ended when what it has captured is wanted no more.
    try {
      this.#child = spawn(first, rest, {
        env: { ...env, LC_ALL: "C" },
        stdio: ["ignore", pipe?.input ?? "pipe", "pipe"],
        detached: true,
      });
    } catch (cause) {
      pipe?.output.destroy();
      throw cannotStart(cause);
    } finally {
      if (pipe) closeSync(pipe.input);
    }
    this.output = pipe?.output ?? this.#child.stdout!;
    createInterface({ input: this.#child.stderr! }).on("line", (line) => this.#hear(line));
  }

  /** Packets that the kernel dropped, as far as it was asked. */
  get drops(): number {
    return this.#drops;
  }

  /** Has it say how many packets the kernel dropped. */
  askForDrops(): void {
    if (this.#hasStarted) this.#child.kill("SIGUSR1");
  }

  stop(): void {
    this.#child.kill("SIGINT");
  }

  /** Resolves with why it ended, when it has; throws where it will never capture. */
  async ended(): Promise<string> {
    await Promise.race([
      Promise.all([once(this.#child, "close"), finished(this.output)]),
      once(this.#child, "error").then(([error]) => {
        throw cannotStart(error);
      }),
    ]);
    const words = this.#words.join("; ");
    if (!this.#hasStarted) throw this.#whyNot(words);
    return words || `signal ${this.#child.signalCode ?? "none"}`;
  }

  #hear(line: string): void {
    const words = line.replace(/^tcpdump: /, "");
    const dropped = /(\d+) packets? dropped by kernel/.exec(words)?.[1];
    if (dropped !== undefined) this.#drops = Math.max(this.#drops, Number(dropped));
    if (words.startsWith("listening on")) {
      this.#hasStarted = true;
      this.#onListening();
    } else if (!/^\d+ packets?|^data link type/.test(words) && this.#words.length < MAX_WORDS) {
      this.#words.push(words);
    }
  }

  #whyNot(words: string): CannotCaptureError {
    if (/permi(ssion|tted)/i.test(words)) {
      return new CannotCaptureError(`tcpdump may not capture (${words}). ${NEEDS}`);
    }
    if (/no such device/i.test(words)) return noSuchInterface(this.#options.interfaces.join(", "));
    if (/syntax error|filter expression|unknown host/i.test(words)) {
      return new CannotCaptureError(`The filter "${this.#options.filter}" cannot be used: ${words}`);
    }
    return new CannotCaptureError(`tcpdump does not capture: ${words || "it said nothing"}`);
  }
}
