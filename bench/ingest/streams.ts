/** A whole control with thousands of reporters: what it takes of a processor and of memory, and how long acks take. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ControlProcess } from "../../tests/control/control-process.ts";
import type { Figure } from "../harness.ts";
import { atMost, measured } from "../harness.ts";
import { processorMicros } from "../processor-time.ts";
import { Asked } from "./asking.ts";
import { REQUESTS_A_ROW, inventory } from "./cluster.ts";
import type { LoadAnswer, LoadQuestion } from "./load.ts";

const STREAMS = 5_000;
const ROWS = 10;
/** The first seconds compile, and learn the names; they are not in the figures. */
const WARM_UP_SECONDS = 20;
const SECONDS = 60;
const SETTLE_LIMIT_MS = 60_000;

export async function streamFigures(say: (line: string) => void): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-bench-streams-"));
  const load = new Asked<LoadQuestion, LoadAnswer>("load.ts");
  await writeFile(join(folder, "inventory.yaml"), inventory());
  const control = await ControlProcess.start({
    SIDELIGHT_DATA_DIR: join(folder, "data"),
    SIDELIGHT_INVENTORY: join(folder, "inventory.yaml"),
  });
  try {
    return await measure(control, load, say);
  } finally {
    await load.stop();
    await control.end("SIGTERM");
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  control: ControlProcess,
  load: Asked<LoadQuestion, LoadAnswer>,
  say: (line: string) => void,
): Promise<Figure[]> {
  say(`opening ${STREAMS} streams`);
  const opening = await load.ask({ do: "open", target: control.grpc, streams: STREAMS });
  say(`${STREAMS} batches/s of ${ROWS} rows for ${WARM_UP_SECONDS} + ${SECONDS} s`);
  const warmUp = await load.ask({ do: "pace", seconds: WARM_UP_SECONDS, rows: ROWS });
  const before = processorMicros(control.pid);
  const startedAt = performance.now();
  const paced = await load.ask({ do: "pace", seconds: SECONDS, rows: ROWS });
  const seconds = (performance.now() - startedAt) / 1000;
  const cores = (processorMicros(control.pid) - before) / 1e6 / seconds;
  const memory = await residentMiB(control.pid);
  const lag = await batchesBehind(control);
  const ended = [opening, warmUp, paced].flatMap((answer) => answer.ended);
  if (ended.length > 0) say(`streams ended: ${[...new Set(ended)].join(", ")}`);
  const expected = (warmUp.acked + paced.acked) * ROWS * REQUESTS_A_ROW;
  const counted = await settled(control, expected);
  say(`${expected} requests acknowledged, ${counted} in the history`);
  return [
    measured("streams", STREAMS, ""),
    measured("batches, a second", paced.acked / seconds, ""),
    measured("rows, a second", (paced.acked * ROWS) / seconds, ""),
    atMost("processor, cores", cores, 1, ""),
    measured("processor, a batch", (cores * seconds * 1e6) / paced.acked, "µs"),
    atMost("resident memory, most", memory, 1_024, "MiB"),
    measured("longest until an ack", paced.longestMs, "ms"),
    atMost("windows merged, since acks were late", paced.merged, 0, ""),
    measured("batches that the history lacks at the end", lag, ""),
    atMost("streams refused or ended", ended.length, 0, ""),
    atMost("requests acknowledged and not counted, or counted twice", Math.abs(expected - counted), 0, ""),
  ];
}

/** The most that a process ever had in memory: VmHWM of /proc/PID/status (proc(5)). */
async function residentMiB(pid: number): Promise<number> {
  const [, kib = "0"] = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}

async function batchesBehind(control: ControlProcess): Promise<number> {
  const [, value = "NaN"] =
    /^sidelight_pipeline_lag_batches\{target="store"\} (.*)$/m.exec(await control.metrics()) ?? [];
  return Number(value);
}

/** Requests in the history, once they are as many as expected or no more come. */
async function settled(control: ControlProcess, expected: number): Promise<number> {
  const deadline = Date.now() + SETTLE_LIMIT_MS;
  for (;;) {
    const edges = await control.totals();
    const counted = edges.flatMap(({ outcomes }) => Object.values(outcomes)).reduce((a, b) => a + b, 0);
    if (counted >= expected || Date.now() > deadline) return counted;
    await sleep(1_000);
  }
}
