/**
 * Which labels a plugin selects by. Annotations cannot be selected on, so labels have to be found that the pods to be observed
 * have and no other pod of the namespace; and no pod may be selected twice, since its requests would be counted twice.
 */
import { keyOf, selects } from "./labels.ts";
import type { Labels } from "./labels.ts";

/** Pods of one workload that have the same labels; or what its template will give to pods to come. */
export interface PodGroup {
  readonly workload: string;
  readonly labels: Labels;
  readonly isIncluded: boolean;
}

export interface Wish {
  readonly workload: string;
  /** Labels that may do, the best first. */
  readonly candidates: readonly Labels[];
}

export interface Choice {
  /** Whose plugin it is; that of several which only have labels in common, the first of them. */
  readonly workload: string;
  readonly selector: Labels;
  /** All whose pods it selects. */
  readonly covers: readonly string[];
}

interface Found extends Choice {
  readonly groups: ReadonlySet<PodGroup>;
}

/**
 * A selector for each workload of which something is included. Those for which there is none are in no choice.
 * @param wishes in the order in which they are to be met
 */
export function chooseSelectors(groups: readonly PodGroup[], wishes: readonly Wish[]): readonly Choice[] {
  const own: Found[] = [];
  const wider: Found[] = [];
  for (const wish of wishes) {
    const matching = wish.candidates.flatMap((selector) => matchOf(selector, wish.workload, groups) ?? []);
    const exact = matching.find(({ covers }) => covers.length === 1);
    const [first] = matching;
    if (exact) own.push(exact);
    else if (first) wider.push(first);
  }
  return wider.reduce(withWider, own);
}

/** What a selector selects; undefined where it leaves out something included of a workload that it selects, or takes in anything excluded. */
function matchOf(selector: Labels, workload: string, groups: readonly PodGroup[]): Found | undefined {
  if (Object.keys(selector).length === 0) return undefined;
  const selected = new Set(groups.filter(({ labels }) => selects(selector, labels)));
  const covers = new Set([...selected].map((group) => group.workload));
  if (!covers.has(workload)) return undefined;
  const isWhole = groups.every((group) =>
    selected.has(group) ? group.isIncluded : !group.isIncluded || !covers.has(group.workload),
  );
  return isWhole ? { workload, selector, covers: [...covers].sort(), groups: selected } : undefined;
}

/** Takes in a selector that selects pods of several workloads, in place of those that it makes needless. */
function withWider(chosen: Found[], wide: Found): Found[] {
  const overlapping = chosen.filter(({ groups }) => [...groups].some((group) => wide.groups.has(group)));
  if (overlapping.some(({ groups }) => [...wide.groups].every((group) => groups.has(group)))) return chosen;
  // Where one only overlaps it, both would select the same pods: the first stays, and this workload has none.
  if (overlapping.some(({ groups }) => ![...groups].every((group) => wide.groups.has(group)))) return chosen;
  return [...chosen.filter((choice) => !overlapping.includes(choice)), wide];
}

/** Groups of the same workload, labels and inclusion as one. */
export function distinctGroups(groups: readonly PodGroup[]): PodGroup[] {
  const byKey = new Map<string, PodGroup>();
  for (const group of groups) byKey.set(`${group.workload} ${group.isIncluded} ${keyOf(group.labels)}`, group);
  return [...byKey.values()];
}
