/** Those of whom no annotation says anything, and namespaces with how many of their workloads are observed. */
import type { OptedInNamespace, OptedInWorkload } from "../../api/opt-in-source.ts";
import type { WorkloadCount } from "./namespace-state.ts";
import { reported } from "./status.ts";
import type { Reports } from "./status.ts";

/** One that nothing turns on or off. It may report all the same, where its mesh was told by hand. */
export function untouched(
  { namespace, name, kind, pods, meshed }: WorkloadCount,
  reports: Reports | undefined,
): OptedInWorkload {
  return {
    ...{ namespace, name, kind, state: "off", by: null, stated: null, plugin: null },
    ...{ pods, included: 0, sidecars: 0, meshed, problems: [] },
    ...reported(reports),
  };
}

/** By namespace, then by name. */
export function inOrder(one: OptedInWorkload, other: OptedInWorkload): number {
  return compare(one.namespace, other.namespace) || compare(one.name, other.name);
}

/**
 * @param namespaces with what their annotations say
 * @param workloads all that there are in them
 * @param problems by namespace
 */
export function namespacesWith(
  namespaces: ReadonlyMap<string, string | undefined>,
  workloads: readonly OptedInWorkload[],
  { problems, rootNamespace }: { readonly problems: ReadonlyMap<string, string>; readonly rootNamespace: string },
): OptedInNamespace[] {
  const sums = new Map([...namespaces.keys()].map((name) => [name, { workloads: 0, on: 0, reporting: 0 }]));
  for (const { namespace, by, reporting } of workloads) {
    const sum = sums.get(namespace);
    if (!sum) continue;
    sum.workloads += 1;
    if (by !== null) sum.on += 1;
    if (reporting !== null) sum.reporting += 1;
  }
  return [...sums]
    .map(([name, sum]) => ({
      ...{ name, observe: namespaces.get(name) ?? null, isRoot: name === rootNamespace },
      ...sum,
      problem: problems.get(name) ?? null,
    }))
    .sort((one, other) => compare(one.name, other.name));
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
