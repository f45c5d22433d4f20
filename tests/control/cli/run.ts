import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

/** The `sidelight` command, for Node. */
export const command = fileURLToPath(new URL("../../../control/cli/sidelight.mjs", import.meta.url));

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Record<string, string>;
  /** Called with all output so far, and how to stop or type. */
  readonly onOutput?: (
    text: string,
    child: { kill: (signal: NodeJS.Signals) => void; type: (keys: string) => void },
  ) => void;
}

/** Runs a program to its end, from a folder that has nothing to do with the project. */
export function run(
  program: string,
  args: readonly string[],
  { env = {}, onOutput }: RunOptions = {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: tmpdir(), env: { ...process.env, NO_COLOR: "1", ...env } });
    let [stdout, stderr] = ["", ""];
    const handle = {
      kill: (signal: NodeJS.Signals) => void child.kill(signal),
      type: (keys: string) => void child.stdin.write(keys),
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      onOutput?.(stdout, handle);
    });
    // Typed into a program that has just ended: what matters is how it ended.
    child.stdin.on("error", () => {});
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
