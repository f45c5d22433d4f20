import type { OptedInWorkload } from "../../api/opt-in-source.ts";
import type { Regarding, Trouble } from "./events.ts";
import type { PlannedWorkload } from "./plan.ts";

const API_VERSIONS: Readonly<Record<string, string>> = {
  Deployment: "apps/v1",
  StatefulSet: "apps/v1",
  DaemonSet: "apps/v1",
  Job: "batch/v1",
  CronJob: "batch/v1",
  Pod: "v1",
};

/**
 * What Events are to tell. That nothing was reported yet is none of it while nobody has seen a request.
 * @param planned the same workloads, in the same order
 * @param namespaces what is wrong with whole namespaces, by name
 */
export function troublesOf(
  workloads: readonly OptedInWorkload[],
  planned: readonly PlannedWorkload[],
  namespaces: ReadonlyMap<string, string>,
): Trouble[] {
  const ofWorkloads = workloads.flatMap(({ problems, namespace, state }, index) => {
    const workload = planned[index];
    // What is wrong with a whole namespace is told once, not for each workload in it.
    const own = problems.filter((problem) => problem !== namespaces.get(namespace));
    if (!workload || own.length === 0 || state === "waiting") return [];
    return [{ regarding: regardingOf(workload), note: own.join(" ") }];
  });
  const ofNamespaces = [...namespaces].map(([name, note]) => {
    return { regarding: { apiVersion: "v1", kind: "Namespace", name, namespace: undefined, uid: undefined }, note };
  });
  return [...ofWorkloads, ...ofNamespaces];
}

function regardingOf({ namespace, name, kind, uid }: PlannedWorkload): Regarding {
  return { apiVersion: API_VERSIONS[kind] ?? "", kind, name, namespace, uid };
}
