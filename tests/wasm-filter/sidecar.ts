/**
 * A sidecar on the scripted host: typed requests in, decoded batches out. The control plane of these tests keeps every
 * batch by its sequence, as the real one does, so that what comes twice counts once.
 */
import {
  type Batch,
  type Counter,
  type Exemplar,
  type Hello,
  ReportRequest,
  ReportResponse,
  type Settings,
  Side,
  Switch,
  type Tap,
  type Tapped,
} from "#proto/ingest.ts";
import { type Context, Host, type HostStream, type Sabotage, type SharedData } from "./host.ts";

/** A request as Envoy would know it at its end. */
export interface Request {
  readonly method?: string;
  readonly path?: string;
  readonly status?: number;
  readonly micros?: number;
  readonly flags?: number;
  readonly source?: string;
  readonly principal?: string;
  readonly upstream?: string;
  readonly cluster?: string;
  readonly authority?: string;
  readonly grpcStatus?: number;
  readonly contentType?: string;
  readonly direction?: 0 | 1 | 2;
  readonly plugin?: string;
  /** Envoy's id of the downstream connection. */
  readonly connection?: number;
  /** Further request headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

export function int64(value: number | bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}

function entries(pairs: readonly (readonly [string, string | number | bigint | undefined])[]): Map<string, Uint8Array> {
  const map = new Map<string, Uint8Array>();
  for (const [key, value] of pairs) {
    if (value !== undefined) map.set(key, typeof value === "string" ? Buffer.from(value) : int64(value));
  }
  return map;
}

/** The attributes and headers of a request; a plain GET that succeeded where nothing else is said. */
export function requestContext(request: Request): Context {
  const { status = 200, micros = 1000, direction = 1 } = request;
  return {
    attributes: entries([
      ["response.code", status || undefined],
      ["response.flags", request.flags ?? 0],
      ["response.grpc_status", request.grpcStatus],
      ["request.duration", BigInt(Math.round(micros)) * 1000n],
      ["source.address", request.source ?? "10.0.0.1:40000"],
      ["connection.id", request.connection],
      ["connection.uri_san_peer_certificate", request.principal],
      ["upstream.address", request.upstream],
      ["xds.cluster_name", request.cluster],
      ["xds.listener_direction", direction],
      ["plugin_name", request.plugin ?? "sidelight"],
    ]),
    headers: entries([
      [":authority", request.authority ?? "shop"],
      [":path", request.path ?? "/"],
      [":method", request.method ?? "GET"],
      ["user-agent", "test"],
      ["content-type", request.contentType],
      ...Object.entries(request.headers ?? {}),
    ]),
  };
}

const node: readonly (readonly [string, string])[] = [
  ["xds.node.id", "orders-1"],
  ["xds.node.metadata.NAMESPACE", "shop"],
  ["xds.node.metadata.WORKLOAD_NAME", "orders"],
  ["xds.node.metadata.NAME", "orders-1"],
  ["xds.node.metadata.INSTANCE_IPS", "10.0.0.9,fe80::9"],
];

/** A tap that asks for everything. */
export const blankTap: Tap = {
  id: 0,
  durationMillis: 0,
  perSecond: 0,
  side: Side.SIDE_UNSPECIFIED,
  method: "",
  pathPrefix: "",
  onlyFailed: false,
  minDurationMicros: 0,
  status: 0,
  hasStatus: false,
  statusTo: 0,
};

export class Sidecar {
  readonly host: Host;
  /** What control has, by sequence. */
  readonly received = new Map<number, Batch>();
  readonly hellos: Hello[] = [];
  readonly tapped: Tapped[] = [];
  /** The last sequence that each Farewell named. */
  readonly farewells: number[] = [];
  private readonly read = new Map<HostStream, number>();
  private nextContext = 1000;

  /** Sidecars that are given the same `shared` are VMs of one process. */
  constructor(configuration: object | string = {}, shared?: SharedData, sabotage?: Sabotage) {
    this.host = new Host(shared);
    this.host.sabotage = sabotage;
    this.addRoot(1, configuration);
  }

  addRoot(id: number, configuration: object | string | Buffer = {}, plugin = "sidelight"): number {
    const isText = typeof configuration === "string" || Buffer.isBuffer(configuration);
    const text = isText ? configuration : JSON.stringify(configuration);
    return this.host.configure(id, text, { attributes: entries([...node, ["plugin_name", plugin]]) });
  }

  request(request: Request = {}): void {
    this.host.log(this.nextContext++, requestContext(request));
  }

  /** A request that an access logger with this root context is told of. */
  requestLogged(root: number, request: Request): void {
    this.host.logUnder(root, requestContext(request));
  }

  /** Time passes; the root contexts tick. */
  tick(ms = 1000, roots: readonly number[] = [1]): void {
    this.host.nowMs += ms;
    for (const root of roots) this.host.tick(root);
  }

  /** The stream that is open, if there is one. */
  get stream(): HostStream | undefined {
    return this.host.streams.findLast((stream) => stream.isOpen);
  }

