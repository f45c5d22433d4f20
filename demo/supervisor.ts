/**
 * Starts the parts of the demo and stops all of them, in the reverse order, when one dies or the demo ends. Nothing is
 * restarted: a part that dies is a finding, not something to hide.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Part } from "./part.ts";
import type { PartSpec } from "./part.ts";

/** What needs what: each stage is stopped before those above it. */
const stages = ["stores", "control", "sidecars", "taps", "shop", "load"] as const;
export type Stage = (typeof stages)[number];

/** Where a part of the demo in `folder` writes what it says. */
export function logFile(folder: string, part: string): string {
  return join(folder, "logs", `${part}.log`);
}

export class Supervisor {
  /** Rejects when a part ends that nobody asked to. */
  readonly failure: Promise<never>;
  readonly logFolder: string;
  readonly #folder: string;
  #fail: (error: Error) => void = () => {};
  #stopping = false;
  readonly #parts: { readonly stage: Stage; readonly part: Part }[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    this.logFolder = join(folder, "logs");
    mkdirSync(this.logFolder, { recursive: true });
    this.failure = new Promise<never>((_, fail) => (this.#fail = fail));
    // Nobody may be listening yet; whoever is, is told all the same.
    this.failure.catch(() => {});
  }

  /** Starts parts side by side; resolves when all are ready. */
  async start(stage: Stage, ...specs: readonly PartSpec[]): Promise<void> {
    await Promise.all(specs.map((spec) => this.#startOne(stage, spec)));
  }

  async #startOne(stage: Stage, spec: PartSpec): Promise<void> {
    if (this.#stopping) throw new Error(`${spec.name} is not started, since the demo is stopping`);
    // By the folder in its environment all that belongs to a demo can be found, what a part starts as well.
    const env = { ...spec.env, SIDELIGHT_DEMO_FOLDER: this.#folder };
    const part = Part.start({ ...spec, env }, logFile(this.#folder, spec.name));
    this.#parts.push({ stage, part });
    void part.ended.then(async (how) => {
      if (!this.#stopping) this.#fail(new Error(await part.describe(how)));
    });
    await Promise.race([part.ready(), this.failure]);
  }

  /** Stops everything, the last stage first. Can be called again. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const stage of [...stages].reverse()) {
      const parts = this.#parts.filter((entry) => entry.stage === stage);
      await Promise.all(parts.map(({ part }) => part.stop()));
    }
  }

  /** Kills everything without waiting. */
  kill(): void {
    this.#stopping = true;
    for (const { part } of this.#parts) part.kill();
  }
}
