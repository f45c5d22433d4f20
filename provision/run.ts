/** Running a command to its end. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment; this process's own if not given. */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Milliseconds; then the command is killed and counts as failed. Ten minutes by default. */
  readonly timeoutMs?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Ends the command, which then counts as failed. */
  readonly signal?: AbortSignal;
  /** Is told what the command says, as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** How much of a command's output is kept for an error message. */
const keptTail = 4_000;
const keptOutput = 4_000_000;

/** Commands under way: they end with this process, however it was told to. */
const underWay = new Set<ChildProcess>();
process.on("exit", () => underWay.forEach((child) => child.kill("SIGKILL")));

/** Runs a command and returns its standard output. Throws with the tail of what it said if it fails. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { input, onOutput, timeoutMs = 600_000, ...spawnOptions } = options;
  const child = spawn(command, args, {
    ...spawnOptions,
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  underWay.add(child);
  // Not spawn's own time limit: its timer outlives a command that could not be started.
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  const out: Buffer[] = [];
  let outBytes = 0;
  let tail = "";
  const remember = (chunk: Buffer): void => {
    tail = (tail + chunk.toString()).slice(-keptTail);
    onOutput?.(chunk.toString());
  };
  child.stdout?.on("data", (chunk: Buffer) => {
    outBytes += chunk.length;
    if (outBytes <= keptOutput) out.push(chunk);
    remember(chunk);
  });
  child.stderr?.on("data", remember);
  // A command that ends before it has read its input closes the pipe; its exit code says the rest.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);

  const line = [command, ...args].join(" ");
  const shown = line.length > 300 ? `${line.slice(0, 300)} ...` : line;
  const status = await new Promise<string>((done, fail) => {
    child.once("error", (cause) => fail(new Error(`Starting ${shown}`, { cause })));
    child.once("close", (code, signal) =>
      done(code === 0 ? "" : signal ? `was ended by ${signal}` : `ended with code ${code}`),
    );
  }).finally(() => {
    clearTimeout(timer);
    underWay.delete(child);
  });
  if (status) throw new Error(`${shown} ${status}${tail.trim() ? `:\n${tail.trim()}` : ""}`);
  return Buffer.concat(out).toString();
}
