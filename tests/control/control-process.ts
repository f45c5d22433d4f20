import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { EdgeTotal } from "../../control/store/store.ts";
import { projectRoot } from "../../provision/build.ts";

/** A line of control's log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** As in its image (deploy/images/control.Dockerfile). */
const FLAGS = ["--max-semi-space-size=32", "--heap-growing-percent=50"];

/** A whole control in a process of its own. */
export class ControlProcess {
  readonly log: LogLine[] = [];
  /** "host:port" of each server. */
  grpc = "";
  http = "";
  readonly #child: ChildProcess;
  readonly #exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  /** The signal that ended it; null where it ended by itself. */
  readonly killedBy: Promise<NodeJS.Signals | null>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exit = once(child, "exit").then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }));
    this.killedBy = this.#exit.then(({ signal }) => signal);
  }

  /** Starts control on free ports, or those given, and waits until it listens. Throws with its log when it ends instead. */
  static async start(env: NodeJS.ProcessEnv): Promise<ControlProcess> {
    const { control, listening } = ControlProcess.launch(env);
    await listening;
    return control;
  }

  /**
   * Starts control and does not wait.
   * @param preloaded a module that is loaded before control
   */
  static launch(
    env: NodeJS.ProcessEnv,
    preloaded?: string,
  ): { readonly control: ControlProcess; readonly listening: Promise<void> } {
    const imports = ["tsx", ...(preloaded ? [preloaded] : [])].flatMap((name) => ["--import", name]);
    const child = spawn(process.execPath, [...FLAGS, ...imports, "control/main.ts"], {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        SIDELIGHT_GRPC_LISTEN: "127.0.0.1:0",
        SIDELIGHT_HTTP_LISTEN: "127.0.0.1:0",
        ...env,
      },
    });
    const control = new ControlProcess(child);
    const listening = new Promise<void>((resolve) => {
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (text) => {
        const line = JSON.parse(text) as LogLine;
        control.log.push(line);
        if (line.msg !== "listening") return;
        control.grpc = String(line["grpc"]);
        control.http = String(line["http"]);
        resolve();
      });
    });
    const ended = control.#exit.then(({ code }) => {
      throw new ControlEnded(code, control.log);
    });
    ended.catch(() => undefined);
    return { control, listening: Promise.race([listening, ended]) };
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Sends a signal and waits for the end. @returns the exit code, null when the signal killed it */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return (await this.#exit).code;
  }

  async json<T>(path: string): Promise<T> {
    const response = await fetch(`http://${this.http}${path}`);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Exact sums of the last hour. */
  async totals(): Promise<EdgeTotal[]> {
    const nowMs = Date.now();
    const query = `from=${nowMs - 3_600_000}&to=${nowMs + 60_000}`;
    return (await this.json<{ edges: EdgeTotal[] }>(`/api/v1/totals?${query}`)).edges;
  }

  async metrics(): Promise<string> {
    return (await fetch(`http://${this.http}/metrics`)).text();
  }
}

/** Control ended before it listened. */
export class ControlEnded extends Error {
  constructor(
    readonly code: number | null,
    readonly log: readonly LogLine[],
  ) {
    super(`control ended with ${code} before it listened: ${log.map((line) => line.msg).join(" | ")}`);
  }
}
