import type { NodeIdentity } from "../identity/node.ts";
import type { PodTraffic } from "../identity/observation.ts";
import { NodeState } from "./node-state.ts";
import { PodEdgeState, podCounts, podEdgeText } from "./pod-edges.ts";
import type { PodEdge, PodPicture } from "./pod-edges.ts";
import { viewOf } from "./reporter-rule.ts";
import { hear, shownInWindow } from "./shown-window.ts";

/** What pods said in a past range, added up: what its picture is drawn from. */
export interface PodRangeSums {
  /** As RangeSums.observations: one for each thing that was counted, the views of different sides apart. */
  readonly traffic: readonly PodTraffic[];
  /** The nodes that it names, each as it was known at the end of the range. */
  readonly nodes: readonly NodeIdentity[];
}

/** What pods said in a past range, as the live world would have shown it at the end of that range. */
export function pictureOfPods(
  sums: PodRangeSums,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): PodPicture {
  const nodes = new Map<string, NodeState>();
  const nodeOf = (id: string): NodeState => nodes.get(id) ?? nodes.set(id, new NodeState(id)).get(id)!;
  const edges = new Map<string, PodEdgeState>();
  for (const traffic of sums.traffic) {
    const text = podEdgeText(traffic);
    const edge = edges.get(text) ?? edges.set(text, new PodEdgeState(traffic)).get(text)!;
    const view = viewOf(traffic);
    edge.window.add(view, podCounts(traffic), 1);
    hear(view, { client: nodeOf(traffic.client.workload), server: nodeOf(traffic.server.workload) }, 1);
  }
  for (const identity of sums.nodes) nodes.get(identity.id)?.name(identity, toMs);
  const shown = [...edges.values()].flatMap((edge): PodEdge[] => {
    const ends = { client: nodeOf(edge.client.workload), server: nodeOf(edge.server.workload) };
    const read = edge.read(shownInWindow({ ...ends, protocol: edge.protocol }));
    return read ? [read] : [];
  });
  const ends = new Set(shown.flatMap(({ client, server }) => [client.workload, server.workload]));
  return {
    atMs: toMs,
    windowSeconds: (toMs - fromMs) / 1_000,
    edges: shown,
    nodes: new Map([...ends].map((id) => [id, nodeOf(id).shownIdentity()])),
  };
}
