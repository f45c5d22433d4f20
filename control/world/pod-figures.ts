import type { NodeKind } from "../identity/node.ts";
import { podText } from "../identity/pod-end.ts";
import type { PodEnd } from "../identity/pod-end.ts";
import { BucketSums } from "./bucket-sums.ts";
import type { Red } from "./model.ts";
import { errorCounts } from "./outcomes.ts";
import type { ErrorCounts } from "./outcomes.ts";
import type { PodEdge, PodPicture } from "./pod-edges.ts";
import { redOf, sumCounts } from "./red.ts";

/**
 * A pod and what it served and sent. Where it is not known which pod it was, one for each workload, node and version;
 * a pod that moved to another node within the window has one for each.
 */
export interface PodFigures extends PodEnd {
  readonly inbound: Red;
  readonly outbound: Red;
  /** Bytes a second of the connections that it served and opened, both ways (TCP only). */
  readonly inboundBytesRate: number;
  readonly outboundBytesRate: number;
}

/** What pods are ranked by: requests, server errors and not reached, or bytes, served and sent. */
export type PodOrder = "requests" | "bytes" | "errors";

/** Sums of some pod edges. How long connections lived is kept apart: it says nothing of how fast anything answers. */
export class PodTotals {
  counts: ErrorCounts = sumCounts([]);
  readonly latency = new BucketSums();
  readonly lifetime = new BucketSums();
  requestBytes = 0;
  responseBytes = 0;

  /** @param client the kind of the edge's client */
  add({ protocol, sums }: PodEdge, client: NodeKind): void {
    this.counts = sumCounts([this.counts, errorCounts(sums.outcomes, protocol, client)]);
    (protocol === "tcp" ? this.lifetime : this.latency).merge(sums.latency);
    this.requestBytes += sums.requestBytes;
    this.responseBytes += sums.responseBytes;
  }

  red(seconds: number): Red {
    return redOf(this.counts, this.latency.read([]), seconds);
  }

  /** Bytes a second, both ways. */
  bytesRate(seconds: number): number {
    return (this.requestBytes + this.responseBytes) / seconds;
  }
}

/** Every pod that served or sent anything, and the workloads without a known one; nobody outside has pods. */
export function podFigures({ edges, nodes, windowSeconds }: PodPicture): PodFigures[] {
  const pods = new Map<string, { readonly end: PodEnd; readonly inbound: PodTotals; readonly outbound: PodTotals }>();
  const podOf = (end: PodEnd): { inbound: PodTotals; outbound: PodTotals } => {
    const text = podText(end);
    const known = pods.get(text) ?? { end, inbound: new PodTotals(), outbound: new PodTotals() };
    pods.set(text, known);
    return known;
  };
  for (const edge of edges) {
    const client = nodes.get(edge.client.workload)?.kind ?? "unresolved";
    podOf(edge.server).inbound.add(edge, client);
    podOf(edge.client).outbound.add(edge, client);
  }
  return [...pods.values()]
    .filter(({ end }) => hasPods(nodes.get(end.workload)?.kind))
    .map(({ end, inbound, outbound }) => ({
      ...end,
      inbound: inbound.red(windowSeconds),
      outbound: outbound.red(windowSeconds),
      inboundBytesRate: inbound.bytesRate(windowSeconds),
      outboundBytesRate: outbound.bytesRate(windowSeconds),
    }));
}

/** The highest first; what is equal in the order of its names. */
export function rankedPods(pods: readonly PodFigures[], order: PodOrder): PodFigures[] {
  return [...pods].sort((a, b) => rankOf(b, order) - rankOf(a, order) || (podText(a) < podText(b) ? -1 : 1));
}

function rankOf({ inbound, outbound, inboundBytesRate, outboundBytesRate }: PodFigures, order: PodOrder): number {
  if (order === "bytes") return inboundBytesRate + outboundBytesRate;
  if (order === "requests") return inbound.requests + outbound.requests;
  return [inbound, outbound].reduce((sum, { serverErrors, notReached }) => sum + serverErrors + notReached, 0);
}

function hasPods(kind: NodeKind | undefined): boolean {
  return kind !== undefined && kind !== "external" && kind !== "unresolved";
}
