import { status } from "@grpc/grpc-js";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import { Batch, LossKind } from "#proto/ingest.ts";
import type { Hello, ReportResponse, Tap } from "#proto/ingest.ts";
import type { CoveredSource } from "./covered.ts";
import { decodeBatch } from "./decode.ts";
import type { DecodedBatch } from "./decode.ts";
import { encodeReceived } from "./envelope.ts";
import type { Frame } from "./frame.ts";
import type { Inbox } from "./inbox.ts";
import { HELLO_TIMEOUT_MS, MAX_UNACKED_BATCHES } from "./limits.ts";
import type { IngestMetrics } from "./metrics.ts";
import { homeOf } from "./predecessors.ts";
import type { Predecessors } from "./predecessors.ts";
import type { Reporters } from "./reporters.ts";
import { withSenderAddress } from "./sender-address.ts";
import { SettingsTeller } from "./settings.ts";
import type { SettingsSource } from "./settings.ts";
import type { TapStream, Taps } from "./taps.ts";
import { problemOfHello } from "./validate.ts";

/** What a stream needs from the rest of control. */
export interface IngestDeps {
  readonly inbox: Inbox;
  readonly reporters: Reporters;
  readonly metrics: IngestMetrics;
  readonly taps: Taps;
  /** Told of what an operator should know: quarantined batches, refused streams. */
  readonly warn: (message: string, details: Record<string, unknown>) => void;
  readonly settings: SettingsSource;
  /** Where it is left out, taps are not told what they need not capture. */
  readonly covered?: CoveredSource;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What a stream tells, and asks, of the others. */
export interface ReportStreamOwner {
  /** Told of the reporter before its first batch is taken in. */
  readonly onHello: (hello: Hello) => void;
  readonly predecessors: Predecessors;
}

type Call = ServerDuplexStream<Frame, ReportResponse>;

/**
 * One stream of one reporter: Hello, then batches; back go Settings, taps and cumulative acks, each only after what it
 * acknowledges is durable. Reading stops while too much waits for the disk, and a reporter that reads slowly holds back
 * nothing but its own next ack.
 */
export class ReportStream {
  readonly #call: Call;
  readonly #predecessors: Predecessors;
  readonly #deps: IngestDeps;
  readonly #onHello: (hello: Hello) => void;
  readonly #helloTimer: NodeJS.Timeout;
  #hello: Hello | undefined;
  #settings: SettingsTeller | undefined;
  #tapStream: TapStream | undefined;
  #leaveCovered: (() => void) | undefined;
  #unacked = 0;
  #ackIsDue = false;
  #isEnding = false;
  /** Nothing more can be said to the reporter. */
  #isClosed = false;
  /** Control ended the stream. */
  #isRefused = false;

