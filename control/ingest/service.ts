import { status } from "@grpc/grpc-js";
import type { Server, ServerDuplexStream, UntypedHandleCall } from "@grpc/grpc-js";
import { IngestService } from "#proto/ingest.ts";
import type { Hello, ReportResponse } from "#proto/ingest.ts";
import { readFrame } from "./frame.ts";
import type { Frame } from "./frame.ts";
import { MAX_STREAMS } from "./limits.ts";
import { Predecessors } from "./predecessors.ts";
import { ReportStream } from "./report-stream.ts";
import type { IngestDeps } from "./report-stream.ts";

export type { IngestDeps } from "./report-stream.ts";

/** The running service. */
export interface Ingest {
  /** Ends every stream and every tap; reporters keep what is not acknowledged and come again. New ones are refused. */
  close(): void;
}

/** The generated service with one change: requests are read by frame.ts, which never throws and keeps batches raw. */
const service = { ...IngestService, report: { ...IngestService.report, requestDeserialize: readFrame } };

/** Adds `sidelight.v1.Ingest` to a gRPC server, which should be made with INGEST_SERVER_OPTIONS. */
export function addIngestService(server: Server, deps: IngestDeps, maxStreams = MAX_STREAMS): Ingest {
  const open = new Set<ReportStream>();
  const byInstance = new Map<string, ReportStream>();
  let isClosed = false;
  const predecessors = new Predecessors({
    instancesOf: (node) => deps.inbox.instancesOf(node),
    isConnected: (instance) => byInstance.has(instance),
    sinceMs: deps.now(),
  });

  const report = (call: ServerDuplexStream<Frame, ReportResponse>): void => {
    if (isClosed || open.size >= maxStreams) {
      deps.metrics.rejected(isClosed ? "shutdown" : "too_many_streams");
      const code = isClosed ? status.UNAVAILABLE : status.RESOURCE_EXHAUSTED;
      call.emit("error", {
        code,
        details: isClosed ? "control is stopping" : `${maxStreams} streams are open already`,
      });
      return;
    }
    let instance = "";
    const onHello = (hello: Hello): void => {
      instance = hello.instance;
      // It was sent before the stream ended, and is read after.
      if (!open.has(stream)) return;
      // The connection of the older one is most likely dead, and the reporter knows it before control does.
      byInstance.get(instance)?.close(status.ABORTED, "a newer stream of this reporter took over");
      byInstance.set(instance, stream);
    };
    const stream = new ReportStream(call, deps, { onHello, predecessors });
    open.add(stream);
    deps.metrics.streams(open.size);
    call.once("close", () => {
      open.delete(stream);
      if (byInstance.get(instance) === stream) byInstance.delete(instance);
      deps.metrics.streams(open.size);
    });
  };

  server.addService(service, { report: report as UntypedHandleCall });
  return {
    close() {
      isClosed = true;
      deps.taps.stop();
      for (const stream of open) stream.close(status.UNAVAILABLE, "control is stopping");
    },
  };
}
