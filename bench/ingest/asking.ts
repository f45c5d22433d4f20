/** Questions to a process of the benchmark, one at a time, each answered once. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export type Reply<A> = { readonly answer: A } | { readonly error: string };

export class Asked<Q, A> {
  readonly #child: ChildProcess;

  /** @param script file beside this one */
  constructor(script: string, env: NodeJS.ProcessEnv = {}) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    this.#child = fork(path, [], { execArgv: ["--import", "tsx"], env: { ...process.env, ...env } });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Throws when the process cannot do it, or ends. */
  async ask(question: Q): Promise<A> {
    const gone = new AbortController();
    const onExit = (): void => gone.abort(new Error("The process ended before it answered"));
    this.#child.once("exit", onExit);
    try {
      const answered = once(this.#child, "message", { signal: gone.signal });
      this.#child.send(question as object);
      const [reply] = (await answered) as [Reply<A>];
      if ("error" in reply) throw new Error(reply.error);
      return reply.answer;
    } finally {
      this.#child.off("exit", onExit);
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }
}

/** The other end: answers questions, and ends when nobody is there to ask any more. */
export function answerWith<Q, A>(answer: (question: Q) => Promise<A> | A): void {
  process.on("disconnect", () => process.exit());
  process.on("message", (question: Q) => {
    void Promise.resolve(question)
      .then(answer)
      .then(
        (found): Reply<A> => ({ answer: found }),
        (error: Error): Reply<A> => ({ error: error.message }),
      )
      .then((reply) => process.send?.(reply));
  });
}
