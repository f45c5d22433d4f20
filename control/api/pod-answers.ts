/** Pods, and the topology told by them: what both APIs answer, whichever words they use. */
import { PODS, POD_EDGES, factsOfPod } from "../world/attributes.ts";
import type { Filters } from "../world/filters.ts";
import type { Snapshot } from "../world/model.ts";
import type { PodPicture } from "../world/pod-edges.ts";
import { podFigures, rankedPods } from "../world/pod-figures.ts";
import type { PodFigures, PodOrder } from "../world/pod-figures.ts";
import { podTopology } from "../world/pod-topology.ts";
import type { PodGroupBy } from "../world/pod-topology.ts";
import { bounded } from "./limits.ts";
import type { PagedQuestion } from "./pages.ts";
import type { TopologyAnswer, TopologyQuestion, When, Window } from "./topology-answers.ts";

export interface PodsQuestion extends When, PagedQuestion {
  /** Node id; empty or left out: all. */
  readonly workload?: string | undefined;
  /** Of PODS. */
  readonly filters: Filters;
  readonly order: PodOrder;
}

export interface PodsAnswer extends Window {
  readonly pods: readonly PodFigures[];
}

/** Pods that served or sent something, in the order that was asked for. */
export function podsOf(picture: PodPicture, { workload, filters, order, page }: PodsQuestion): PodsAnswer {
  const { nodes, atMs, windowSeconds } = picture;
  const pods = podFigures(picture).filter(
    (pod) => (!workload || pod.workload === workload) && filters.match(factsOfPod(pod, nodes)),
  );
  return { atMs, windowSeconds, pods: bounded(rankedPods(pods, order), PODS.name, page) };
}

/** The edges between pods that match, merged by what they are grouped by, and the groups at their ends. */
export function podTopologyOf(
  picture: PodPicture,
  workloads: Snapshot,
  { filters, around, page }: TopologyQuestion,
  by: PodGroupBy,
): TopologyAnswer {
  const { nodes, edges } = podTopology(picture, { by, filters, around, workloads });
  const { atMs, windowSeconds } = picture;
  return { atMs, windowSeconds, nodes: bounded(nodes, "nodes", page), edges: bounded(edges, POD_EDGES.name, page) };
}
