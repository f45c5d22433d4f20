/**
 * What pods said to each other, edge by edge. The reporter rule is that of their workloads: where the server's sidecars
 * are heard they are shown for every pod of it, so that what is shown of the pods of a workload adds up to what is shown
 * of the workload.
 */
import type { NodeIdentity } from "../identity/node.ts";
import type { PodTraffic, Protocol, ReporterSide } from "../identity/observation.ts";
import { OTHER_POD, podText, unknownPod } from "../identity/pod-end.ts";
import type { PodEnd } from "../identity/pod-end.ts";
import type { Counts, CounterSums } from "./counter-sums.ts";
import type { Snapshot } from "./model.ts";
import type { Shown } from "./reporter-rule.ts";
import { ViewSums } from "./view-sums.ts";

/** What two pods said by one protocol, as it is shown. */
export interface PodEdge {
  readonly client: PodEnd;
  readonly server: PodEnd;
  readonly protocol: Protocol;
  readonly shownFrom: ReporterSide;
  /** To be read at once and not kept: they change with the world. */
  readonly sums: CounterSums;
}

/** All that pods said in a window. */
export interface PodPicture extends Pick<Snapshot, "atMs" | "windowSeconds"> {
  readonly edges: readonly PodEdge[];
  /** The workloads at their ends, or who is there instead, by node id. */
  readonly nodes: ReadonlyMap<string, NodeIdentity>;
}

let made = 0;

/** Everything known of what two pods said by one protocol. */
export class PodEdgeState {
  /** No other has it. */
  readonly number = made++;
  readonly client: PodEnd;
  readonly server: PodEnd;
  readonly protocol: Protocol;
  readonly window = new ViewSums();
  /** The last second of which something is held. */
  lastSecond = -Infinity;

  constructor({ client, server, protocol }: Pick<PodTraffic, "client" | "server" | "protocol">) {
    this.client = client;
    this.server = server;
    this.protocol = protocol;
  }

  /** By the reporter rule; undefined where it shows nothing of this edge. */
  read(shown: Shown): PodEdge | undefined {
    const sums = this.window.shown(shown.views);
    if (sums.isEmpty) return undefined;
    const { client, server, protocol } = this;
    return { client, server, protocol, shownFrom: shown.side, sums };
  }
}

/** A text by which pod edges are told apart. */
export function podEdgeText({ client, server, protocol }: Pick<PodTraffic, "client" | "server" | "protocol">): string {
  return `${podText(client)}\n${podText(server)}\n${protocol}`;
}

/** The same traffic, where there is no room to tell its pods apart. */
export function withoutPods(traffic: PodTraffic): PodTraffic {
  return { ...traffic, client: otherPod(traffic.client), server: otherPod(traffic.server) };
}

function otherPod(end: PodEnd): PodEnd {
  const isKnown = end.pod !== "" || end.node !== "" || end.version !== "";
  return isKnown ? { ...unknownPod(end.workload), pod: OTHER_POD } : end;
}

/** What is summed of it. */
export function podCounts({ outcome, count, buckets, requestBytes, responseBytes }: PodTraffic): Counts {
  return { outcome, status: 0, count, buckets, requestBytes, responseBytes };
}
