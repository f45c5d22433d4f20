/**
 * Who the other end of an edge is, in the order of how far each source can be trusted:
 *
 * 1. what the mesh proves: the SPIFFE id of the certificate, the metadata that sidecars exchange;
 * 2. the inventory, asked for the address at the time of the request;
 * 3. the upstream cluster's name, which the mesh's configuration chose;
 * 4. for outbound requests that leave the mesh, the host's name;
 * 5. otherwise `unresolved`, with the reason, or `external` when the address is outside.
 *
 * Nothing that a client sends is ever believed: of an inbound request only its address and its certificate count, and
 * metadata only as far as neither contradicts it.
 */
import type { ExternalHosts } from "./external-hosts.ts";
import { EXTERNAL_CLIENTS, meshWorkload, unresolved } from "./identities.ts";
import type { Inventory } from "./inventory.ts";
import type { NodeIdentity } from "./node.ts";

/** What a reporter saw of the peer; empty where it saw nothing. */
export interface PeerFacts {
  readonly address: string;
  readonly principal: string;
  readonly cluster: string;
  readonly authority: string;
  readonly namespace: string;
  readonly workload: string;
}

export interface PeerContext {
  readonly inventory: Inventory;
  readonly externalHosts: ExternalHosts;
  readonly isOutbound: boolean;
  /** When the requests were, milliseconds since the epoch; the end is not part of it. */
  readonly atMs: number;
  readonly untilMs?: number;
}

/** What a reporter writes for peers that found no room in its table. */
const OTHER = "~other";

export function resolvePeer(peer: PeerFacts, context: PeerContext): NodeIdentity {
  if (peer.address === OTHER || peer.cluster === OTHER) {
    return unresolved(OTHER, "the reporter's table of peers was full");
  }
  return byMesh(peer, context) ?? byAddress(peer, context) ?? byCluster(peer, context) ?? leftOver(peer, context);
}

function byMesh(peer: PeerFacts, context: PeerContext): NodeIdentity | undefined {
  const account = parseSpiffeId(peer.principal);
  if (account) return byAccount(account, peer, context);
  if (!peer.namespace || !peer.workload || !isInside(peer, context)) return undefined;
  return workload(peer.namespace, peer.workload, context);
}

/**
 * A certificate proves the namespace and the service account, which several workloads may share. The exchanged
 * metadata or the address say which of them, if they agree with the certificate.
 */
function byAccount(account: ServiceAccount, peer: PeerFacts, context: PeerContext): NodeIdentity {
  const { inventory } = context;
  const sharers = inventory.byServiceAccount(account.namespace, account.name);
  const agrees = (node: NodeIdentity | undefined): node is NodeIdentity =>
    node?.namespace === account.namespace && (sharers.length === 0 || sharers.some(({ id }) => id === node.id));
  const claimed = peer.namespace && peer.workload ? workload(peer.namespace, peer.workload, context) : undefined;
  if (agrees(claimed)) return claimed;
  const holder = byAddress(peer, context);
  if (agrees(holder)) return holder;
  const [only, ...others] = sharers;
  if (only && others.length === 0) return only;
  return unresolved(
    `service-account/${account.namespace}/${account.name}`,
    `its certificate names the service account ${account.namespace}/${account.name}, and nothing says which workload of it`,
  );
}

function byAddress(peer: PeerFacts, { inventory, atMs, untilMs }: PeerContext): NodeIdentity | undefined {
  return peer.address ? inventory.byAddress(peer.address, atMs, untilMs) : undefined;
}

function byCluster(peer: PeerFacts, context: PeerContext): NodeIdentity | undefined {
  if (!context.isOutbound || !peer.cluster) return undefined;
  const host = hostOfCluster(peer.cluster);
  const known = context.inventory.byHost(host, context.atMs);
  if (known) return known;
  if (isServiceHost(host)) {
    const service = host.split(".").slice(0, 2).join(".");
    return unresolved(`service/${service}`, `no single workload is known behind the service ${service}`);
  }
  // Istio names the cluster of a ServiceEntry after its host: configuration, so better than what the request says.
  return host !== peer.cluster && host.includes(".") ? context.externalHosts.node(host) : undefined;
}

function leftOver(peer: PeerFacts, context: PeerContext): NodeIdentity {
  if (!context.isOutbound) {
    if (!peer.address) return unresolved("no-address", "the reporter did not see the client's address");
    if (!context.inventory.isInside(peer.address)) return EXTERNAL_CLIENTS;
  } else {
    if (peer.authority && !(peer.address && context.inventory.isInside(peer.address))) {
      return context.externalHosts.node(peer.authority);
    }
    if (!peer.address) return withoutUpstream(peer);
    if (!context.inventory.isInside(peer.address)) return context.externalHosts.node(withoutPort(peer.address));
  }
  return (
    context.inventory.whyNobody(peer.address, context.atMs, context.untilMs) ??
    unresolved("unknown-address", "its address is inside the cluster and the inventory knows no holder of it")
  );
}

/** No upstream host was chosen: nobody was there, or no route matched. */
function withoutUpstream(peer: PeerFacts): NodeIdentity {
  if (!peer.cluster) return unresolved("no-route", "the request matched no route, so it had no upstream");
  return unresolved(`cluster/${peer.cluster}`, `no workload is known behind the cluster ${peer.cluster}`);
}

function workload(namespace: string, name: string, { inventory }: PeerContext): NodeIdentity {
  return inventory.byName(namespace, name) ?? meshWorkload(namespace, name);
}

/** Metadata of a client without a certificate is believed only when it comes from inside. */
function isInside(peer: PeerFacts, { inventory, isOutbound }: PeerContext): boolean {
  return isOutbound || inventory.isInside(peer.address);
}

interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Reads `spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT`, the form of Istio, Linkerd and Kuma on Kubernetes
 * (SPIFFE-ID specification, section 2). Undefined for any other form.
 */
export function parseSpiffeId(id: string): ServiceAccount | undefined {
  const [, namespace, name] = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(id) ?? [];
  return namespace && name ? { namespace, name } : undefined;
}

/** The host in an Istio cluster name, `outbound|PORT|SUBSET|HOST`; any other name as it is. */
export function hostOfCluster(cluster: string): string {
  const parts = cluster.split("|");
  return parts.length === 4 && parts[3] ? parts[3] : cluster;
}

function isServiceHost(host: string): boolean {
  return /^[^.]+\.[^.]+\.svc(\.|$)/.test(host);
}

function withoutPort(address: string): string {
  return address.replace(/:\d+$/, "");
}
