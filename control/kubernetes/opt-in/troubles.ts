import type { OptedInWorkload } from "../../api/opt-in-source.ts";
import type { Notice } from "./events.ts";
import type { PlannedWorkload } from "./plan.ts";
import { regardingOf } from "./regarding.ts";

/**
 * What Events are to tell. That nothing was reported yet is none of it while nobody has seen a request.
 * @param planned the same workloads, in the same order
 * @param namespaces what is wrong with whole namespaces, by name
 */
export function troublesOf(
  workloads: readonly OptedInWorkload[],
  planned: readonly PlannedWorkload[],
  namespaces: ReadonlyMap<string, string>,
): Notice[] {
  const ofWorkloads = workloads.flatMap(({ problems, namespace, state }, index) => {
    const workload = planned[index];
    // What is wrong with a whole namespace is told once, not for each workload in it.
    const own = problems.filter((problem) => problem !== namespaces.get(namespace));
    if (!workload || own.length === 0 || state === "waiting") return [];
    const reason = state === "silent" ? ("NotReporting" as const) : ("NotObserved" as const);
    return [{ regarding: regardingOf(workload), reason, note: own.join(" ") }];
  });
  const ofNamespaces = [...namespaces].map(([name, note]) => {
    const regarding = { apiVersion: "v1", kind: "Namespace", name, namespace: undefined, uid: undefined };
    return { regarding, reason: "NotObserved" as const, note };
  });
  return [...ofWorkloads, ...ofNamespaces];
}