  constructor(call: Call, deps: IngestDeps, { onHello, predecessors }: ReportStreamOwner) {
    this.#call = call;
    this.#deps = deps;
    this.#onHello = onHello;
    this.#predecessors = predecessors;
    this.#helloTimer = setTimeout(() => {
      this.#reject("no_hello", status.DEADLINE_EXCEEDED, `no Hello came within ${HELLO_TIMEOUT_MS / 1000} s`);
    }, HELLO_TIMEOUT_MS);
    call.on("data", (frame: Frame) => this.#onFrame(frame));
    call.on("end", () => this.#onEnd());
    for (const event of ["cancelled", "close", "error"]) call.on(event, () => this.#release());
  }

  /** Ends the stream with a status. What was taken in stays; the reporter sends again what was not acknowledged. */
  close(code: status, details: string): void {
    if (this.#isClosed) return;
    this.#isRefused = true;
    this.#release();
    this.#call.emit("error", { code, details });
  }

  #release(): void {
    this.#isClosed = true;
    clearTimeout(this.#helloTimer);
    this.#settings?.close();
    this.#leaveCovered?.();
    if (this.#tapStream) this.#deps.taps.left(this.#tapStream);
    this.#tapStream = undefined;
  }

  #reject(reason: string, code: status, details: string): void {
    if (this.#isClosed) return;
    this.#deps.metrics.rejected(reason);
    this.#deps.warn("Closed a reporter's stream", { reason, details, peer: this.#call.getPeer(), ...this.#who() });
    this.close(code, details);
  }

  #who(): Record<string, unknown> {
    return this.#hello ? { instance: this.#hello.instance, node: this.#hello.nodeId } : {};
  }

  /** What a reporter sent before it went is taken in too: it may be its last word. */
  #onFrame(frame: Frame): void {
    if (this.#isRefused) return;
    this.#takeMessage(frame);
    if (frame.farewell !== undefined && this.#hello && !this.#isRefused) {
      this.#awaitDurable(this.#deps.inbox.farewell(this.#hello.instance, frame.farewell));
    }
  }

  #takeMessage({ sentMs, message }: Frame): void {
    if (message.kind === "none") return;
    if (message.kind === "unreadable") {
      return this.#reject("unreadable", status.INVALID_ARGUMENT, `cannot read the message: ${message.why}`);
    }
    if (message.kind === "hello") return this.#takeHello(message.hello, sentMs);
    if (!this.#hello) {
      const what = message.kind === "batch" ? "a batch" : "live requests";
      const details = `${what} came before the Hello; send Hello first on every stream`;
      return this.#reject("no_hello", status.INVALID_ARGUMENT, details);
    }
    if (message.kind === "batch") return this.#takeBatch(this.#hello, message.bytes, sentMs);
    this.#takeTapped(this.#hello, message.bytes, sentMs);
  }

  #takeHello(said: Hello, sentMs: number): void {
    const problem = this.#hello ? "a second Hello; one stream is one reporter's" : problemOfHello(said);
    if (problem) return this.#reject("bad_hello", status.INVALID_ARGUMENT, problem);
    const hello = withSenderAddress(said, this.#call.getPeer());
    if (!this.#deps.inbox.mayBe(hello.instance, homeOf(hello))) {
      return this.#reject("foreign_instance", status.PERMISSION_DENIED, "this instance belongs to another process");
    }
    clearTimeout(this.#helloTimer);
    this.#hello = hello;
    this.#deps.reporters.greet(hello, sentMs, this.#deps.now());
    this.#deps.inbox.greet(hello.instance);
    this.#onHello(hello);
    if (this.#isClosed) return;
    this.#settings = new SettingsTeller(this.#call, this.#deps.settings, hello);
    this.#leaveCovered = this.#deps.covered?.joined(hello, (addresses) => {
      if (!this.#isClosed) this.#call.write({ message: { $case: "covered", value: { addresses: [...addresses] } } });
    });
    // Spares a reporter whose acks were lost with its last stream from sending all of it again.
    if (this.#deps.inbox.highWaterMark(hello.instance) > 0) this.#ackSoon();
    this.#tapStream = { hello, tell: (tap) => this.#tell(tap) };
    this.#deps.taps.joined(this.#tapStream);
  }

  /** False where the reporter reads too slowly to be told anything now. */
  #tell(tap: Tap): boolean {
    if (this.#isClosed || this.#call.writableNeedDrain) return false;
    this.#call.write({ message: { $case: "tap", value: tap } });
    return true;
  }

  /** Live requests count nothing, so they go past the inbox and are not acknowledged. */
  #takeTapped(hello: Hello, bytes: Uint8Array, sentMs: number): void {
    const receivedMs = this.#deps.now();
    const clockOffsetMs = this.#deps.reporters.heard(hello.instance, { sentMs, receivedMs });
    if (this.#tapStream) this.#deps.taps.take(this.#tapStream, { bytes, receivedMs, clockOffsetMs });
  }

  #takeBatch(hello: Hello, bytes: Uint8Array, sentMs: number): void {
    const { inbox, metrics, reporters, settings, warn } = this.#deps;
    const decoded = decodeBatch(bytes, { areKept: settings.areExemplarsKept }, hello.kind);
    if (decoded.kind === "unknown") {
      return this.#reject("unreadable", status.INVALID_ARGUMENT, `cannot read the batch: ${decoded.problem}`);
    }
    const isGood = decoded.kind === "good";
    const batch = isGood ? decoded.batch : decoded.standIn;
    const receivedMs = this.#deps.now();
    const clockOffsetMs = reporters.received(hello.instance, batch, { sentMs, receivedMs });
    const home = homeOf(hello);
    const { vanished, settled } = this.#predecessors.of(home, receivedMs);
    const received = { hello, receivedMs, sentMs, clockOffsetMs, batch: keptOf(decoded, vanished) };
    const result = inbox.append({
      instance: hello.instance,
      sequence: batch.sequence,
      receivedMs,
      value: encodeReceived(received),
      received,
      home,
      settles: settled,
      ...(isGood ? {} : { quarantined: bytes }),
    });
    if (result.kind === "full") {
      metrics.batch("refused", bytes.length);
      return this.#reject("inbox_full", status.RESOURCE_EXHAUSTED, "the inbox is full; keep the batch and come again");
    }
    if (result.kind === "accepted") {
      metrics.missing(result.missing);
      metrics.vanished(vanished);
    }
    metrics.batch(result.kind === "duplicate" ? "duplicate" : isGood ? "accepted" : "quarantined", bytes.length);
    if (!isGood && result.kind === "accepted") {
      metrics.quarantined(decoded.fault);
      warn("Put a batch aside that cannot be counted", {
        problem: decoded.problem,
        sequence: batch.sequence,
        ...this.#who(),
      });
    }
    this.#awaitDurable(result.durable);
  }

  #awaitDurable(durable: Promise<void>): void {
    this.#unacked += 1;
    if (this.#unacked >= MAX_UNACKED_BATCHES) this.#call.pause();
    durable.then(
      () => {
        this.#unacked -= 1;
        if (this.#unacked < MAX_UNACKED_BATCHES && this.#call.isPaused()) this.#call.resume();
        this.#ackSoon();
      },
      (error: Error) => this.#reject("disk", status.UNAVAILABLE, error.message),
    );
  }

  /** One ack for all that became durable in this turn of the event loop, and none while the last is not yet sent. */
  #ackSoon(): void {
    if (this.#ackIsDue || this.#isClosed) return;
    this.#ackIsDue = true;
    if (this.#call.writableNeedDrain) this.#call.once("drain", () => this.#ackNow());
    else setImmediate(() => this.#ackNow());
  }

  #ackNow(): void {
    this.#ackIsDue = false;
    if (this.#isClosed || !this.#hello) return;
    const sequence = this.#deps.inbox.highWaterMark(this.#hello.instance);
    this.#call.write({ message: { $case: "ack", value: { sequence } } });
    if (this.#isEnding && this.#unacked === 0) this.#finish();
  }

  #onEnd(): void {
    this.#isEnding = true;
    if (this.#unacked === 0 && !this.#ackIsDue) this.#finish();
  }

  #finish(): void {
    if (this.#isClosed) return;
    this.#release();
    this.#call.end();
  }
}

/**
 * What of a batch is kept: itself, or what stands in for it. It says as well how many reporters vanished: what follows a repeated
 * field is added to it.
 */
function keptOf(decoded: Exclude<DecodedBatch, { kind: "unknown" }>, vanished: number): Uint8Array {
  const bytes = decoded.kind === "good" ? decoded.bytes : Batch.encode(decoded.standIn).finish();
  if (vanished === 0) return bytes;
  const loss = { kind: LossKind.LOSS_KIND_REPORTER_VANISHED, count: vanished };
  return Buffer.concat([bytes, Batch.encode({ ...NO_BATCH, losses: [loss] }).finish()]);
}

const NO_BATCH: Batch = {
  sequence: 0,
  startSeconds: 0,
  startMillis: 0,
  durationMillis: 0,
  strings: [],
  peers: [],
  counters: [],
  losses: [],
  exemplars: [],
};
