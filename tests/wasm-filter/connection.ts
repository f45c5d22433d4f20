/** TCP connections as the scripted host knows them, and what the filter says of them. */
import { type Context, Host } from "./host.ts";
import { type Sidecar, int64 } from "./sidecar.ts";

/** Of those that reached their host. */
export const key = "out 10.0.0.5:5432,orders-db tcp   success 0";
export const configuration = { kind: "tcp", side: "outbound" };
/** Where the scripted host's clock begins. */
export const startMs = new Host().nowMs;

export interface Connection {
  readonly upstream?: boolean;
  readonly flags?: number;
  readonly sent?: number | bigint;
  readonly got?: number | bigint;
  /** When it came in, milliseconds since the epoch. */
  readonly beganMs?: number;
}

/** Connected to its host, where nothing else is said. */
export function connection({
  upstream = true,
  flags = 0,
  sent = 0,
  got = 0,
  beganMs = startMs,
}: Connection = {}): Context {
  const attributes = new Map<string, Uint8Array>([
    ["request.time", int64(BigInt(beganMs) * 1_000_000n)],
    ["response.flags", int64(flags)],
    ["request.total_size", int64(sent)],
    ["response.total_size", int64(got)],
    ["plugin_name", Buffer.from("tcp")],
  ]);
  if (upstream) {
    attributes.set("xds.cluster_name", Buffer.from("orders-db"));
    attributes.set("upstream.address", Buffer.from("10.0.0.5:5432"));
  }
  if (upstream && !flags) attributes.set("upstream.local_address", Buffer.from("10.0.0.9:33333"));
  return { attributes };
}

/** Its cluster is chosen, and no host of it is connected. */
export function withCluster({ attributes }: Context): Context {
  return { attributes: new Map(attributes).set("xds.cluster_name", Buffer.from("orders-db")) };
}

/** What the next batch says of a counter, as [count, active, requestBytes, responseBytes]. */
export function next(sidecar: Sidecar, ms = 1000): number[] | undefined {
  sidecar.tick(ms);
  const [counter] = sidecar.collect().flatMap((batch) => batch.counters);
  if (sidecar.stream) sidecar.acknowledge();
  return counter && [counter.count, counter.active, counter.requestBytes, counter.responseBytes];
}
