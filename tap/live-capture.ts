/**
 * A capture that goes on: what tcpdump sees goes into the module, batches come out. A tcpdump that ends is started anew;
 * the module goes on with the connections that it knows.
 */
import { Batch, LossKind } from "#proto/ingest.ts";
import { Backoff } from "../client/backoff.ts";
import { CaptureRun, LAG_MS } from "./capture-run.ts";
import { linkTypeName } from "./link-types.ts";
import { TapModule } from "./module.ts";
import { CannotCaptureError } from "./tcpdump.ts";
import type { CaptureOptions, TcpdumpProgram } from "./tcpdump.ts";

/** A tcpdump that ran for so long was well. */
const WELL_MS = 10_000;
/** Two changes of the filter are not closer than this: each has two captures side by side for more than a second. */
const BETWEEN_FILTERS_MS = 10_000;

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
  #current: CaptureRun | undefined;
  /** What follows it, when it has given way. */
  #next: CaptureRun | undefined;
  /** The filter that is wanted, and the last one that worked. */
  #filter: string;
  #working: string;
  #isGivingWay = false;
  #changedMs = -BETWEEN_FILTERS_MS;
  /** Drops of the tcpdump that runs which stand in a batch. */
  #toldDrops = 0;
  /** Link layers that are not known and of which a word was said. */
  readonly #toldLinks = new Set<number>();
  #drops = 0;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#filter = this.#working = options.capture.filter;
    this.#tap = new TapModule(options.module, (batch) => this.#deliver(batch));
  }

  /** The module: what settings mean for it. */
  get tap(): TapModule {
    return this.#tap;
  }

  /** Whether packets come, as far as there are any. */
  get isCapturing(): boolean {
    return this.#current !== undefined;
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
    this.#current?.askForDrops();
    this.#tap.advance(Date.now() - LAG_MS);
    this.#tellDrops();
    this.#tellStrangeLinks();
    void this.#followFilter();
  }

  /** Captures through another filter from one of the next ticks on. On the way no packet is lost, and none is read twice. */
  narrow(filter: string): void {
    this.#filter = filter;
  }

  /** Ends `run` once what is captured already is counted. */
  stop(): void {
    this.#stopping.abort();
    // What waits in the kernel for its block to fill would go with tcpdump.
    setTimeout(() => {
      this.#current?.stop();
      this.#next?.stop();
    }, LAG_MS);
  }

  /** @returns why the last tcpdump ended */
  async #captureOnce(isFirst: boolean): Promise<string> {
    const { capture, say } = this.#options;
    try {
      let run: CaptureRun | undefined = this.#start(this.#working);
      await run.listens();
      say(`captures on ${capture.interfaces.join(", ")}`);
      if (this.#stopping.signal.aborted) setTimeout(() => this.#current?.stop(), LAG_MS);
      let ending = "";
      for (; run; run = this.#takeNext()) {
        this.#current = run;
        this.#toldDrops = 0;
        this.#tap.startCapture();
        run.begin((bytes) => this.#tap.take(bytes));
        ending = await run.ended();
        this.#takeDrops();
      }
      return ending;
    } catch (error) {
      // An interface may come back; only what never worked is a mistake.
      if (isFirst || !(error instanceof CannotCaptureError)) throw error;
      return error.message;
    } finally {
      this.#current = undefined;
    }
  }

  #start(filter: string): CaptureRun {
    const { program, capture } = this.#options;
    return new CaptureRun(program, { ...capture, filter });
  }

  #takeNext(): CaptureRun | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next;
  }

  /** Has a capture with the filter that is wanted follow the one that runs. */
  async #followFilter(): Promise<void> {
    const [current, filter] = [this.#current, this.#filter];
    const isDue = performance.now() - this.#changedMs >= BETWEEN_FILTERS_MS;
    if (!current || current.filter === filter || this.#isGivingWay || !isDue || this.#stopping.signal.aborted) return;
    this.#isGivingWay = true;
    try {
      const next = this.#start(filter);
      await next.listens();
      if (this.#current === current && !this.#stopping.signal.aborted) {
        this.#next = next;
        this.#working = filter;
        await current.giveWayTo(next);
      } else next.stop();
    } catch (error) {
      this.#options.say(`the filter stays as it is: ${(error as Error).message}`);
      this.#filter = current.filter;
    } finally {
      this.#changedMs = performance.now();
      this.#isGivingWay = false;
    }
  }

  #tellStrangeLinks(): void {
    for (const type of this.#tap.strangeLinks.keys()) {
      if (this.#toldLinks.has(type)) continue;
      this.#toldLinks.add(type);
      this.#options.say(`packets of the link layer ${linkTypeName(type)} are not read: it is not known`);
    }
  }

  #takeDrops(): void {
    const drops = this.#current?.drops ?? 0;
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
