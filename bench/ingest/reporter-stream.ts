/**
 * A reporter's stream over a connection of its own, straight on HTTP/2: a gRPC client would take the machine's
 * processors for itself. Sends as the filter does, and notes when what it sent was acknowledged.
 */
import { randomBytes } from "node:crypto";
import { connect } from "node:http2";
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";

import { Batch, IngestService, ReportRequest, ReportResponse } from "#proto/ingest.ts";
import { helloOf } from "../../tests/control/reporter-client.ts";
import { batchTail, rowsOf, workloadOf } from "./cluster.ts";

/** Bytes before each message of a gRPC stream: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;
const NO_ROWS = { strings: [], peers: [], counters: [], losses: [], exemplars: [] };

export interface StreamEvents {
  /** A batch became durable so many milliseconds after it was sent. */
  acked(delayMs: number): void;
  /** The stream is over; reporters of the benchmark never come back. */
  ended(why: string): void;
}

export class ReporterStream {
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  readonly #events: StreamEvents;
  readonly #reporter: number;
  /** By rows, what does not differ between its batches. */
  readonly #tails = new Map<number, Buffer>();
  /** When each batch that is not acknowledged was sent, oldest first. */
  readonly #sentAt: number[] = [];
  #sequence = 0;
  #acked = 0;
  #received: Buffer = Buffer.alloc(0);
  #isClosed = false;
  /** Resolves when control has answered the Hello, or the stream is over. */
  readonly greeted: Promise<unknown>;

  constructor(target: string, reporter: number, events: StreamEvents) {
    this.#reporter = reporter;
    this.#events = events;
    this.#session = connect(`http://${target}`);
    this.#session.on("error", (error: Error) => this.#end(error.message));
    this.#stream = this.#session.request({
      ...{ ":method": "POST", ":path": IngestService.report.path },
      ...{ "content-type": "application/grpc", te: "trailers" },
    });
    this.#stream.on("data", (bytes: Buffer) => this.#take(bytes));
    this.#stream.on("trailers", (trailers: IncomingHttpHeaders) =>
      this.#end(`grpc-status ${String(trailers["grpc-status"])}`),
    );
    this.#stream.on("error", (error: Error) => this.#end(error.message));
    this.#stream.on("close", () => this.#end("closed"));
    this.greeted = new Promise((resolve) => {
      for (const event of ["data", "close"]) this.#stream.once(event, resolve);
    });
    const hello = helloOf({
      ...{ instance: randomBytes(16).toString("hex"), process: randomBytes(16).toString("hex") },
      ...{ nodeId: `sidecar~10.3.${reporter >> 8}.${reporter & 255}~pod-${reporter}.bench~bench.svc.cluster.local` },
      ...{ namespace: "bench", workload: workloadOf(reporter), pod: `pod-${reporter}` },
    });
    this.#write(ReportRequest.encode({ ...clock(), message: { $case: "hello", value: hello }, farewell: undefined }));
  }

  /** Batches that are not acknowledged. */
  get unacked(): number {
    return this.#sentAt.length;
  }

  /** Sends the next window, of so many rows. */
  send(rows: number): void {
    let tail = this.#tails.get(rows);
    if (!tail) this.#tails.set(rows, (tail = batchTail(rowsOf(this.#reporter, rows))));
    const startMs = Date.now() - 1_000;
    const window = { startSeconds: Math.floor(startMs / 1000), startMillis: startMs % 1000, durationMillis: 1_000 };
    const head = Batch.encode({ ...NO_ROWS, sequence: ++this.#sequence, ...window }).finish();
    const request = ReportRequest.encode({ ...clock(), message: undefined, farewell: undefined });
    request.uint32((4 << 3) | 2).bytes(Buffer.concat([head, tail]));
    this.#sentAt.push(performance.now());
    this.#write(request);
  }

  close(): void {
    this.#isClosed = true;
    this.#session.destroy();
  }

  #write(message: { finish(): Uint8Array }): void {
    const bytes = message.finish();
    const framed = Buffer.allocUnsafe(PREFIX_BYTES + bytes.length);
    framed.writeUInt8(0, 0);
    framed.writeUInt32BE(bytes.length, 1);
    framed.set(bytes, PREFIX_BYTES);
    this.#stream.write(framed);
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length > 0 ? Buffer.concat([this.#received, bytes]) : bytes;
    while (this.#received.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + this.#received.readUInt32BE(1);
      if (this.#received.length < end) return;
      const { message } = ReportResponse.decode(this.#received.subarray(PREFIX_BYTES, end));
      this.#received = this.#received.subarray(end);
      if (message?.$case === "ack") this.#acknowledged(message.value.sequence);
    }
  }

  #acknowledged(sequence: number): void {
    const now = performance.now();
    for (; this.#acked < sequence; this.#acked++) this.#events.acked(now - (this.#sentAt.shift() ?? now));
  }

  #end(why: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#events.ended(why);
  }
}

function clock(): { sentSeconds: number; sentMillis: number } {
  const nowMs = Date.now();
  return { sentSeconds: Math.floor(nowMs / 1000), sentMillis: nowMs % 1000 };
}
