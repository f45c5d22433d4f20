/**
 * A capture that goes on: what tcpdump sees goes into the module, batches come out. A tcpdump that ends is started anew;
 * the module goes on with the connections that it knows.
 */
import { Batch, LossKind } from "#proto/ingest.ts";
import { Backoff } from "../client/backoff.ts";
import { TapModule } from "./module.ts";
import { CannotCaptureError, Tcpdump } from "./tcpdump.ts";
import type { CaptureOptions, TcpdumpProgram } from "./tcpdump.ts";

/** What tcpdump saw comes within a second (it waits so long for a block to fill), and then through a pipe. */
const LAG_MS = 1_200;
/** A tcpdump that ran for so long was well. */
const WELL_MS = 10_000;

export interface LiveOptions {
  readonly program: TcpdumpProgram;
  readonly capture: CaptureOptions;
  readonly module: WebAssembly.Module;
  readonly onBatch: (batch: Batch) => void;
  /** Says something to whoever looks after the tap. */
  readonly say: (text: string) => void;
}

export class LiveCapture {
  readonly #options: LiveOptions;
  readonly #tap: TapModule;
  readonly #backoff = new Backoff();
  readonly #stopping = new AbortController();
  #tcpdump: Tcpdump | undefined;
  /** Drops of the tcpdump that runs which stand in a batch. */
  #toldDrops = 0;
  #drops = 0;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#tap = new TapModule(options.module, (batch) => this.#deliver(batch));
  }

  /** The module: what settings mean for it. */
  get tap(): TapModule {
    return this.#tap;
  }

  /** Whether packets come, as far as there are any. */
  get isCapturing(): boolean {
    return this.#tcpdump?.isListening ?? false;
  }

  /** Captures until `stop`. Throws where it cannot at all. */
  async run(): Promise<void> {
    const { say } = this.#options;
    for (let isFirst = true; !this.#stopping.signal.aborted; isFirst = false) {
      const startedMs = performance.now();
      const ending = await this.#captureOnce(isFirst);
      if (this.#stopping.signal.aborted) break;
      say(`tcpdump ended (${ending}) and is started anew; what passes meanwhile is not seen`);
      if (performance.now() - startedMs > WELL_MS) this.#backoff.succeeded();
      await this.#backoff.wait(this.#stopping.signal);
    }
    this.#takeDrops();
    this.#tap.stop();
    this.#tellDrops();
  }

  /** To be called once an interval: windows end where no packets come, too, and drops are asked for. */
  tick(): void {
    this.#takeDrops();
    this.#tcpdump?.askForDrops();
    this.#tap.advance(Date.now() - LAG_MS);
    this.#tellDrops();
  }

  /** Ends `run` once what is captured already is counted. */
  stop(): void {
    this.#stopping.abort();
    const tcpdump = this.#tcpdump;
    // What waits in the kernel for its block to fill would go with tcpdump.
    setTimeout(() => tcpdump?.stop(), LAG_MS);
  }

  /** @returns why tcpdump ended */
  async #captureOnce(isFirst: boolean): Promise<string> {
    const { program, capture, say } = this.#options;
    try {
      const tcpdump = new Tcpdump(program, capture, () => say(`captures on ${capture.interfaces.join(", ")}`));
      this.#tcpdump = tcpdump;
      this.#toldDrops = 0;
      this.#tap.startCapture();
      tcpdump.output.on("data", (bytes: Buffer) => this.#tap.take(bytes));
      const ending = await tcpdump.ended();
      this.#takeDrops();
      return ending;
    } catch (error) {
      // An interface may come back; only what never worked is a mistake.
      if (isFirst || !(error instanceof CannotCaptureError)) throw error;
      return error.message;
    } finally {
      this.#tcpdump = undefined;
    }
  }

  #takeDrops(): void {
    const drops = this.#tcpdump?.drops ?? 0;
    this.#drops += Math.max(0, drops - this.#toldDrops);
    this.#toldDrops = Math.max(drops, this.#toldDrops);
  }

  #deliver(batch: Batch): void {
    const drops = this.#drops;
    this.#drops = 0;
    const losses =
      drops > 0 ? [...batch.losses, { kind: LossKind.LOSS_KIND_KERNEL_DROPS, count: drops }] : batch.losses;
    this.#options.onBatch({ ...batch, losses });
  }

  /** Drops that no batch took along have one of their own. */
  #tellDrops(): void {
    if (this.#drops === 0) return;
    const nowMs = Date.now() - 1_000;
    this.#deliver(
      Batch.fromPartial({
        startSeconds: Math.floor(nowMs / 1000),
        startMillis: nowMs % 1000,
        durationMillis: 1_000,
        strings: [""],
      }),
    );
  }
}
