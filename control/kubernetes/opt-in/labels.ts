export type Labels = Readonly<Record<string, string>>;

/** Written by controllers into each generation of pods: with the next rollout they are others. */
const OF_A_GENERATION: ReadonlySet<string> = new Set([
  "pod-template-hash",
  "controller-revision-hash",
  "pod-template-generation",
  "rollouts-pod-template-hash",
  "controller-uid",
  "batch.kubernetes.io/controller-uid",
]);
/** Those of a CronJob's pods are others with each run. */
const OF_A_RUN: ReadonlySet<string> = new Set(["job-name", "batch.kubernetes.io/job-name"]);

/** Whether pods with these labels are selected. A selector without labels selects all. */
export function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

/** The labels without those that change with each rollout, or each run. */
export function lasting(labels: Labels, kind: string): Labels {
  const changes = (name: string): boolean => OF_A_GENERATION.has(name) || (kind === "CronJob" && OF_A_RUN.has(name));
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !changes(name)));
}

/** The labels that all of them have. */
export function shared([first = {}, ...others]: readonly Labels[]): Labels {
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((labels) => labels[name] === value)),
  );
}

/** The same text for the same labels. */
export function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}
