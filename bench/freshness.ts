/**
 * From a request to its count in the API: how long until `GetTopology` tells of it, beside what a user would have
 * otherwise, the same Envoy scraped by Prometheus. Both watch the same requests in the same run.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { credentials } from "@grpc/grpc-js";

import { GetTopologyRequest, StatsClient } from "#proto/stats.ts";
import type { GetTopologyResponse } from "#proto/stats.ts";
import { SERVER, Stack } from "../tests/e2e/stack.ts";
import type { Bench, BenchResult, Figure } from "./harness.ts";
import { atMost } from "./harness.ts";
import { PROMETHEUS_SCRAPE_SECONDS, startEnvoyPrometheus } from "./prometheus.ts";
import { quantile } from "./statistics.ts";

const RATE = 100;
const SECONDS = 90;
const POLL_MS = 50;

/** [milliseconds since the epoch, requests counted by then]. */
type Sighting = readonly [number, number];

/** Asks for the count every 50 ms until told to stop. */
function watch(count: () => Promise<number>): { stop(): Promise<Sighting[]> } {
  const seen: Sighting[] = [];
  let isOver = false;
  const loop = (async () => {
    while (!isOver) {
      const counted = await count();
      seen.push([Date.now(), counted]);
      await sleep(POLL_MS);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await loop;
      return seen;
    },
  };
}

/** For each point of the load's time line, how long until that many requests were seen. Milliseconds. */
function delays(timeline: readonly Sighting[], seen: readonly Sighting[]): number[] {
  const found: number[] = [];
  let next = 0;
  for (const [atMs, completed] of timeline) {
    if (completed === 0) continue;
    while (next < seen.length && (seen[next]?.[1] ?? 0) < completed) next += 1;
    const sighting = seen[next];
    if (sighting) found.push(Math.max(0, sighting[0] - atMs));
  }
  return found;
}

async function topologyCount(client: StatsClient): Promise<number> {
  const { topology } = await new Promise<GetTopologyResponse>((resolve, reject) => {
    client.getTopology(GetTopologyRequest.create(), (error, answer) => (error ? reject(error) : resolve(answer)));
  });
  return (topology?.edges ?? []).filter(({ server }) => server === SERVER).reduce((sum, { total }) => sum + total, 0);
}

async function measure(stack: Stack, say: (line: string) => void): Promise<Figure[]> {
  const stats = new StatsClient(stack.control.grpc, credentials.createInsecure());
  const prometheus = await startEnvoyPrometheus(stack.envoy.adminPort, say);
  try {
    say(`${RATE} requests/s for ${SECONDS} s`);
    const ours = watch(() => topologyCount(stats));
    const theirs = prometheus && watch(() => prometheus.completedRequests());
    const { timeline, sent } = await stack.load({ rate: RATE, seconds: SECONDS });
    await sleep(2 * PROMETHEUS_SCRAPE_SECONDS * 1000);
    const own = delays(timeline, await ours.stop());
    const figures: Figure[] = [
      { what: "requests", value: sent, unit: "" },
      { what: "Sidelight, p50", value: quantile(own, 0.5), unit: "ms" },
      atMost("Sidelight, p99", quantile(own, 0.99), 2000, "ms"),
      { what: "Sidelight, longest", value: quantile(own, 1), unit: "ms" },
    ];
    if (!theirs) return figures;
    const other = delays(timeline, await theirs.stop());
    const name = `Prometheus, scraping every ${PROMETHEUS_SCRAPE_SECONDS} s`;
    return [
      ...figures,
      { what: `${name}, p50`, value: quantile(other, 0.5), unit: "ms" },
      { what: `${name}, p99`, value: quantile(other, 0.99), unit: "ms" },
      { what: "Sidelight / Prometheus, p50", value: quantile(own, 0.5) / quantile(other, 0.5), unit: "x" },
    ];
  } finally {
    stats.close();
    await prometheus?.stop();
  }
}

export const freshness: Bench = {
  name: "freshness",
  about: "from a request to its count in the API, beside Prometheus scraping the same Envoy (2 minutes)",
  async run(say): Promise<BenchResult> {
    const stack = await Stack.start();
    try {
      return { name: "freshness", figures: await measure(stack, say) };
    } finally {
      await stack.stop();
    }
  },
};
