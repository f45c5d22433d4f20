/**
 * The lean receiver of Envoy's gRPC access log (AccessLogService v3), in a process of its own: it reads ten fields straight
 * from the bytes, makes no objects of the rest, and keeps sums in memory. Less work than others do, on purpose: what Sidelight
 * saves is not to come from a slow rival.
 */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { ServerReadableStream, UntypedHandleCall } from "@grpc/grpc-js";

import { Aggregate } from "./aggregate.ts";
import { readLogMessage } from "./decoder.ts";
import { LogAggregator } from "./log-aggregator.ts";
import { answer, answerQuestions } from "./receiving.ts";

const asItIs = (bytes: Buffer): Buffer => bytes;

/** https://github.com/envoyproxy/envoy/blob/main/api/envoy/service/accesslog/v3/als.proto; it is never answered. */
const service = {
  streamAccessLogs: {
    path: "/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs",
    ...{ requestStream: true, responseStream: false },
    ...{ requestSerialize: asItIs, requestDeserialize: asItIs, responseSerialize: asItIs, responseDeserialize: asItIs },
  },
};

const aggregate = new Aggregate();
const aggregator = new LogAggregator(aggregate);
const server = new Server();
const look = answerQuestions(aggregate, () => process.exit());

function streamAccessLogs(call: ServerReadableStream<Buffer, Buffer>): void {
  call.on("error", () => undefined);
  call.on("data", (message: Buffer) => {
    readLogMessage(message, (entry) => aggregator.add(entry));
    look();
  });
}

server.addService(service, { streamAccessLogs: streamAccessLogs as UntypedHandleCall });
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  answer({ is: "listening", port });
});
