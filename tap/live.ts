/** `npm run tap -- --live`: captures, and tells control or sums up. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { ReporterKind } from "#proto/ingest.ts";
import type { Batch, Settings } from "#proto/ingest.ts";
import { projectRoot } from "../provision/project-root.ts";
import { BatchQueue } from "./batch-queue.ts";
import { DocumentSums } from "./document.ts";
import { serveHealth } from "./health.ts";
import { LiveCapture } from "./live-capture.ts";
import { compileTap } from "./module.ts";
import { narrowed } from "./narrowing.ts";
import { ReportStream } from "./report-stream.ts";
import { ownAddresses } from "./own-addresses.ts";
import type { LiveSettings } from "./settings.ts";
import { findTcpdump } from "./tcpdump.ts";

const INTERVAL_MS = 1_000;
/** How long control may take to have the last batches on disk. */
const FAREWELL_MS = 5_000;

/** Captures until it is told to stop, or for as long as the settings say. @returns what was counted */
export async function runLive(settings: LiveSettings, stop: AbortSignal): Promise<DocumentSums> {
  const say = (text: string) => void process.stderr.write(`tap: ${text}\n`);
  const sums = new DocumentSums();
  const queue = new BatchQueue();
  const capture = new LiveCapture({
    program: await findTcpdump(),
    capture: settings.capture,
    module: await compileTap(),
    onBatch: (batch) => take(batch),
    say,
  });
  let timer: NodeJS.Timeout | undefined;
  const tickEach = (millis: number) => {
    clearInterval(timer);
    timer = setInterval(tick, millis);
  };
  const narrow = (covered: readonly string[]) => {
    say(`leaves out what passes between ${covered.length} addresses whose sidecars tell of it`);
    capture.narrow(narrowed(settings.capture.filter, covered));
  };
  const reports = settings.control === undefined ? undefined : openReports(settings, queue, { apply, narrow, say });

  let known: readonly string[] = [];
  /** A node gets addresses while it runs: a network plugin's bridge comes with the first pod. */
  function knowNode(): void {
    const addresses = ownAddresses();
    if (addresses.join() === known.join()) return;
    if (known.length > 0) reports?.renew();
    known = addresses;
    capture.tap.knowNode(addresses);
  }

  function take(batch: Batch): void {
    // A document is asked for by people who look for minutes; what goes to control is not kept here.
    if (!reports) return sums.add(batch);
    if (settings.isSummedUp) sums.add(batch);
    queue.add(batch);
    capture.tap.hold(queue.isFull);
  }
  function tick(): void {
    capture.tap.hold(queue.isFull);
    capture.tick();
    knowNode();
    reports?.send();
  }
  function apply(taught: Settings): void {
    const millis = taught.intervalMillis || INTERVAL_MS;
    capture.tap.teach(taught, millis);
    tickEach(millis);
  }

  function troubles(): string[] {
    const { control = "" } = settings;
    return [
      ...(capture.isCapturing ? [] : ["tcpdump does not capture"]),
      ...(reports && !reports.isReached ? [`control at ${control} cannot be reached; counts wait`] : []),
    ];
  }

  knowNode();
  if (settings.health !== undefined) await serveHealth({ listen: settings.health, troubles });
  reports?.start();
  tickEach(INTERVAL_MS);
  const limit = settings.seconds === undefined ? undefined : setTimeout(() => capture.stop(), settings.seconds * 1000);
  stop.addEventListener("abort", () => capture.stop());
  try {
    await capture.run();
  } finally {
    clearInterval(timer);
    clearTimeout(limit);
    const left = await reports?.end(FAREWELL_MS);
    if (left) say(`${left} batches are lost: control did not take them within ${FAREWELL_MS / 1000} s`);
  }
  return sums;
}

interface Hearing {
  readonly apply: (settings: Settings) => void;
  readonly narrow: (covered: readonly string[]) => void;
  readonly say: (text: string) => void;
}

function openReports(settings: LiveSettings, queue: BatchQueue, { apply, narrow, say }: Hearing): ReportStream {
  const instance = randomBytes(16).toString("hex");
  const hello = () => ({
    instance,
    kind: ReporterKind.REPORTER_KIND_TAP,
    nodeId: settings.node,
    namespace: "",
    workload: "",
    pod: "",
    addresses: ownAddresses(),
    version: ownVersion(),
    process: instance,
  });
  return new ReportStream({ target: settings.control ?? "", hello, queue, onSettings: apply, onCovered: narrow, say });
}

function ownVersion(): string {
  const words = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as { version: string };
  return words.version;
}
