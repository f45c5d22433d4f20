/** A steady load from one workload of a mesh to another, each request of which has to be answered. */
import { setTimeout as sleep } from "node:timers/promises";
import type { MeshPod } from "./mesh.ts";

const PAUSE_MS = 10;

export class MeshLoad {
  sent = 0;
  /** Statuses other than 200, 0 for no answer. */
  readonly failed: number[] = [];
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  /** Begins at once. */
  constructor(from: MeshPod, to: MeshPod) {
    this.#running = this.#run(from, to);
  }

  async #run(from: MeshPod, to: MeshPod): Promise<void> {
    for (let index = 0; !this.#stopping.signal.aborted; index += 1) {
      // Some take so long that what they began under is replaced meanwhile.
      const status = await from.ask(to, "/steady", { "x-delay": index % 20 === 0 ? "300" : "0" });
      if (status === 200) this.sent += 1;
      else this.failed.push(status);
      await sleep(PAUSE_MS);
    }
  }

  /** Ends when the last request was answered. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }
}
