import { credentials, makeGenericClientConstructor } from "@grpc/grpc-js";
import type { ClientDuplexStream, ServiceDefinition } from "@grpc/grpc-js";
import { IngestService, ReportRequest, ReportResponse } from "#proto/ingest.ts";

const NOTHING = { message: undefined, farewell: undefined };

interface Ended {
  code: number;
  details: string;
}

/** A stream that sends any bytes and keeps all that comes back. */
export class RawStream {
  readonly responses: ReportResponse[] = [];
  readonly ended: Promise<Ended>;
  readonly stream: ClientDuplexStream<Buffer, Buffer>;
  readonly #client: InstanceType<ReturnType<typeof makeGenericClientConstructor>>;

  constructor(target: string) {
    const bytes = (value: Buffer): Buffer => value;
    const { path } = IngestService.report;
    const method = {
      ...{ path, requestStream: true, responseStream: true },
      ...{ requestSerialize: bytes, requestDeserialize: bytes, responseSerialize: bytes, responseDeserialize: bytes },
    };
    const definition = { report: method } as unknown as ServiceDefinition;
    const Client = makeGenericClientConstructor(definition, "Ingest");
    this.#client = new Client(target, credentials.createInsecure());
    this.stream = (this.#client["report"] as () => ClientDuplexStream<Buffer, Buffer>).call(this.#client);
    this.stream.on("data", (response: Buffer) => this.responses.push(ReportResponse.decode(response)));
    this.stream.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      this.stream.on("status", ({ code, details }: Ended) => resolve({ code, details }));
    });
  }

  send(message: ReportRequest["message"], lastSequence?: number): void {
    const nowMs = Date.now();
    const farewell = lastSequence === undefined ? undefined : { lastSequence };
    const request = { sentSeconds: Math.floor(nowMs / 1000), sentMillis: nowMs % 1000, message, farewell };
    this.stream.write(Buffer.from(ReportRequest.encode(request).finish()));
  }

  /** Sends these bytes where a Batch should stand. */
  sendBatchBytes(bytes: Uint8Array): void {
    const tagged = ReportRequest.encode({ sentSeconds: 1, sentMillis: 0, ...NOTHING })
      .uint32(34)
      .bytes(bytes);
    this.stream.write(Buffer.from(tagged.finish()));
  }

  get acked(): number {
    return Math.max(0, ...this.responses.map(({ message }) => (message?.$case === "ack" ? message.value.sequence : 0)));
  }

  close(): void {
    this.stream.cancel();
    this.#client.close();
  }
}
