/**
 * Sidelight's receiver in a process of its own: the ingest as control runs it, with its checks and its durable inbox on
 * disk, and behind it a reader that empties the inbox into the same aggregate that the access log's receiver keeps.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Server, ServerCredentials } from "@grpc/grpc-js";
import { Registry } from "prom-client";

import { Batch, Side, Switch } from "#proto/ingest.ts";
import { decodeReceived } from "../../control/ingest/envelope.ts";
import { INGEST_SERVER_OPTIONS } from "../../control/ingest/frame.ts";
import { Inbox } from "../../control/ingest/inbox.ts";
import { IngestMetrics } from "../../control/ingest/metrics.ts";
import { fixedSettings } from "../../tests/control/ingest/fixed-settings.ts";
import { Reporters } from "../../control/ingest/reporters.ts";
import { addIngestService } from "../../control/ingest/service.ts";
import { TapHub } from "../../control/ingest/tap-hub.ts";
import { Aggregate } from "./aggregate.ts";
import { answer, answerQuestions } from "./receiving.ts";

const folder = mkdtempSync(join(tmpdir(), "sidelight-bench-inbox-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const aggregate = new Aggregate();
const inbox = Inbox.open({ path: join(folder, "inbox"), maxBytes: 1 << 28 });
const server = new Server(INGEST_SERVER_OPTIONS);
const look = answerQuestions(aggregate, () => process.exit());

function add({ strings, peers, counters }: Batch): void {
  for (const { side, peer, method, route, outcome, status, count, buckets } of counters) {
    const { address = 0, principal = 0, cluster = 0 } = peers[peer] ?? {};
    const names = [address, side === Side.SIDE_INBOUND ? principal : cluster].flatMap((name) => strings[name] || []);
    const key = `${names.join(",")} ${strings[method]} ${strings[route]} ${outcome} ${status}`;
    aggregate.addCounter(aggregate.cell(key), count, buckets);
  }
}

let cursor = 0;
inbox.onAppended(() => {
  for (const entry of inbox.read(cursor, 1000)) {
    add(Batch.decode(decodeReceived(entry.value).batch));
    cursor = entry.cursor;
  }
  inbox.drop(cursor);
  look();
});

addIngestService(server, {
  inbox,
  reporters: new Reporters(),
  metrics: new IngestMetrics(new Registry()),
  taps: new TapHub({ workloadOf: () => "", name: () => [], onError: () => undefined }),
  settings: fixedSettings({
    ...{ intervalMillis: 1000, routes: [], maxEndpoints: 200, serviceRoutes: [] },
    exemplars: Switch.SWITCH_UNSPECIFIED,
  }),
  warn: (message, details) => process.stderr.write(`${message} ${JSON.stringify(details)}\n`),
  now: () => Date.now(),
});
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  answer({ is: "listening", port });
});
