/** Sums over several edges, as a card, a line or a row shows them. */
import type { Percentiles, SnapshotEdge, WireFacts } from "../../../control/world/model.ts";
import { formatBytesRate, formatCount, formatRate } from "./format.ts";
import { isConnections } from "./world.ts";

/** What is shown of connections, of which nobody knows the requests. */
export interface ConnectionFigures {
  /** Null for the past: nobody knows how many were open then. */
  readonly open: number | null;
  /** Bytes a second to the server, and from it. */
  readonly requestBytesRate: number;
  readonly responseBytesRate: number;
  /** How long those lived that closed; of one edge only, since percentiles cannot be merged here. */
  readonly lifetime?: Percentiles | undefined;
}

export function connectionFigures(edges: readonly SnapshotEdge[]): ConnectionFigures {
  const sum = (of: (edge: SnapshotEdge) => number): number => edges.reduce((total, edge) => total + of(edge), 0);
  return {
    open: edges.some(({ active }) => active === null) ? null : sum(({ active }) => active ?? 0),
    requestBytesRate: sum(({ requestBytesRate }) => requestBytesRate),
    responseBytesRate: sum(({ responseBytesRate }) => responseBytesRate),
    lifetime: edges.length === 1 ? edges[0]?.lifetime : undefined,
  };
}

/** What taps saw of the connections of several edges. */
export interface WireFigures extends Omit<WireFacts, "handshake"> {
  /** Of one pair of ends only, since percentiles cannot be merged here. */
  readonly handshake: Percentiles | undefined;
}

/** Undefined where no tap sees them. Edges with the same ends share what it saw. */
export function wireFigures(edges: readonly SnapshotEdge[]): WireFigures | undefined {
  const byEnds = new Map(
    edges.flatMap(({ client, server, wire }) => (wire ? [[`${client}>${server}`, wire] as const] : [])),
  );
  const [first, ...others] = byEnds.values();
  if (!first) return undefined;
  const sum = (of: (wire: WireFacts) => number): number => others.reduce((total, wire) => total + of(wire), of(first));
  return {
    refused: sum(({ refused }) => refused),
    resets: sum(({ resets }) => resets),
    retransmissions: sum(({ retransmissions }) => retransmissions),
    handshake: others.length === 0 ? first.handshake : undefined,
  };
}

/** Requests a second; where there are only connections, how many are open, or in the past what they carried. */
export function edgesFigure(edges: readonly SnapshotEdge[]): string {
  if (edges.length > 0 && edges.every(isConnections)) {
    const { open, requestBytesRate, responseBytesRate } = connectionFigures(edges);
    return open === null ? formatBytesRate(requestBytesRate + responseBytesRate) : `${formatCount(open)} open`;
  }
  return formatRate(edges.reduce((sum, edge) => sum + (isConnections(edge) ? 0 : edge.red.rate), 0));
}

/** The same for a line: what connections carry, both ways together, before how many are open. */
export function lineFigure(edges: readonly SnapshotEdge[]): string {
  const figure = edgesFigure(edges);
  if (edges.length === 0 || !edges.every(isConnections)) return figure;
  const { open, requestBytesRate, responseBytesRate } = connectionFigures(edges);
  const bytesRate = requestBytesRate + responseBytesRate;
  return bytesRate === 0 || open === null ? figure : `${formatBytesRate(bytesRate)} · ${figure}`;
}
