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
  /** The last sequence that each instance named in a Farewell which no Hello took back. */
  readonly farewells = new Map<string, number>();
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

  /** The highest sequence of each instance. */
  get sequences(): Map<string, number> {
    const highest = new Map<string, number>();
    for (const key of this.batches.keys()) {
      const [instance = "", sequence] = key.split(" ");
      highest.set(instance, Math.max(highest.get(instance) ?? 0, Number(sequence)));
    }
    return highest;
  }

  private serve(call: Call): void {
    let instance = "";
    this.calls.add(call);
    call.on("close", () => this.calls.delete(call));
    call.on("data", ({ message, farewell }: ReportRequest) => {
      if (message?.$case === "hello") {
        this.hellos.push(message.value);
        instance = message.value.instance;
        this.farewells.delete(instance);
      } else if (message?.$case === "tapped") {
        this.tapped.push(message.value);
      } else if (message?.$case === "batch") {
        if (this.delayMs > 0) setTimeout(() => this.take(call, instance, message.value), this.delayMs);
        else this.take(call, instance, message.value);
      }
      // A stream that is opened for nothing but the last word has it beside its Hello.
      if (farewell) this.farewells.set(instance, farewell.lastSequence);
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
