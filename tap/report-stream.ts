/**
 * Tells control what was counted, each batch exactly once: it is kept until control has it on disk, and sent again,
 * unchanged, on the next stream. The filter does the same in wasm-filter/envoy/delivery.ts.
 */
import { credentials } from "@grpc/grpc-js";
import type { ClientDuplexStream, StatusObject } from "@grpc/grpc-js";

import { IngestClient } from "#proto/ingest.ts";
import type { Batch, Hello, ReportRequest, ReportResponse, Settings } from "#proto/ingest.ts";
import { Backoff } from "../client/backoff.ts";
import type { BatchQueue } from "./batch-queue.ts";

/** Batches that may be under way without an acknowledgement. */
const MAX_IN_FLIGHT = 16;
/** Without any acknowledgement for so long, the stream is taken for dead. */
const ACK_TIMEOUT_MS = 10_000;
/**
 * Control answers a Hello at once. Who begins to connect as control's pod goes is led to that pod by the kernel for as long as it
 * tries, more than a minute; a connection that is begun anew is led to the pod that is there by then.
 */
const ANSWER_TIMEOUT_MS = 5_000;

export interface ReportOptions {
  /** Where control takes reports, "host:port". */
  readonly target: string;
  /** Asked whenever a stream opens. */
  readonly hello: () => Hello;
  readonly queue: BatchQueue;
  /** Control said how to report. */
  readonly onSettings: (settings: Settings) => void;
  /** Control said between which addresses nothing need be captured. */
  readonly onCovered: (addresses: readonly string[]) => void;
  /** Says something to whoever looks after the tap. */
  readonly say: (text: string) => void;
}

type Stream = ClientDuplexStream<ReportRequest, ReportResponse>;

export class ReportStream {
  readonly #options: ReportOptions;
  readonly #backoff = new Backoff();
  readonly #stopping = new AbortController();
  #stream: Stream | undefined;
  /** The last sequence sent on this stream. */
  #sentThrough = 0;
  #progressMs = 0;
  #isFarewellDue = false;
  #isFarewellSaid = false;
  /** Whether control was reached when it was last tried; undefined before it was. */
  #isReached: boolean | undefined;
  #running: Promise<void> | undefined;
  #isRenewing = false;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  /** Whether control was reached when it was last tried. */
  get isReached(): boolean {
    return this.#isReached ?? false;
  }

  /** Opens the stream, and another one whenever it ends. */
  start(): void {
    this.#running = this.#keepOpen();
  }

  /** Sends what waits, as far as the limit of batches under way allows. To be called when the queue has something new. */
  send(): void {
    const { queue } = this.#options;
    this.#checkProgress();
    while (this.#stream && this.#sentThrough < queue.last && this.#inFlight < MAX_IN_FLIGHT) {
      const sequence = this.#sentThrough + 1;
      const batch = queue.at(sequence);
      if (!batch) break;
      if (this.#inFlight === 0) this.#progressMs = performance.now();
      this.#sentThrough = sequence;
      this.#write({ $case: "batch", value: batch }, sequence === queue.last);
    }
    if (this.#stream && this.#isFarewellDue && !this.#isFarewellSaid && this.#sentThrough === queue.last) {
      this.#write(undefined, true);
    }
  }

  /** Has control hear the Hello anew, which is another one by now. */
  renew(): void {
    if (!this.#stream) return;
    this.#isRenewing = true;
    this.#stream.cancel();
  }

  /**
   * Sends what waits and a last word, and closes.
   *
   * @returns batches that control did not acknowledge within `timeoutMs`
   */
  async end(timeoutMs: number): Promise<number> {
    const { queue } = this.#options;
    const deadlineMs = performance.now() + timeoutMs;
    this.#isFarewellDue = true;
    this.send();
    while ((queue.size > 0 || !this.#isFarewellSaid) && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.#stopping.abort();
    this.#stream?.end();
    const patience = setTimeout(() => this.#stream?.cancel(), 1_000);
    await this.#running;
    clearTimeout(patience);
    return queue.size;
  }

  get #inFlight(): number {
    return this.#sentThrough - this.#options.queue.first + 1;
  }

  async #keepOpen(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const client = this.#connect();
      const why = await this.#open(client);
      client.close();
      if (this.#stopping.signal.aborted) return;
      if (this.#isRenewing) {
        this.#isRenewing = false;
        continue;
      }
      if (this.#isReached !== false) {
        this.#options.say(`control at ${this.#options.target} cannot be reached, so counts wait: ${why}`);
      }
      this.#isReached = false;
      await this.#backoff.wait(this.#stopping.signal);
    }
  }

  /** Each stream has a connection of its own. */
  #connect(): IngestClient {
    return new IngestClient(this.#options.target, credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
      // A connection that control's address no longer leads to is noticed by its silence.
      "grpc.keepalive_time_ms": 20_000,
      "grpc.keepalive_timeout_ms": ACK_TIMEOUT_MS,
      // The wait between two attempts is Backoff's; the channel is not to wait longer by itself.
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 1_000,
    });
  }

  /** Resolves with the reason when the stream is over. */
  #open(client: IngestClient): Promise<string> {
    const { hello, queue } = this.#options;
    const stream: Stream = client.report();
    this.#stream = stream;
    this.#sentThrough = queue.first - 1;
    this.#isFarewellSaid = false;
    this.#progressMs = performance.now();
    return new Promise((resolve) => {
      let isSilent = false;
      const patience = setTimeout(() => {
        isSilent = true;
        stream.cancel();
      }, ANSWER_TIMEOUT_MS);
      stream.on("data", (response: ReportResponse) => {
        clearTimeout(patience);
        this.#take(response);
      });
      // The status says the same, and always comes.
      stream.on("error", () => undefined);
      stream.on("status", (status: StatusObject) => {
        clearTimeout(patience);
        this.#stream = undefined;
        resolve(isSilent ? `no answer within ${ANSWER_TIMEOUT_MS / 1000} s` : status.details);
      });
      this.#write({ $case: "hello", value: hello() }, false);
      this.send();
    });
  }

  #take({ message }: ReportResponse): void {
    const { queue, say, target, onSettings, onCovered } = this.#options;
    this.#progressMs = performance.now();
    this.#backoff.succeeded();
    if (!this.#isReached) say(`reports to control at ${target}`);
    this.#isReached = true;
    if (message?.$case === "settings") onSettings(message.value);
    if (message?.$case === "covered") onCovered(message.value.addresses);
    if (message?.$case !== "ack" || message.value.sequence > queue.last) return;
    queue.dropThrough(message.value.sequence);
    this.#sentThrough = Math.max(this.#sentThrough, message.value.sequence);
    this.send();
  }

  #checkProgress(): void {
    if (this.#inFlight > 0 && performance.now() - this.#progressMs > ACK_TIMEOUT_MS) this.#stream?.cancel();
  }

  #write(
    message: { $case: "hello"; value: Hello } | { $case: "batch"; value: Batch } | undefined,
    isLast: boolean,
  ): void {
    const nowMs = Date.now();
    const isFarewell = isLast && this.#isFarewellDue;
    if (isFarewell) this.#isFarewellSaid = true;
    this.#stream?.write({
      sentSeconds: Math.floor(nowMs / 1000),
      sentMillis: nowMs % 1000,
      message,
      farewell: isFarewell ? { lastSequence: this.#options.queue.last } : undefined,
    });
  }
}
