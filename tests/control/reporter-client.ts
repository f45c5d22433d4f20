import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { credentials } from "@grpc/grpc-js";
import type { ClientDuplexStream } from "@grpc/grpc-js";
import { IngestClient, ReporterKind } from "#proto/ingest.ts";
import type { Batch, Hello, ReportRequest, ReportResponse, Settings } from "#proto/ingest.ts";

export interface ReporterOptions {
  /** Where control listens, "host:port". A function is asked again at each connection. */
  readonly target: string | (() => string);
  readonly hello?: Partial<Hello>;
  /** Milliseconds that the reporter's clock is ahead of this machine's. */
  readonly clockAheadMs?: number;
  /** Wait between two streams, milliseconds. */
  readonly backoffMs?: number;
}

/** A Hello with an instance of its own. */
export function helloOf(words: Partial<Hello> = {}): Hello {
  return {
    instance: randomBytes(16).toString("hex"),
    kind: ReporterKind.REPORTER_KIND_SIDECAR,
    nodeId: "sidecar~test",
    namespace: "",
    workload: "",
    pod: "",
    addresses: [],
    version: "0.0.0-test",
    process: "",
    ...words,
  };
}

/**
 * A reporter that speaks Ingest as the filter does: Hello, then batches in order; each is kept until it is acknowledged
 * and sent again, unchanged, on the next stream.
 */
export class ReporterClient {
  readonly hello: Hello;
  /** Streams opened, batches sent (again ones too), acks received. */
  readonly stats = { streams: 0, sent: 0, acks: 0 };
  /** The status that ended each stream. */
  readonly endings: { code: number; details: string }[] = [];
  settings: Settings | undefined;
  readonly #options: ReporterOptions;
  #unacked: Batch[] = [];
  #sequence = 0;
  #acked = 0;
  #stream: ClientDuplexStream<ReportRequest, ReportResponse> | undefined;
  #client: IngestClient | undefined;
  #isClosed = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.hello = helloOf(options.hello);
    this.#open();
  }

  /** The last sequence acknowledged. */
  get acked(): number {
    return this.#acked;
  }

  get pending(): number {
    return this.#unacked.length;
  }

  /** Gives the batch the next sequence and sends it, now or when there is a stream. @returns the sequence */
  send(batch: Batch): number {
    this.#sequence += 1;
    const numbered = { ...batch, sequence: this.#sequence };
    this.#unacked.push(numbered);
    this.#write({ $case: "batch", value: numbered });
    return this.#sequence;
  }

  /** Resolves when all that was sent is acknowledged; throws after `timeoutMs`. */
  async flushed(timeoutMs = 20_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (this.#unacked.length > 0) {
      if (performance.now() > deadline) {
        throw new Error(
          `${this.#unacked.length} batches are not acknowledged; endings ${JSON.stringify(this.endings)}`,
        );
      }
      await sleep(5);
    }
  }

  /** Cuts the stream, as a broken connection does; a new one follows. */
  cut(): void {
    this.#stream?.cancel();
  }

  close(): void {
    this.#isClosed = true;
    this.#stream?.cancel();
    this.#client?.close();
  }

  #open(): void {
    if (this.#isClosed) return;
    this.#client?.close();
    const { target } = this.#options;
    this.#client = new IngestClient(typeof target === "string" ? target : target(), credentials.createInsecure());
    const stream = this.#client.report();
    this.#stream = stream;
    this.stats.streams += 1;
    stream.on("data", (response: ReportResponse) => this.#take(response));
    // The status event says the same, and always comes.
    stream.on("error", () => undefined);
    stream.on("status", ({ code, details }: { code: number; details: string }) => {
      this.endings.push({ code, details });
      if (this.#stream === stream) this.#stream = undefined;
      setTimeout(() => this.#open(), this.#options.backoffMs ?? 20).unref();
    });
    this.#write({ $case: "hello", value: this.hello });
    for (const batch of this.#unacked) this.#write({ $case: "batch", value: batch });
  }

  #take({ message }: ReportResponse): void {
    if (message?.$case === "settings") this.settings = message.value;
    if (message?.$case !== "ack") return;
    this.stats.acks += 1;
    this.#acked = Math.max(this.#acked, message.value.sequence);
    this.#unacked = this.#unacked.filter((batch) => batch.sequence > this.#acked);
  }

  #write(message: NonNullable<ReportRequest["message"]>): void {
    if (!this.#stream) return;
    if (message.$case === "batch") this.stats.sent += 1;
    const nowMs = Date.now() + (this.#options.clockAheadMs ?? 0);
    this.#stream.write({
      sentSeconds: Math.floor(nowMs / 1000),
      sentMillis: nowMs % 1000,
      message,
      farewell: undefined,
    });
  }
}
