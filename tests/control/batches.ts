/** Batches in words, for tests: strings are interned and buckets delta-coded here, as a reporter does it. */
import { ExemplarReason, Outcome, Protocol, Side } from "#proto/ingest.ts";
import type { Batch, Counter, Exemplar, Peer, LossKind } from "#proto/ingest.ts";

export interface PeerWords {
  readonly address?: string;
  readonly principal?: string;
  readonly cluster?: string;
  readonly authority?: string;
  readonly namespace?: string;
  readonly workload?: string;
  readonly client?: string;
}

export interface CounterWords {
  readonly side?: Side;
  readonly peer?: PeerWords;
  readonly protocol?: Protocol;
  readonly method?: string;
  readonly route?: string;
  readonly outcome?: Outcome;
  readonly status?: number;
  readonly count?: number;
  /** (bucket index, count) pairs, ascending. */
  readonly buckets?: readonly number[];
  readonly requestBytes?: number;
  readonly responseBytes?: number;
  readonly active?: number;
}

/** What of an exemplar differs from a slow request of the first counter, half a second into the window. */
export interface ExemplarWords extends Partial<Omit<Exemplar, "atSeconds" | "atMillis">> {
  /** Milliseconds since the epoch, the reporter's clock. */
  readonly atMs?: number;
}

export interface BatchWords {
  readonly sequence?: number;
  /** Milliseconds since the epoch, the reporter's clock. */
  readonly startMs?: number;
  readonly durationMs?: number;
  readonly losses?: readonly { readonly kind: LossKind; readonly count: number }[];
  readonly exemplars?: readonly ExemplarWords[];
}

/** A batch of these counters: by default one GET / answered with 200 by the reporter. */
export function batchOf(counters: readonly CounterWords[], words: BatchWords = {}): Batch {
  const strings = new Interned();
  const peers: Peer[] = [];
  const peerIndexes = new Map<string, number>();
  const startMs = words.startMs ?? Date.now() - 1000;
  const peerIndex = (peer: PeerWords): number => {
    const key = JSON.stringify(peer);
    const known = peerIndexes.get(key);
    if (known !== undefined) return known;
    peerIndexes.set(key, peers.length);
    return peers.push(internPeer(peer, strings)) - 1;
  };
  const encoded = counters.map((counter): Counter => {
    const { method = "GET", route = "/", peer = {}, buckets = [], ...rest } = counter;
    return {
      side: Side.SIDE_INBOUND,
      protocol: Protocol.PROTOCOL_HTTP,
      outcome: Outcome.OUTCOME_SUCCESS,
      status: 200,
      count: 1,
      requestBytes: 0,
      responseBytes: 0,
      active: 0,
      resets: 0,
      retransmissions: 0,
      refused: 0,
      handshakeBuckets: [],
      unasked: 0,
      joined: 0,
      ...rest,
      method: strings.index(method),
      route: strings.index(route),
      peer: peerIndex(peer),
      buckets: gaps(buckets),
    };
  });
  return {
    sequence: words.sequence ?? 1,
    startSeconds: Math.floor(startMs / 1000),
    startMillis: startMs % 1000,
    durationMillis: words.durationMs ?? 1000,
    strings: strings.all,
    peers,
    counters: encoded,
    losses: [...(words.losses ?? [])],
    exemplars: (words.exemplars ?? []).map((exemplar) => exemplarOf(exemplar, startMs + 500)),
  };
}

function exemplarOf({ atMs, ...differing }: ExemplarWords, defaultMs: number): Exemplar {
  return {
    counter: 0,
    reason: ExemplarReason.EXEMPLAR_REASON_SLOWEST,
    atSeconds: Math.floor((atMs ?? defaultMs) / 1000),
    atMillis: (atMs ?? defaultMs) % 1000,
    path: "/",
    durationMicros: 1_000,
    flags: 0,
    requestId: "",
    traceId: "",
    ...differing,
  };
}

class Interned {
  readonly all = [""];

  index(text: string): number {
    const known = this.all.indexOf(text);
    return known >= 0 ? known : this.all.push(text) - 1;
  }
}

function internPeer(peer: PeerWords, strings: Interned): Peer {
  return {
    address: strings.index(peer.address ?? ""),
    principal: strings.index(peer.principal ?? ""),
    cluster: strings.index(peer.cluster ?? ""),
    authority: strings.index(peer.authority ?? ""),
    namespace: strings.index(peer.namespace ?? ""),
    workload: strings.index(peer.workload ?? ""),
    client: strings.index(peer.client ?? ""),
  };
}

function gaps(buckets: readonly number[]): number[] {
  return buckets.map((value, i) => (i % 2 === 0 && i > 0 ? value - (buckets[i - 2] ?? 0) : value));
}
