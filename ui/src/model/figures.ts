/** Sums over several edges, as a card or a row shows them. */
import type { SnapshotEdge } from "../../../control/world/model.ts";
import { formatCount, formatRate } from "./format.ts";
import { isConnections } from "./world.ts";

/** Requests a second; where there are only connections, how many are open. */
export function edgesFigure(edges: readonly SnapshotEdge[]): string {
  if (edges.length > 0 && edges.every(isConnections)) {
    return `${formatCount(edges.reduce((sum, { active }) => sum + active, 0))} open`;
  }
  return formatRate(edges.reduce((sum, edge) => sum + (isConnections(edge) ? 0 : edge.red.rate), 0));
}
