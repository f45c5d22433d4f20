/**
 * Sums batches up into the one document that `npm run tap -- --read FILE --json` prints. docs/tap.md says what each field
 * means.
 */
import type { Batch, Counter } from "#proto/ingest.ts";
import { Outcome, Protocol } from "#proto/ingest.ts";
import type { Buckets } from "../control/world/histogram.ts";
import { mergeBuckets, quantile } from "../control/world/histogram.ts";
import { LOSS_NAMES, OUTCOME_NAMES, PROTOCOL_NAMES, absoluteBuckets } from "../control/identity/wire-names.ts";
import type { Outcome as OutcomeName } from "../control/identity/observation.ts";
import { linkTypeName } from "./link-types.ts";

/** As in control, but for what only a tap tells apart. */
const PROTOCOLS: Readonly<Record<number, string>> = { ...PROTOCOL_NAMES, [Protocol.PROTOCOL_HTTP2]: "http2" };

export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export type Outcomes = Readonly<Record<OutcomeName, number>>;

export interface EndpointFigures {
  readonly endpoint: string;
  readonly requests: number;
  readonly outcomes: Outcomes;
  readonly latencyMs: Percentiles;
}

export interface ProtocolFigures {
  readonly requests: number;
  readonly responses: number;
  readonly outcomes: Outcomes;
  readonly endpoints: readonly EndpointFigures[];
  readonly latencyMs: Percentiles;
  readonly statuses: Readonly<Record<string, number>>;
}

export interface TcpFigures {
  readonly connections: number;
  readonly joined: number;
  readonly refused: number;
  readonly failed: number;
  readonly reset: number;
  readonly retransmissions: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly handshakeMs: Percentiles;
}

export interface EdgeFigures extends Partial<TcpFigures> {
  readonly client: string;
  readonly server: string;
  readonly protocol: string;
  readonly requests?: number;
  readonly responses?: number;
  readonly outcomes?: Outcomes;
  readonly latencyMs?: Percentiles;
}

export interface TapDocument {
  readonly protocols: Readonly<Record<string, ProtocolFigures | TcpFigures>>;
  readonly edges: readonly EdgeFigures[];
  readonly losses: Readonly<Record<string, number>>;
  /** What `losses.linkTypeUnknown` is made of, by link type; not there where that is none. */
  readonly linkTypesUnknown?: Readonly<Record<string, number>>;
}

/** Requests of one protocol: all, of an endpoint, or of an edge. */
class RequestSums {
  requests = 0;
  unasked = 0;
  buckets: readonly number[] = [];
  readonly outcomes = noOutcomes();
  readonly statuses = new Map<number, number>();

  /** `buckets`: those of its latencies, as the histogram numbers them. */
  add(counter: Counter, buckets: Buckets): void {
    this.requests += counter.count;
    this.unasked += counter.unasked;
    const outcome = OUTCOME_NAMES[counter.outcome];
    if (outcome) this.outcomes[outcome] += counter.count;
    const answers = counter.count + counter.unasked;
    if (counter.status !== 0) this.statuses.set(counter.status, (this.statuses.get(counter.status) ?? 0) + answers);
    this.buckets = mergeBuckets(this.buckets, buckets);
  }

  get responses(): number {
    return this.requests - this.outcomes.noAnswer - this.outcomes.notReached + this.unasked;
  }

  figures() {
    return {
      requests: this.requests,
      responses: this.responses,
      outcomes: { ...this.outcomes },
      latencyMs: percentiles(this.buckets),
    };
  }
}

class TcpSums {
  #opened = 0;
  #joined = 0;
  #failed = 0;
  #refused = 0;
  #resets = 0;
  #retransmissions = 0;
  #requestBytes = 0;
  #responseBytes = 0;
  #handshakes: readonly number[] = [];

  add(counter: Counter): void {
    if (counter.outcome === Outcome.OUTCOME_SUCCESS) this.#opened += counter.count;
    else this.#failed += counter.count - counter.refused;
    this.#joined += counter.joined;
    this.#refused += counter.refused;
    this.#resets += counter.resets;
    this.#retransmissions += counter.retransmissions;
    this.#requestBytes += counter.requestBytes;
    this.#responseBytes += counter.responseBytes;
    this.#handshakes = mergeBuckets(this.#handshakes, absoluteBuckets(counter.handshakeBuckets));
  }

  figures(): TcpFigures {
    return {
      connections: this.#opened + this.#joined + this.#refused + this.#failed,
      joined: this.#joined,
      refused: this.#refused,
      failed: this.#failed,
      reset: this.#resets,
      retransmissions: this.#retransmissions,
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
      handshakeMs: percentiles(this.#handshakes),
    };
  }
}

/** What is summed of one protocol. */
class ProtocolSums {
  readonly all = new RequestSums();
  readonly endpoints = new Map<string, RequestSums>();

