import { Batch, Protocol, ReporterKind, Side } from "#proto/ingest.ts";
import type { Counter, Hello } from "#proto/ingest.ts";
import { BatchReader } from "../ingest/batch-reader.ts";
import type { ReceivedBatch } from "../ingest/envelope.ts";
import { normalizeAddress } from "./address.ts";
import type { ExternalHosts } from "./external-hosts.ts";
import { NODE_ADDRESS, meshWorkload, tapOn, unresolved } from "./identities.ts";
import type { Inventory } from "./inventory.ts";
import { mergeObservations } from "./merge-observations.ts";
import { nameExemplar } from "./name-exemplar.ts";
import type { NodeIdentity } from "./node.ts";
import type { Loss, Observation, ReportedWindow, WireCounts } from "./observation.ts";
import { podOfPeer, podOfReporter } from "./name-pod.ts";
import type { Asked } from "./name-pod.ts";
import type { PodEnd } from "./pod-end.ts";
import { PodSums } from "./pod-sums.ts";
import { resolvePeer } from "./resolve-peer.ts";
import type { PeerFacts } from "./resolve-peer.ts";
import { placeWindow } from "./time-line.ts";
import type { Placement } from "./time-line.ts";
import { LOSS_NAMES, OUTCOME_NAMES, PROTOCOL_NAMES, SIDE_NAMES, absoluteBuckets } from "./wire-names.ts";
import { tellsOf } from "./wire-teller.ts";

/** What naming a window asks. */
export interface Naming {
  readonly inventory: Inventory;
  readonly externalHosts: ExternalHosts;
  /** Told of each server that a caller asked, with the name of the cluster that led there. */
  readonly onUpstream?: (caller: string, cluster: string, server: string) => void;
  /** Told of each server that a tap heard being asked over HTTP, at which address. */
  readonly onHeard?: (tap: string, address: string, server: string) => void;
  /** Whether there is a tap on a Kubernetes node; taps are not known of one another where it is left out. */
  readonly isTapped?: (node: string) => boolean;
  /** Told when a window had to be moved since it lay in the future or too far in the past. */
  readonly onClamped?: (direction: Exclude<Placement["clamped"], undefined>) => void;
}

/**
 * Turns a batch from the inbox into a window with both ends of every edge named and the time on control's line.
 *
 * The batch was checked before it went into the inbox (ingest/validate.ts); one that cannot be read throws.
 */
export function nameWindow(received: ReceivedBatch, naming: Naming): ReportedWindow {
  return nameBatch({ ...received, batch: Batch.decode(new BatchReader(received.batch)) }, naming);
}

/** What came in, read already. */
export interface DecodedBatch extends Omit<ReceivedBatch, "batch" | "sentMs"> {
  readonly batch: Batch;
}

/** The same of a batch that is decoded already, as live requests are. */
export function nameBatch(received: DecodedBatch, naming: Naming): ReportedWindow {
  const { batch } = received;
  const placement = placeWindow(batch, received);
  if (placement.clamped) naming.onClamped?.(placement.clamped);
  const atMs = placement.startMs;
  const asked = { inventory: naming.inventory, atMs, untilMs: atMs + batch.durationMillis };
  const own = nameReporter(received.hello, naming.inventory, atMs, asked.untilMs);
  const nodes = new Map([[own.id, own]]);
  const { addresses } = received.hello;
  const peers = new PeerNames(batch, { ...naming, ...asked, addresses, caller: callerId(own, received.hello) });
  const pods = new PodSums(podOfReporter(own, received.hello, asked));
  const observations = batch.counters.map((counter) => {
    const { node, pod, client } = peers.of(counter);
    if (client && !tellsOf(received.hello.nodeId, { client: client.pod, server: pod }, naming.isTapped ?? untapped)) {
      return undefined;
    }
    nodes.set(node.id, node);
    if (client) nodes.set(client.node.id, client.node);
    if (client && isHttp(counter)) naming.onHeard?.(own.id, addressOf(counter, batch), node.id);
    const observation = observe(counter, batch.strings, { own: client?.node.id ?? own.id, peer: node.id });
    pods.add(podKey(counter), observation, pod, client?.pod);
    return observation;
  });
  return {
    reporter: own.id,
    instance: received.hello.instance,
    isFirst: batch.sequence === 1,
    startMs: placement.startMs,
    durationMs: batch.durationMillis,
    nodes: [...nodes.values()],
    observations: mergeObservations(observations.filter((observation) => observation !== undefined)),
    pods: pods.traffic(),
    losses: batch.losses.flatMap(({ kind, count }): Loss[] => {
      const known = LOSS_NAMES[kind];
      return known && count > 0 ? [{ kind: known, count }] : [];
    }),
    exemplars: batch.exemplars.flatMap((exemplar) => {
      const counted = observations[exemplar.counter];
      return counted ? [nameExemplar(exemplar, { counted, batch, startMs: atMs })] : [];
    }),
  };
}

