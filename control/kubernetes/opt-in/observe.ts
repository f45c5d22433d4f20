/** The annotation by which people turn the filter on and off, and which of several of them counts. */

export const OBSERVE = "sidelight.dev/observe";

/** What an annotation says; "wrong" where that is neither of the two values that it may have. */
export type Observe = "on" | "off" | "wrong";

/** What stands at each place; undefined where it is not annotated. */
export interface Stated {
  readonly pod: Observe | undefined;
  /** On the workload itself or on its template. */
  readonly workload: Observe | undefined;
  readonly namespace: Observe | undefined;
}

/** Where the annotation stands that turned something on. */
export type OptedInBy = "namespace" | "workload" | "pod";

export function readObserve(text: string | undefined): Observe | undefined {
  if (text === undefined) return undefined;
  if (text === "true") return "on";
  return text === "false" ? "off" : "wrong";
}

/** What is wrong with an annotation's text, and what to write. */
export function wrongValue(what: string, text: string): string {
  return `${what} says ${OBSERVE}: ${JSON.stringify(text.slice(0, 64))}; write "true" or "false", in quotes. Until then it is not observed by that`;
}

/**
 * What turned a pod on; undefined where it is off. Between pod and workload an exclusion wins, since pods keep what their
 * template said when they were made. Both go before the namespace. Nothing is turned on by what nobody can read, nor in spite of it.
 */
export function optedInBy({ pod, workload, namespace }: Stated): OptedInBy | undefined {
  const near = [pod, workload];
  if (near.includes("off") || near.includes("wrong")) return undefined;
  if (workload === "on") return "workload";
  if (pod === "on") return "pod";
  return namespace === "on" ? "namespace" : undefined;
}
