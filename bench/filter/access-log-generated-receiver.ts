/** The receiver of Envoy's gRPC access log with a generated decoder, in a process of its own. Else it is the lean one. */
import { Server, ServerCredentials } from "@grpc/grpc-js";

import { AccessLogServiceService } from "../../proto/gen/bench/access_log.ts";
import type { AccessLogServiceServer, StreamAccessLogsMessage } from "../../proto/gen/bench/access_log.ts";
import { Aggregate } from "./aggregate.ts";
import { readDecoded } from "./generated-decoder.ts";
import { LogAggregator } from "./log-aggregator.ts";
import { answer, answerQuestions } from "./receiving.ts";

const aggregate = new Aggregate();
const aggregator = new LogAggregator(aggregate);
const server = new Server();
const look = answerQuestions(aggregate, () => process.exit());

const service: AccessLogServiceServer = {
  streamAccessLogs(call) {
    call.on("error", () => undefined);
    call.on("data", (message: StreamAccessLogsMessage) => {
      readDecoded(message, (entry) => aggregator.add(entry));
      look();
    });
  },
};

server.addService(AccessLogServiceService, service);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  answer({ is: "listening", port });
});