/** The workload that a reporter stands beside, or a tap itself: what the mesh told its proxy, else who holds its address. */
export function nameReporter(hello: Hello, inventory: Inventory, atMs: number, untilMs?: number): NodeIdentity {
  if (hello.kind === ReporterKind.REPORTER_KIND_TAP) return tapOn(hello.nodeId);
  if (hello.namespace && hello.workload) {
    return inventory.byName(hello.namespace, hello.workload) ?? meshWorkload(hello.namespace, hello.workload);
  }
  for (const address of hello.addresses) {
    const holder = inventory.byAddress(address, atMs, untilMs);
    if (holder) return holder;
  }
  return unresolved(
    "unknown-reporter",
    "a sidecar reports that states neither its workload nor an address that the inventory knows",
  );
}

/** What tells callers apart: their node, and where nobody knows that of a reporter, its instance. */
export function callerId(own: NodeIdentity, { instance }: Hello): string {
  return own.kind === "unresolved" ? `instance/${instance}` : own.id;
}

/** Who a peer is, and in which pod. */
interface NamedPeer {
  readonly node: NodeIdentity;
  readonly pod: PodEnd;
  /** Of a peer on the wire, which is the server: who asked it. */
  readonly client?: Omit<NamedPeer, "client">;
}

/** Names each peer of a batch once a side. */
class PeerNames {
  readonly #inbound: (NamedPeer | undefined)[] = [];
  readonly #outbound: (NamedPeer | undefined)[] = [];
  readonly #wire: (NamedPeer | undefined)[] = [];

  constructor(
    private readonly batch: Batch,
    private readonly naming: Naming & Asked & { readonly caller: string; readonly addresses: readonly string[] },
  ) {}

  of({ peer, side }: Counter): NamedPeer {
    if (side === Side.SIDE_WIRE) return (this.#wire[peer] ??= this.#resolveWire(peer));
    const isOutbound = side === Side.SIDE_OUTBOUND;
    const named = isOutbound ? this.#outbound : this.#inbound;
    return (named[peer] ??= this.#resolve(peer, isOutbound));
  }

  /** Of both ends a tap knows the address and nothing else, but for those of its own node. */
  #resolveWire(index: number): NamedPeer {
    const peer = this.batch.peers[index];
    const named = (ref: number | undefined, isOutbound: boolean): Omit<NamedPeer, "client"> => {
      const address = this.batch.strings[ref ?? 0] ?? "";
      const found = resolvePeer({ ...NO_FACTS, address }, { ...this.naming, isOutbound });
      const isNobody = found.kind === "unresolved" || found.kind === "external";
      const isNode = isNobody && this.naming.addresses.includes(normalizeAddress(address) ?? "");
      const node = isNode ? NODE_ADDRESS : found;
      return { node, pod: podOfPeer(node, address, this.naming) };
    };
    return { ...named(peer?.address, true), client: named(peer?.client, false) };
  }

  #resolve(index: number, isOutbound: boolean): NamedPeer {
    const text = (ref: number | undefined): string => this.batch.strings[ref ?? 0] ?? "";
    const peer = this.batch.peers[index];
    const facts = {
      address: text(peer?.address),
      principal: text(peer?.principal),
      cluster: text(peer?.cluster),
      authority: text(peer?.authority),
      namespace: text(peer?.namespace),
      workload: text(peer?.workload),
    };
    const node = resolvePeer(facts, { ...this.naming, isOutbound });
    const { onUpstream, caller } = this.naming;
    if (isOutbound && facts.cluster) onUpstream?.(caller, facts.cluster, node.id);
    return { node, pod: podOfPeer(node, facts.address, this.naming) };
  }
}

const NO_FACTS: PeerFacts = { address: "", principal: "", cluster: "", authority: "", namespace: "", workload: "" };

function isHttp({ protocol }: Counter): boolean {
  return protocol === Protocol.PROTOCOL_HTTP || protocol === Protocol.PROTOCOL_HTTP2;
}

function addressOf({ peer }: Counter, { peers, strings }: Batch): string {
  return strings[peers[peer]?.address ?? 0] ?? "";
}

function untapped(): boolean {
  return false;
}

/** Counters of the same peer, side, protocol and outcome have the same; each of these was checked to be below 16. */
function podKey({ peer, side, protocol, outcome }: Counter): number {
  return ((peer * 16 + side) * 16 + protocol) * 16 + outcome;
}

function observe(counter: Counter, strings: readonly string[], ends: { own: string; peer: string }): Observation {
  const isInbound = counter.side === Side.SIDE_INBOUND;
  return {
    side: SIDE_NAMES[counter.side] ?? "destination",
    client: isInbound ? ends.peer : ends.own,
    server: isInbound ? ends.own : ends.peer,
    protocol: PROTOCOL_NAMES[counter.protocol] ?? "http",
    method: strings[counter.method] ?? "",
    route: strings[counter.route] ?? "",
    outcome: OUTCOME_NAMES[counter.outcome] ?? "serverError",
    status: counter.status,
    count: counter.count,
    buckets: absoluteBuckets(counter.buckets),
    requestBytes: counter.requestBytes,
    responseBytes: counter.responseBytes,
    active: counter.active,
    ...(counter.side === Side.SIDE_WIRE && counter.protocol === Protocol.PROTOCOL_TCP && { wire: wireCounts(counter) }),
  };
}

function wireCounts({ refused, resets, retransmissions, handshakeBuckets }: Counter): WireCounts {
  return { refused, resets, retransmissions, handshakes: absoluteBuckets(handshakeBuckets) };
}
