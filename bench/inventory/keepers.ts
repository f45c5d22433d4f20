import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Kept, Listed } from "./keeper-process.ts";

export type Way = "sidelight" | "informer";

/** A process that keeps what there is of a cluster. */
export class KeeperProcess {
  readonly listed: Listed;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, listed: Listed) {
    this.#child = child;
    this.listed = listed;
  }

  static async start(way: Way, kubeconfig: string): Promise<KeeperProcess> {
    const file = fileURLToPath(new URL("./keeper-process.ts", import.meta.url));
    const child = fork(file, [way, kubeconfig], { execArgv: ["--import", "tsx", "--expose-gc"] });
    return new KeeperProcess(child, await heard<Listed>(child));
  }

  async ask(): Promise<Kept> {
    const answer = heard<Kept>(this.#child);
    this.#child.send("ask");
    return await answer;
  }

  async end(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }
}

async function heard<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`A keeper ended with ${code}`);
  });
  ended.catch(() => undefined);
  const [message] = (await Promise.race([once(child, "message"), ended])) as [T];
  return message;
}
