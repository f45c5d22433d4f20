/** Programs that read a capture, and how much processor time they take for it. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { debianPackages } from "../../provision/debian.ts";
import { findTcpdump } from "../../tap/tcpdump.ts";

const run = promisify(execFile);
const SCRIPT = `TIMEFORMAT="%3U %3S"; times=$1; shift
  time for ((i = 0; i < times; i++)); do "$@" > /dev/null 2>&1 || exit 1; done`;

export interface Program {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
  /** The arguments by which it reads a file. */
  readonly words: (file: string) => readonly string[];
  /** Fails where what it read last was not that many requests. */
  readonly check?: (requests: number) => Promise<void>;
}

/** User and system time of a program that reads a file so many times, by bash, which tells them to a millisecond. */
export async function secondsOf({ command, env, words }: Program, file: string, times: number): Promise<number> {
  const { stderr } = await run("bash", ["-c", SCRIPT, "bash", String(times), command, ...words(file)], { env });
  const [user = Number.NaN, system = Number.NaN] = stderr.trim().split(/\s+/).map(Number);
  return user + system;
}

/** Copies packets, and looks at none. */
export async function tcpdump(): Promise<Program> {
  // As root it would become another user, who may not read the file.
  const asSelf = process.getuid?.() === 0 ? ["-Z", "root"] : [];
  return { ...(await findTcpdump()), words: (file) => [...asSelf, "-r", file, "-w", "/dev/null"] };
}

/** Prints the first lines of HTTP; puts nothing together, and times nothing. */
export async function httpry(): Promise<Program> {
  const { root, libraryPath } = await debianPackages("httpry", ["httpry"]);
  return {
    command: join(root, "usr/sbin/httpry"),
    env: { ...process.env, LD_LIBRARY_PATH: libraryPath },
    words: (file) => ["-q", "-r", file, "-o", "/dev/null", "port 8080"],
  };
}