  /** Control reads what was sent since it last looked, on all streams, and returns the batches, known or not. */
  collect(): Batch[] {
    const batches: Batch[] = [];
    for (const stream of this.host.streams) {
      for (const bytes of stream.sent.slice(this.read.get(stream) ?? 0)) {
        const { message, farewell } = ReportRequest.decode(bytes);
        if (farewell) this.farewells.push(farewell.lastSequence);
        if (message?.$case === "hello") this.hellos.push(message.value);
        if (message?.$case === "tapped") this.tapped.push(message.value);
        if (message?.$case === "batch") batches.push(message.value);
      }
      this.read.set(stream, stream.sent.length);
    }
    for (const batch of batches) this.received.set(batch.sequence, batch);
    return batches;
  }

  /** Control acknowledges a sequence, or the last it has read. */
  acknowledge(sequence = Math.max(0, ...this.received.keys())): void {
    this.say({ message: { $case: "ack", value: { sequence } } });
  }

  teach(settings: Partial<Settings>): void {
    const value = {
      intervalMillis: 0,
      routes: [],
      maxEndpoints: 0,
      serviceRoutes: [],
      exemplars: Switch.SWITCH_UNSPECIFIED,
      ...settings,
    };
    this.say({ message: { $case: "settings", value } });
  }

  /** Asks for live requests; at most ten a second, for ten seconds, where nothing else is said. */
  tap(tap: Partial<Tap> = {}): void {
    this.say({
      message: { $case: "tap", value: { ...blankTap, id: 1, durationMillis: 10_000, perSecond: 10, ...tap } },
    });
  }

  private say(response: ReportResponse): void {
    if (!this.stream) throw new Error("Answering the filter: it has no stream open");
    this.host.receive(this.stream, ReportResponse.encode(response).finish());
  }

  /**
   * Ticks, reads and acknowledges until nothing new comes for longer than the longest backoff. That connections are
   * still open is nothing new.
   */
  settle(roots: readonly number[] = [1]): void {
    for (let quiet = 0, rounds = 0; quiet < 17; rounds++) {
      if (rounds === 1000) throw new Error("Waiting for the filter to have told all: it goes on for 1000 ticks");
      this.tick(1000, roots);
      const batches = this.collect();
      if (batches.length > 0 && this.stream) this.acknowledge();
      const isNew = batches.some(
        ({ counters, losses }) => losses.length > 0 || counters.some(({ count }) => count > 0),
      );
      quiet = isNew ? 0 : quiet + 1;
    }
  }

  /** All that control has, summed up. */
  get totals(): Map<string, Sum> {
    return sumUp(this.received.values());
  }

  get losses(): Record<number, number> {
    const losses: Record<number, number> = {};
    for (const batch of this.received.values()) {
      for (const loss of batch.losses) losses[loss.kind] = (losses[loss.kind] ?? 0) + loss.count;
    }
    return losses;
  }
}

export interface Sum {
  count: number;
  requestBytes: number;
  responseBytes: number;
  active: number;
  readonly buckets: Map<number, number>;
}

/** What a batch names, each with its counter's readable key (that of `sumUp`). */
export function namedIn(batch: Batch): (Exemplar & { readonly key: string })[] {
  return batch.exemplars.map((exemplar) => ({ ...exemplar, key: keyOf(batch, batch.counters[exemplar.counter]!) }));
}

const sides = ["", "in", "out", "wire"];
const protocols = ["", "http", "grpc", "tcp"];
const outcomes = ["", "success", "clientError", "serverError", "notReached", "noAnswer"];

/** Sums counters of several batches under a readable key: "in 10.0.0.1 http GET /orders/{id} success 200". */
export function sumUp(batches: Iterable<Batch>): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const batch of batches) {
    for (const counter of batch.counters) {
      const key = keyOf(batch, counter);
      const sum = sums.get(key) ?? {
        count: 0,
        requestBytes: 0,
        responseBytes: 0,
        active: 0,
        buckets: new Map<number, number>(),
      };
      sums.set(key, sum);
      sum.count += counter.count;
      sum.requestBytes += counter.requestBytes;
      sum.responseBytes += counter.responseBytes;
      sum.active = counter.active;
      for (const [index, count] of bucketPairs(counter.buckets)) {
        sum.buckets.set(index, (sum.buckets.get(index) ?? 0) + count);
      }
    }
  }
  return sums;
}

function keyOf({ strings, peers }: Batch, counter: Counter): string {
  const peer = peers[counter.peer]!;
  return [
    sides[counter.side],
    [peer.address, peer.principal, peer.cluster, peer.authority].flatMap((i) => strings[i] || []).join(","),
    protocols[counter.protocol],
    strings[counter.method],
    strings[counter.route],
    outcomes[counter.outcome],
    counter.status,
  ].join(" ");
}

/** Undoes the gaps of Counter.buckets. */
export function bucketPairs(buckets: readonly number[]): [number, number][] {
  const pairs: [number, number][] = [];
  let index = 0;
  for (let i = 0; i < buckets.length; i += 2) {
    index += buckets[i]!;
    pairs.push([index, buckets[i + 1]!]);
  }
  return pairs;
}

/** Key and count alone, sorted: what most tests compare. */
export function countsOf(sums: ReadonlyMap<string, Sum>): Record<string, number> {
  return Object.fromEntries([...sums].map(([key, sum]) => [key, sum.count] as const).sort());
}

export function totalCount(sums: ReadonlyMap<string, Sum>): number {
  return [...sums.values()].reduce((total, sum) => total + sum.count, 0);
}
