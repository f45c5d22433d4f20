/**
 * The receivers in the state in which they are after hours of service: what Node compiles when it has run often is
 * compiled. Without it the one that gets few messages would be measured while it is interpreted.
 */
import type { Batch } from "#proto/ingest.ts";
import { batchOf } from "../../tests/control/batches.ts";
import { ReporterClient } from "../../tests/control/reporter-client.ts";
import { startEnvoy } from "../../tests/envoy.ts";
import { benchBootstrap } from "./bootstrap.ts";
import { Http1Client } from "./http1.ts";
import { load } from "./load.ts";
import type { Receiver } from "./receiver.ts";
import { requests } from "./requests.ts";
import type { Surroundings } from "./surroundings.ts";
import { ACCESS_LOG, GENERATED_DECODER } from "./variants.ts";
import type { Variant } from "./variants.ts";

const LOGGED_REQUESTS = 60_000;
/** Batches of one second each, and how many of them are under way at a time. */
const BATCHES = 1600;
const AT_A_TIME = 4;
/** Of one batch: clients, endpoints of each, and requests over each of them. */
const CLIENTS = 4;
const ENDPOINTS = 12;
const REQUESTS_A_COUNTER = 20;

export async function warmUp(around: Surroundings): Promise<void> {
  for (const variant of [ACCESS_LOG, GENERATED_DECODER]) await warmUpAccessLog(variant, around);
  await warmUpSidelight(around.receivers.sidelight);
}

async function warmUpAccessLog(variant: Variant, around: Surroundings): Promise<void> {
  const { emptyFilter, receiverPorts: receivers } = around;
  const kind = { side: "inbound", protocol: "http1", variants: [variant], app: around.ports["http1-small"] } as const;
  const envoy = await startEnvoy(benchBootstrap({ ...kind, emptyFilter, receivers }));
  try {
    const list = requests("small", "inbound");
    const connect = (): Promise<Http1Client> => Http1Client.connect(envoy.port(variant), "127.0.0.1", list);
    const clients = await Promise.all([connect(), connect(), connect(), connect()]);
    const receiver = around.receiverOf(variant);
    receiver?.expect(LOGGED_REQUESTS);
    await load(clients, { requests: LOGGED_REQUESTS });
    await receiver?.arrived();
    for (const client of clients) client.close();
  } finally {
    await envoy.stop();
  }
}

async function warmUpSidelight(receiver: Receiver): Promise<void> {
  const reporter = new ReporterClient({ target: `127.0.0.1:${receiver.port}` });
  const batch = typicalBatch();
  for (let sent = 0; sent < BATCHES; sent += AT_A_TIME) {
    for (let i = 0; i < AT_A_TIME; i++) reporter.send(batch);
    await reporter.flushed();
  }
  receiver.expect(BATCHES * CLIENTS * ENDPOINTS * REQUESTS_A_COUNTER);
  await receiver.arrived();
  reporter.close();
}

/** A second's report of a sidecar at some thousand requests. */
function typicalBatch(): Batch {
  const buckets = Array.from({ length: REQUESTS_A_COUNTER }, (_, i) => [100 + 3 * i, 1]).flat();
  const counters = Array.from({ length: CLIENTS * ENDPOINTS }, (_, i) => ({
    peer: { address: `127.0.0.${2 + (i % CLIENTS)}` },
    route: `/warm-up/${"abcdefghijkl"[Math.floor(i / CLIENTS)]}/{id}`,
    ...{ count: REQUESTS_A_COUNTER, buckets },
  }));
  return batchOf(counters);
}
