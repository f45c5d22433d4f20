import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

const STOP_LIMIT_MS = 10_000;
const KEPT_LOG = 20_000;

/** One server of a control plane. */
export class ServerProcess {
  readonly name: string;
  readonly #launch: () => ChildProcess;
  #child: ChildProcess;
  #ended: Promise<unknown>;
  #log = "";

  /** @param env beside this process's own */
  constructor(binary: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
    this.name = binary.split("/").at(-1) ?? binary;
    this.#launch = () => {
      const child = spawn(binary, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk: Buffer) => (this.#log = (this.#log + chunk.toString()).slice(-KEPT_LOG)));
      }
      return child;
    };
    this.#child = this.#launch();
    this.#ended = once(this.#child, "exit");
  }

  get isGone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The end of what it wrote. */
  get log(): string {
    return this.#log;
  }

  /** Waits until it answers. Throws with its log when it ended instead, or never does. */
  async until(isReady: () => Promise<boolean>, limitMs = 120_000): Promise<void> {
    const deadlineMs = Date.now() + limitMs;
    while (!(await isReady().catch(() => false))) {
      if (this.isGone)
        throw new Error(`${this.name} ended before it was ready; its log ends with:\n${this.#log.slice(-3_000)}`);
      if (Date.now() > deadlineMs) throw new Error(`${this.name} is not ready:\n${this.#log.slice(-3_000)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal);
  }

  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    if (this.isGone) return;
    this.#child.kill("SIGCONT");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), STOP_LIMIT_MS);
    this.#child.kill(signal);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Starts it again, as it was. */
  restart(): void {
    this.#child = this.#launch();
    this.#ended = once(this.#child, "exit");
  }
}
