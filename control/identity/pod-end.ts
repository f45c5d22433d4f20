/**
 * One end of what pods said to each other, as far as it is known where that end runs. What is not known is empty, and
 * never guessed: of a workload of which only one pod is known, traffic of an unknown pod is not that pod's.
 */
export interface PodEnd {
  /** Node id of the workload, or of whoever it is instead: hosts outside have no pods. */
  readonly workload: string;
  /** "namespace/pod". */
  readonly pod: string;
  /** The Kubernetes node that it runs on. */
  readonly node: string;
  /** The version of its workload. */
  readonly version: string;
}

/** What pods of a workload are counted under that no room was left for. */
export const OTHER_POD = "~other";

/** Someone of whose pod nothing is known. */
export function unknownPod(workload: string): PodEnd {
  return { workload, pod: "", node: "", version: "" };
}

/** A text by which ends are told apart. */
export function podText({ workload, pod, node, version }: PodEnd): string {
  return `${workload}\n${pod}\n${node}\n${version}`;
}
