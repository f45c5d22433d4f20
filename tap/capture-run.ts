/** One run of tcpdump, whose packets wait until it is their turn, and how one follows another without a packet lost or read twice. */
import { setTimeout as sleep } from "node:timers/promises";

import { PassedPackets, RecordGate } from "./record-gate.ts";
import { CannotCaptureError, Tcpdump } from "./tcpdump.ts";
import type { CaptureOptions, TcpdumpProgram } from "./tcpdump.ts";

/** What tcpdump saw comes within a second (it waits so long for a block to fill), and then through a pipe. */
export const LAG_MS = 1_200;
/** From when the second one captures to the cut between the two. */
const BEFORE_CUT_MS = 100;
/** One that is behind is asked so often whether it has come to the cut, and waited for so long. */
const BEHIND_STEP_MS = 200;
const MAX_BEHIND_MS = 10_000;
/** Packets that wait here; more wait in the pipe and in the kernel. */
const MAX_HELD_BYTES = 64 << 20;

export class CaptureRun {
  readonly filter: string;
  readonly #tcpdump: Tcpdump;
  readonly #gate = new RecordGate();
  readonly #listening: Promise<void>;
  readonly #ended: Promise<string>;
  /** Raw: what is passed of it depends on what the run before it passed. */
  readonly #held: Buffer[] = [];
  #heldBytes = 0;
  #heardMs = 0;
  #take: ((bytes: Buffer) => void) | undefined;

  constructor(program: TcpdumpProgram, options: CaptureOptions) {
    this.filter = options.filter;
    let listens = (): void => undefined;
    this.#listening = new Promise((resolve) => (listens = resolve));
    this.#tcpdump = new Tcpdump(program, options, () => listens());
    this.#tcpdump.output.on("data", (bytes: Buffer) => this.#pass(bytes));
    this.#ended = this.#tcpdump.ended();
    // Whoever asks is told.
    this.#ended.catch(() => undefined);
  }

  get drops(): number {
    return this.#tcpdump.drops;
  }

  askForDrops(): void {
    this.#tcpdump.askForDrops();
  }

  stop(): void {
    this.#tcpdump.stop();
  }

  /** Resolves when it captures. Throws where it will never do. */
  async listens(): Promise<void> {
    await Promise.race([
      this.#listening,
      this.#ended.then((words) => {
        throw new CannotCaptureError(words);
      }),
    ]);
  }

  /** Resolves with why it ended, when it has; throws where it will never capture. */
  ended(): Promise<string> {
    return this.#ended;
  }

  /** It is its turn: hands over what waits, and what comes from now on. */
  begin(take: (bytes: Buffer) => void): void {
    this.#take = take;
    for (const bytes of this.#held.splice(0)) this.#pass(bytes);
    this.#tcpdump.output.resume();
  }

  /** Ends when `next`, which captures already, has everything from a cut on. */
  async giveWayTo(next: CaptureRun): Promise<void> {
    const passed = new PassedPackets();
    const cutMicros = (Date.now() + BEFORE_CUT_MS) * 1_000;
    this.#gate.endAt(cutMicros, passed);
    next.#gate.beginAt(cutMicros, passed);
    await sleep(BEFORE_CUT_MS + LAG_MS);
    // On a busy machine what it saw before the cut may be on its way for longer. Silence, too, says that nothing is.
    for (let waitedMs = 0; this.#isBehind() && waitedMs < MAX_BEHIND_MS; waitedMs += BEHIND_STEP_MS) {
      await sleep(BEHIND_STEP_MS);
    }
    this.stop();
  }

  #isBehind(): boolean {
    return !this.#gate.hasEnded && performance.now() - this.#heardMs < LAG_MS;
  }

  #pass(bytes: Buffer): void {
    this.#heardMs = performance.now();
    if (!this.#take) return this.#hold(bytes);
    for (const part of this.#gate.pass(bytes)) this.#take(part);
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > MAX_HELD_BYTES) this.#tcpdump.output.pause();
  }
}