  add(counter: Counter, buckets: Buckets, endpoint: string): void {
    this.all.add(counter, buckets);
    // An answer that nobody was seen to ask for has no endpoint.
    if (counter.count > 0) sumsOf(this.endpoints, endpoint, () => new RequestSums()).add(counter, buckets);
  }

  figures(): ProtocolFigures {
    const endpoints = [...this.endpoints].map(([endpoint, sums]) => {
      const { requests, outcomes, latencyMs } = sums.figures();
      return { endpoint, requests, outcomes, latencyMs };
    });
    endpoints.sort((a, b) => b.requests - a.requests || (a.endpoint < b.endpoint ? -1 : 1));
    const statuses = [...this.all.statuses].sort(([a], [b]) => a - b);
    return { ...this.all.figures(), endpoints, statuses: Object.fromEntries(statuses) };
  }
}

interface EdgeSums {
  readonly client: string;
  readonly server: string;
  readonly protocol: string;
  readonly sums: RequestSums | TcpSums;
}

/** Adds up all batches of a capture. */
export class DocumentSums {
  readonly #protocols = new Map<string, ProtocolSums>();
  readonly #edges = new Map<string, EdgeSums>();
  readonly #losses = new Map<string, number>();
  readonly #tcp = new TcpSums();
  readonly #strangeLinks = new Map<string, number>();
  #hasTcp = false;

  add(batch: Batch): void {
    for (const counter of batch.counters) this.#addCounter(batch, counter);
    for (const { kind, count } of batch.losses) {
      const name = LOSS_NAMES[kind] ?? "unknown";
      this.#losses.set(name, (this.#losses.get(name) ?? 0) + count);
    }
  }

  /** Adds packets of link layers that are not known, by the number of their type. */
  addStrangeLinks(links: ReadonlyMap<number, number>): void {
    for (const [type, packets] of links) {
      const name = linkTypeName(type);
      this.#strangeLinks.set(name, (this.#strangeLinks.get(name) ?? 0) + packets);
    }
  }

  #addCounter(batch: Batch, counter: Counter): void {
    const { strings, peers } = batch;
    const peer = peers[counter.peer];
    const protocol = PROTOCOLS[counter.protocol] ?? "unknown";
    const client = strings[peer?.client ?? 0] ?? "";
    const server = strings[peer?.address ?? 0] ?? "";
    const isTcp = counter.protocol === Protocol.PROTOCOL_TCP;
    const edge = sumsOf(this.#edges, `${client} ${server} ${protocol}`, () => {
      return { client, server, protocol, sums: isTcp ? new TcpSums() : new RequestSums() };
    });
    const buckets = absoluteBuckets(counter.buckets);
    edge.sums.add(counter, buckets);
    if (isTcp) {
      this.#hasTcp = true;
      this.#tcp.add(counter);
    } else {
      const endpoint = [strings[counter.method], strings[counter.route]].filter(Boolean).join(" ");
      sumsOf(this.#protocols, protocol, () => new ProtocolSums()).add(counter, buckets, endpoint);
    }
  }

  document(): TapDocument {
    const protocols: Record<string, ProtocolFigures | TcpFigures> = {};
    for (const [name, sums] of this.#protocols) protocols[name] = sums.figures();
    if (this.#hasTcp) protocols["tcp"] = this.#tcp.figures();
    const edges = [...this.#edges.values()].map(({ client, server, protocol, sums }) => {
      return { client, server, protocol, ...sums.figures() };
    });
    const linkTypesUnknown =
      this.#strangeLinks.size > 0 ? { linkTypesUnknown: Object.fromEntries(this.#strangeLinks) } : {};
    return { protocols, edges, losses: Object.fromEntries(this.#losses), ...linkTypesUnknown };
  }
}

function sumsOf<Sums>(all: Map<string, Sums>, key: string, create: () => Sums): Sums {
  const found = all.get(key);
  if (found) return found;
  const sums = create();
  all.set(key, sums);
  return sums;
}

function noOutcomes(): Record<OutcomeName, number> {
  return { success: 0, clientError: 0, serverError: 0, notReached: 0, noAnswer: 0 };
}

/** Milliseconds; null where nothing was timed. */
function percentiles(buckets: readonly number[]): Percentiles {
  const at = (q: number) => {
    const micros = quantile(buckets, q);
    return micros === null ? null : Number((micros / 1000).toFixed(3));
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
