/**
 * A stand-in for control's ingest on a real gRPC server, which can be slow, silent, or talk nonsense, and go away and
 * come back on the same port. Like control it keeps a batch by (instance, sequence), so that what comes twice counts
 * once.
 */
import { Server, ServerCredentials, type ServerDuplexStream, type ServiceDefinition } from "@grpc/grpc-js";
import {
  type Batch,
  type Hello,
  IngestService,
  type ReportRequest,
  ReportResponse,
  type Tapped,
} from "#proto/ingest.ts";

import { countsOf, sumUp } from "./sidecar.ts";

type Call = ServerDuplexStream<ReportRequest, ReportResponse | Buffer>;

/** What it answers a batch with. */
export type Manner = "acknowledges" | "silent" | "garbage" | "hangs up";

const service = {
  report: {
    ...IngestService.report,
    // Bytes that are no ReportResponse pass as they are.
    responseSerialize: (value: ReportResponse | Buffer) =>
      Buffer.isBuffer(value) ? value : Buffer.from(ReportResponse.encode(value).finish()),
  },
} satisfies ServiceDefinition;

export class Receiver {
  port = 0;
  manner: Manner = "acknowledges";
  /** Milliseconds before an answer. */
  delayMs = 0;
  readonly hellos: Hello[] = [];
  readonly tapped: Tapped[] = [];
  private readonly calls = new Set<Call>();
  private readonly batches = new Map<string, Batch>();
  private server: Server | undefined;

  /** Listens, on the port it had before if it had one. */
  async start(): Promise<this> {
    const server = new Server();
    server.addService(service, { report: (call: Call) => this.serve(call) });
    this.port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${this.port}`, ServerCredentials.createInsecure(), (error, port) => {
        if (error) reject(error);
        else resolve(port);
      });
    });
    this.server = server;
    return this;
  }

  /** Goes away as a process that is killed does: connections break, nothing is answered. */
  kill(): void {
    this.server?.forceShutdown();
    this.server = undefined;
  }

  /** Says something to every reporter that has a stream open. */
  say(response: ReportResponse): void {
    for (const call of this.calls) call.write(response);
  }

  get counts(): Record<string, number> {
    return countsOf(sumUp(this.batches.values()));
  }

  get sums() {
    return sumUp(this.batches.values());
  }

  get all(): readonly Batch[] {
    return [...this.batches.values()];
  }

  private serve(call: Call): void {
    let instance = "";
    this.calls.add(call);
    call.on("close", () => this.calls.delete(call));
    call.on("data", ({ message }: ReportRequest) => {
      if (message?.$case === "hello") {
        this.hellos.push(message.value);
        instance = message.value.instance;
      } else if (message?.$case === "tapped") {
        this.tapped.push(message.value);
      } else if (message?.$case === "batch") {
        if (this.delayMs > 0) setTimeout(() => this.take(call, instance, message.value), this.delayMs);
        else this.take(call, instance, message.value);
      }
    });
    call.on("end", () => call.end());
    call.on("error", () => {});
  }

  private take(call: Call, instance: string, batch: Batch): void {
    if (this.manner === "garbage") call.write(Buffer.from("\xff\x07not protobuf \x0a\xff", "latin1"));
    else if (this.manner === "hangs up") call.emit("error", { code: 13, details: "as told" });
    else if (this.manner === "acknowledges") {
      this.batches.set(`${instance} ${batch.sequence}`, batch);
      call.write({ message: { $case: "ack", value: { sequence: batch.sequence } } });
    }
  }
}
