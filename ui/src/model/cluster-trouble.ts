import type { ClusterStatus } from "../../../control/api/cluster-source.ts";
import type { ControlTrouble } from "./control-trouble.ts";
import { formatMoment, formatSpan } from "./format.ts";

/** A restart of the API server is over by then. */
const AWAY_MS = 60_000;

/** What an operator should know of how the cluster is followed; null where there is none, or all is well. */
export function clusterTrouble(cluster: ClusterStatus | null, nowMs: number): ControlTrouble | null {
  if (!cluster) return null;
  const { awaySinceMs, problems } = cluster;
  if (awaySinceMs !== null) {
    if (nowMs - awaySinceMs < AWAY_MS) return null;
    return {
      word: `Names ${formatSpan(nowMs - awaySinceMs)} old`,
      sentences: [
        `The API server cannot be followed since ${formatMoment(awaySinceMs, nowMs)}: names are those of then, and pods that came since stand by address. Requests are counted all the same.`,
        ...problems,
      ],
    };
  }
  return problems.length === 0 ? null : { word: "Cluster read in part", sentences: problems };
}
