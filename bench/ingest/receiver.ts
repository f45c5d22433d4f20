/**
 * Control's ingest in a process of its own: the gRPC service with its checks, and the durable inbox on disk, which lets
 * entries go as it does when the store has them. Behind it there is nothing.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Server, ServerCredentials } from "@grpc/grpc-js";
import { Registry } from "prom-client";

import { Switch } from "#proto/ingest.ts";
import { INGEST_SERVER_OPTIONS } from "../../control/ingest/frame.ts";
import { Inbox } from "../../control/ingest/inbox.ts";
import { IngestMetrics } from "../../control/ingest/metrics.ts";
import { Reporters } from "../../control/ingest/reporters.ts";
import { addIngestService } from "../../control/ingest/service.ts";
import { TapHub } from "../../control/ingest/tap-hub.ts";
import { fixedSettings } from "../../tests/control/ingest/fixed-settings.ts";
import { answerWith } from "./asking.ts";

export interface ReceiverState {
  /** "host:port". */
  readonly target: string;
  /** Entries that were made durable and not let go since the last question. */
  readonly entries: number;
  /** Bytes of all of them, and of what was written to disk for them by LMDB's own account. */
  readonly bytes: number;
}

/** Whether entries are let go from now on. */
export interface ReceiverQuestion {
  readonly keep: boolean;
}

const folder = mkdtempSync(join(tmpdir(), "sidelight-bench-ingest-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
process.on("SIGTERM", () => process.exit());

const inbox = Inbox.open({ path: join(folder, "inbox"), maxBytes: 1 << 30 });
const metrics = new IngestMetrics(new Registry());
const server = new Server(INGEST_SERVER_OPTIONS);
let isKeeping = false;

inbox.onAppended(() => {
  if (!isKeeping) inbox.drop(inbox.status().lastCursor);
});

addIngestService(server, {
  inbox,
  reporters: new Reporters(),
  metrics,
  taps: new TapHub({ workloadOf: () => "", name: () => [], onError: () => undefined }),
  settings: fixedSettings({
    ...{ intervalMillis: 1000, routes: [], maxEndpoints: 200, serviceRoutes: [] },
    exemplars: Switch.SWITCH_UNSPECIFIED,
  }),
  warn: (message, details) => process.stderr.write(`${message} ${JSON.stringify(details)}\n`),
  now: () => Date.now(),
});

const listening = new Promise<string>((resolve, reject) => {
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
    error ? reject(error) : resolve(`127.0.0.1:${port}`),
  );
});

answerWith<ReceiverQuestion, ReceiverState>(async ({ keep }) => {
  const { entries, bytes } = inbox.status();
  isKeeping = keep;
  inbox.drop(inbox.status().lastCursor);
  return { target: await listening, entries, bytes };
});
