/**
 * Drives the known mix at a steady rate and remembers exactly what it sent and how long each answer took. A process of
 * its own; prints one JSON document of type `LoadResult` when it is done.
 *
 *     node --import tsx tests/e2e/load.ts '{"host": "127.0.0.1", "port": 8080, "rate": 1200, "seconds": 20}'
 */
import { Agent, request } from "node:http";
import { performance } from "node:perf_hooks";

import { MIX } from "./mix.ts";
import type { MixEntry } from "./mix.ts";

export interface LoadConfig {
  readonly host: string;
  readonly port: number;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
}

export interface LoadRow {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly sent: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export interface LoadResult {
  readonly sent: number;
  /** Requests that got no answer, or another than the mix asked for. A test expects 0. */
  readonly wrong: number;
  readonly rows: readonly LoadRow[];
  /** [milliseconds since the epoch, requests completed by then], every 50 ms. */
  readonly timeline: readonly (readonly [number, number])[];
}

const config = JSON.parse(process.argv[2] ?? "{}") as LoadConfig;
const agent = new Agent({ keepAlive: true, maxSockets: 512 });
const latencies = MIX.map(() => [] as number[]);
const timeline: [number, number][] = [];
const cycle = interleave();
let sent = 0;
let done = 0;
let wrong = 0;

/** Entries by weight, spread evenly, so that every stretch of requests has the same mix. */
function interleave(): number[] {
  const slots = MIX.flatMap((entry, index) =>
    Array.from({ length: entry.weight }, (_, k) => ({ index, at: (k + 0.5) / entry.weight })),
  );
  return slots.sort((a, b) => a.at - b.at).map((slot) => slot.index);
}

function send(index: number, entry: MixEntry, serial: number): Promise<void> {
  return new Promise((resolve) => {
    const started = performance.now();
    const finish = (right: boolean) => {
      done += 1;
      if (right) latencies[index]?.push(performance.now() - started);
      else wrong += 1;
      resolve();
    };
    const outgoing = request(
      {
        ...{ host: config.host, port: config.port, agent, method: entry.method, path: entry.path(serial) },
        headers: { "x-status": entry.status, "x-delay": entry.delayMs, "content-length": 0 },
      },
      (answer) => {
        answer.resume();
        answer.on("end", () => finish(answer.statusCode === entry.status));
        answer.on("error", () => finish(false));
      },
    );
    outgoing.on("error", () => finish(false));
    outgoing.end();
  });
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? 0;
}

async function main(): Promise<void> {
  const total = Math.round(config.rate * config.seconds);
  const flying: Promise<void>[] = [];
  const clock = setInterval(() => timeline.push([Date.now(), done]), 50);
  const started = performance.now();
  while (sent < total) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * config.rate));
    for (; sent < due; sent += 1) {
      const index = cycle[sent % cycle.length] ?? 0;
      const entry = MIX[index];
      if (entry) flying.push(send(index, entry, sent + 1));
    }
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  await Promise.all(flying);
  clearInterval(clock);
  timeline.push([Date.now(), done]);
  agent.destroy();
  const rows = MIX.map((entry, index): LoadRow => {
    const sorted = (latencies[index] ?? []).sort((a, b) => a - b);
    return {
      ...{ method: entry.method, route: entry.route, status: entry.status, sent: sorted.length },
      ...{ p50Ms: quantile(sorted, 0.5), p95Ms: quantile(sorted, 0.95), p99Ms: quantile(sorted, 0.99) },
    };
  });
  const result: LoadResult = { sent, wrong, rows, timeline };
  process.stdout.write(JSON.stringify(result));
}

await main();
