/** `npm run demo` as a child process, started as npm starts it, and everything that belongs to it. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir, readlink } from "node:fs/promises";

import type { Snapshot } from "../../control/world/model.ts";
import { fault } from "../../demo/commands.ts";
import { runningDemos } from "../../demo/run-folder.ts";
import type { RunningDemo } from "../../demo/run-folder.ts";
import { projectRoot } from "../../provision/build.ts";
import { eventually } from "./stack.ts";

const START_LIMIT_MS = 300_000;

/** A process of the demo and its command line, its arguments separated by NUL. */
export interface DemoPart {
  readonly pid: number;
  readonly command: string;
}

export class DemoProcess {
  private constructor(
    /** provision/bootstrap.mjs. */
    readonly starter: ChildProcess,
    readonly running: RunningDemo,
    /** What it wrote so far. */
    readonly said: () => string,
  ) {}

  /** Starts a demo and waits until all of it is ready. */
  static async start(args: readonly string[] = []): Promise<DemoProcess> {
    const starter = spawn(process.execPath, ["provision/bootstrap.mjs", "demo/main.ts", ...args], {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [starter.stdout, starter.stderr]) {
      stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    }
    const own = async () => {
      for (const demo of await runningDemos()) {
        if (demo.ready && (await parentOf(demo.pid)) === starter.pid) return demo;
      }
      return undefined;
    };
    const running = await eventually(own, (demo) => demo !== undefined || starter.exitCode !== null, START_LIMIT_MS);
    if (running) return new DemoProcess(starter, running, () => said);
    starter.kill("SIGTERM");
    throw new Error(`The demo did not start:\n${said}`);
  }

  async snapshot(): Promise<Snapshot> {
    return (await (await fetch(`${this.running.ui}/api/v1/snapshot`)).json()) as Snapshot;
  }

  /** `fault TARGET KIND`, `fault clear`. */
  async fault(target: string, kind?: string): Promise<void> {
    await fault(target, kind, this.running.pid);
  }

  /** The demo itself, and what has its folder in its environment, or in its command line or stands in it: Redis writes over the first. */
  async parts(): Promise<DemoPart[]> {
    const { folder, pid: demo } = this.running;
    const found: DemoPart[] = [];
    for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number)) {
      // What cannot be read has ended meanwhile, or belongs to somebody else.
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
      const isOurs = environment.includes(`SIDELIGHT_DEMO_FOLDER=${folder}\0`);
      if (pid === demo || isOurs || command.includes(folder) || cwd.includes(folder)) found.push({ pid, command });
    }
    return found;
  }

  /** What is still there of it after it had ten seconds to go. */
  async left(): Promise<DemoPart[]> {
    return await eventually(
      () => this.parts(),
      (parts) => parts.length === 0,
      10_000,
    );
  }

  /** Waits for the end of the starter. @returns its exit code, null when a signal ended it */
  async ended(): Promise<number | null> {
    if (this.starter.exitCode === null && this.starter.signalCode === null) await once(this.starter, "exit");
    return this.starter.exitCode;
  }

  async stop(): Promise<void> {
    this.starter.kill("SIGTERM");
    await this.ended();
  }
}

async function parentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
}
