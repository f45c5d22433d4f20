/**
 * One process of the demo: its own process group, a log file of its own, killed by the kernel should the demo itself
 * be killed.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** An account to run as, numeric. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface PartSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Run as another account; only possible for root. */
  readonly account?: Account;
  /** Asks the part whether it is ready. What it throws counts as no, and is named if it never is. */
  readonly isReady: () => Promise<boolean>;
  /** Milliseconds that it may take to become ready; 30,000 if not given. */
  readonly readyWithinMs?: number;
  /** What asks it to stop; SIGTERM if not given. */
  readonly stopSignal?: NodeJS.Signals;
}

const pollMs = 40;
const stopWithinMs = 6_000;
const tailBytes = 2_000;
const tailLines = 12;

export class Part {
  readonly name: string;
  readonly logFile: string;
  /** Resolves to how it ended ("ended with code 1", "was ended by SIGKILL"). */
  readonly ended: Promise<string>;
  readonly #spec: PartSpec;
  readonly #child: ChildProcess;
  #end: string | undefined;

  private constructor(spec: PartSpec, logFile: string) {
    this.name = spec.name;
    this.logFile = logFile;
    this.#spec = spec;
    const log = openSync(logFile, "a");
    this.#child = spawn(
      "setpriv",
      ["--pdeathsig", "KILL", ...accountOptions(spec.account), spec.command, ...spec.args],
      {
        cwd: spec.cwd,
        env: { ...process.env, ...spec.env },
        stdio: ["ignore", log, log],
        // A process group of its own: a Ctrl-C in the terminal reaches the demo alone, which then stops all in order.
        detached: true,
      },
    );
    closeSync(log);
    this.ended = new Promise((done) => {
      this.#child.once("error", (error) => done((this.#end = `could not be started: ${error.message}`)));
      this.#child.once("exit", (code, signal) => {
        done((this.#end = signal ? `was ended by ${signal}` : `ended with code ${code}`));
      });
    });
  }

  static start(spec: PartSpec, logFile: string): Part {
    return new Part(spec, logFile);
  }

  get isRunning(): boolean {
    return this.#end === undefined;
  }

  /** Waits until the part is ready. Throws, with the last lines of its log, if it ends before or takes too long. */
  async ready(): Promise<void> {
    const limit = this.#spec.readyWithinMs ?? 30_000;
    const deadline = performance.now() + limit;
    let reason: unknown;
    while (this.isRunning) {
      try {
        if (await this.#spec.isReady()) return;
      } catch (error) {
        reason = error;
      }
      if (performance.now() > deadline) {
        throw new Error(await this.describe(`was not ready after ${limit / 1000} s`), { cause: reason });
      }
      await sleep(pollMs);
    }
    throw new Error(await this.describe(this.#end ?? ""));
  }

  /** "user-db ended with code 1", where its log is, and the last lines of it. */
  async describe(what: string): Promise<string> {
    const tail = await lastLines(this.logFile);
    return `${this.name} ${what}; its log is ${this.logFile}${tail ? `, and ends:\n${tail}` : ""}`;
  }

  /** Asks the part to stop, then kills it and whatever it started. Resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.isRunning) {
      this.#signal(this.#spec.stopSignal ?? "SIGTERM");
      const grace = new AbortController();
      await Promise.race([
        this.ended,
        sleep(stopWithinMs, undefined, { signal: grace.signal, ref: false }).catch(() => {}),
      ]);
      grace.abort();
    }
    this.kill();
    await this.ended;
  }

  /** Kills the whole process group at once. */
  kill(): void {
    const pid = this.#child.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // The group is gone already.
    }
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It ended just now.
    }
  }
}

function accountOptions(account: Account | undefined): string[] {
  return account ? ["--reuid", String(account.uid), "--regid", String(account.gid), "--clear-groups"] : [];
}

async function lastLines(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (!file) return "";
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(tailBytes), 0, tailBytes, start);
    const lines = buffer.toString("utf8", 0, bytesRead).trimEnd().split("\n");
    return lines
      .slice(-tailLines)
      .map((line) => `    ${line}`)
      .join("\n");
  } finally {
    await file.close();
  }
}
