/** Who is observed in a cluster, and why somebody is not: words, order and what a list is narrowed to. Pure. */
import type { OptedInNamespace, OptedInWorkload, OptInStatus } from "../../../control/api/opt-in-source.ts";
import type { Health } from "../../../control/world/model.ts";
import { countOf } from "./format.ts";

export interface ObservedWords {
  readonly health: Health;
  readonly word: string;
  /** What more there is to say in a line; may be empty. */
  readonly why: string;
}

/** What a list is narrowed to. */
export type ObservedPart = "trouble" | "waiting" | "reporting" | "unobserved";
export const OBSERVED_PARTS: readonly (readonly [part: ObservedPart, word: string])[] = [
  ["trouble", "Need attention"],
  ["reporting", "Reporting"],
  ["waiting", "Waiting"],
  ["unobserved", "Not observed"],
];

/** @param isBlocked whether something is wrong with the whole of it, which is told elsewhere */
export function observedWords(workload: OptedInWorkload, isBlocked: boolean): ObservedWords {
  const { state, problems } = workload;
  const [problem] = problems;
  if (state === "off") return offWords(workload);
  if (state === "silent") return SILENT;
  if (state === "notWritten") return notWrittenWords(problem, isBlocked);
  const { word, why } = QUIET[state];
  return { health: state === "reporting" ? "healthy" : "idle", word, why: problem ?? why(workload) };
}

const SILENT: ObservedWords = {
  ...{ health: "failing", word: "Silent", why: "Others tell of its requests, its own sidecars tell nothing" },
};

/** States in which nothing is amiss where no problem is told. */
const QUIET: Readonly<
  Record<
    Exclude<OptedInWorkload["state"], "off" | "silent" | "notWritten">,
    { readonly word: string; readonly why: (workload: OptedInWorkload) => string }
  >
> = {
  reporting: { word: "Reporting", why: partly },
  waiting: { word: "Waiting", why: () => "Its plugin was written just now" },
  noSidecar: { word: "No sidecar", why: ({ pods }) => `${noneOf(pods)}: it is seen from the other end only` },
  noPods: { word: "No pods", why: () => "It is observed from its first pod on" },
  excluded: { word: "Left out", why: whereStated },
};

function notWrittenWords(problem: string | undefined, isBlocked: boolean): ObservedWords {
  if (problem !== undefined) return { health: "failing", word: "No plugin", why: problem };
  return isBlocked
    ? { health: "affected", word: "No plugin", why: "Nothing is turned on or off just now" }
    : { health: "idle", word: "No plugin", why: "It is on its way" };
}

function offWords({ reporting, problems: [problem], pods, meshed }: OptedInWorkload): ObservedWords {
  if (problem !== undefined) return { health: "degraded", word: "Off", why: problem };
  if (reporting) return { health: "healthy", word: "Reporting", why: "By hand: no annotation turned it on" };
  return { health: "idle", word: "Off", why: pods > 0 && meshed === 0 ? noneOf(pods) : "" };
}

function partly({ pods, included, sidecars }: OptedInWorkload): string {
  const without = included - sidecars;
  if (without > 0) return `${without} of its ${countOf(included, "pod")} ${without === 1 ? "has" : "have"} no sidecar`;
  return included < pods ? `${included} of its ${countOf(pods, "pod")} are turned on` : "";
}

function noneOf(pods: number): string {
  return pods === 1 ? "Its pod has no sidecar" : `None of its ${countOf(pods, "pod")} has a sidecar`;
}

/** Where it is annotated itself: `Its template says "false"`. */
export function whereStated({ kind, stated }: Pick<OptedInWorkload, "kind" | "stated">): string {
  if (!stated) return "";
  const { on, name, value } = stated;
  const what = on === "pod" ? `Its pod ${name}` : on === "template" ? "Its template" : `The ${kind}`;
  return `${what} says "${value}"`;
}

export function observedPart(workload: OptedInWorkload): ObservedPart {
  const { state, problems, reporting } = workload;
  if (state === "waiting") return "waiting";
  if (state === "silent" || state === "notWritten" || problems.length > 0) return "trouble";
  return reporting ? "reporting" : "unobserved";
}

/** A namespace with those of its workloads that are shown. */
export interface ObservedGroup {
  readonly namespace: OptedInNamespace;
  readonly workloads: readonly OptedInWorkload[];
}

export interface ObservedFilter {
  readonly text: string;
  readonly part: ObservedPart | "";
}

/**
 * Namespaces with what a list shows of them: those with trouble first, then those in which anything is turned on. Where the list is
 * narrowed, only those in which something is left.
 */
export function findObserved(
  { namespaces, workloads }: OptInStatus,
  { text, part }: ObservedFilter,
): readonly ObservedGroup[] {
  const wanted = text.trim().toLowerCase();
  const found = new Map<string, OptedInWorkload[]>(namespaces.map(({ name }) => [name, []]));
  for (const workload of workloads) {
    const { namespace, name, kind } = workload;
    if (part !== "" && observedPart(workload) !== part) continue;
    if (!`${namespace}/${name} ${kind}`.toLowerCase().includes(wanted)) continue;
    found.get(namespace)?.push(workload);
  }
  return namespaces
    .map((namespace) => ({ namespace, workloads: worstFirst(found.get(namespace.name) ?? []) }))
    .filter(({ namespace, workloads: left }) => left.length > 0 || isFound(namespace, { text: wanted, part }))
    .sort((one, other) => rankOf(one) - rankOf(other) || one.namespace.name.localeCompare(other.namespace.name));
}

/** Whether it is shown without any workload. */
function isFound({ name, problem }: OptedInNamespace, { text, part }: ObservedFilter): boolean {
  return name.includes(text) && (part === "" || (part === "trouble" && problem !== null));
}

function rankOf({ namespace, workloads }: ObservedGroup): number {
  if (namespace.problem !== null || workloads.some((each) => observedPart(each) === "trouble")) return 0;
  if (namespace.on > 0 || namespace.observe !== null) return 1;
  return workloads.some(({ meshed }) => meshed > 0) ? 2 : 3;
}

function worstFirst(workloads: readonly OptedInWorkload[]): OptedInWorkload[] {
  const rank = (workload: OptedInWorkload): number => (observedPart(workload) === "trouble" ? 0 : 1);
  return [...workloads].sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
}

/** How many workloads each part has. */
export function countParts(workloads: readonly OptedInWorkload[]): Readonly<Record<ObservedPart, number>> {
  const counts = { trouble: 0, waiting: 0, reporting: 0, unobserved: 0 };
  for (const workload of workloads) counts[observedPart(workload)] += 1;
  return counts;
}

/** What is wrong with the whole of it, without what is told of a namespace where that is shown. */
export function generalProblems({ problems, namespaces }: OptInStatus): string[] {
  const ofNamespaces = new Set(namespaces.map(({ problem }) => problem));
  return problems.filter((problem) => !ofNamespaces.has(problem));
}

/** The namespace that is best turned on first: the one with the most of whom `isMeshed` says that they can run the filter. */
export function firstNamespace(
  workloads: Iterable<{ readonly namespace: string; readonly isMeshed: boolean }>,
): string | undefined {
  const counts = new Map<string, number>();
  for (const { namespace, isMeshed } of workloads) {
    if (isMeshed) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  }
  const [most] = [...counts].sort((one, other) => other[1] - one[1] || one[0].localeCompare(other[0]));
  return most?.[0];
}
