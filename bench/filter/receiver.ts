/** The benchmark's end of a receiver's process. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import type { Figures } from "./aggregate.ts";
import type { Answer, Question } from "./receiving.ts";
import type { ReceiverName } from "./variants.ts";

/** The longest that a report may take to come in after its requests. Milliseconds. */
const ARRIVAL_LIMIT_MS = 10_000;

export class Receiver {
  readonly #child: ChildProcess;
  #expected = 0;

  private constructor(
    child: ChildProcess,
    readonly name: ReceiverName,
    readonly port: number,
  ) {
    this.#child = child;
  }

  static async start(name: ReceiverName): Promise<Receiver> {
    const path = fileURLToPath(new URL(`${name}-receiver.ts`, import.meta.url));
    const child = fork(path, [], { execArgv: ["--import", "tsx"] });
    const listening = await answerOf(child, "listening", name);
    return new Receiver(child, name, listening.port);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** So many requests more are on their way. */
  expect(requests: number): void {
    this.#expected += requests;
  }

  /** Waits until all that are expected have come in. Throws if they do not. */
  async arrived(): Promise<void> {
    const reached = answerOf(this.#child, "reached", this.name);
    this.#ask({ ask: "until", total: this.#expected });
    await reached;
  }

  async figures(): Promise<Figures> {
    const figures = answerOf(this.#child, "figures", this.name);
    this.#ask({ ask: "figures" });
    return (await figures).figures;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#ask({ ask: "stop" });
    await ended;
  }

  #ask(question: Question): void {
    this.#child.send(question);
  }
}

/** The next answer of a kind. Throws when it does not come or the process ends first. */
async function answerOf<K extends Answer["is"]>(
  child: ChildProcess,
  kind: K,
  name: ReceiverName,
): Promise<Extract<Answer, { is: K }>> {
  const limit = AbortSignal.timeout(ARRIVAL_LIMIT_MS);
  const ended = new AbortController();
  const onExit = (): void => ended.abort(new Error("it ended"));
  child.once("exit", onExit);
  try {
    for (;;) {
      const signal = AbortSignal.any([limit, ended.signal]);
      const [message] = (await once(child, "message", { signal })) as [Answer];
      if (message.is === kind) return message as Extract<Answer, { is: K }>;
    }
  } catch (cause) {
    throw new Error(`Waiting for ${name} to say "${kind}"`, { cause });
  } finally {
    child.off("exit", onExit);
  }
}
