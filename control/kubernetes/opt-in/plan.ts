/** From what people have annotated to the plugins that there should be. Nothing here asks anybody anything. */
import type { StatedObserve } from "../../api/opt-in-source.ts";
import { chooseSelectors, distinctGroups } from "./choose-selectors.ts";
import type { Choice, PodGroup, Wish } from "./choose-selectors.ts";
import { lasting, shared } from "./labels.ts";
import type { Labels } from "./labels.ts";
import type { NamespaceState, PodState, WorkloadState } from "./namespace-state.ts";
import { optedInBy, readObserve, wrongValue } from "./observe.ts";
import type { Observe, OptedInBy } from "./observe.ts";
import { pluginName } from "./plugin-name.ts";
import type { PluginKind } from "./plugin-name.ts";

export interface PlannedPlugin {
  readonly namespace: string;
  readonly name: string;
  readonly kind: PluginKind;
  /** Undefined for all pods of the namespace. */
  readonly selector: Labels | undefined;
}

export interface PlannedWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  /** As `WorkloadState.uid`. */
  readonly uid: string | undefined;
  /** What turned it on; undefined where nothing did. */
  readonly by: OptedInBy | undefined;
  /** Whether it, or a pod of it, is excluded by an annotation of its own. */
  readonly isExcluded: boolean;
  /** Name of the plugin for HTTP that its pods get; undefined for none. */
  readonly plugin: string | undefined;
  /** Its own annotation, before that of a pod; undefined where there is neither. */
  readonly stated: StatedObserve | undefined;
  readonly pods: number;
  /** Pods that are turned on, and those of them that have a sidecar. */
  readonly included: number;
  readonly sidecars: number;
  /** Those of all pods that have a sidecar. */
  readonly meshed: number;
  /** What is wrong, each with what to do about it. */
  readonly problems: readonly string[];
}

export interface NamespacePlan {
  readonly namespace: string;
  readonly plugins: readonly PlannedPlugin[];
  /** Those that are turned on, excluded, or have a problem; by name. */
  readonly workloads: readonly PlannedWorkload[];
  /** What is wrong with the namespace's own annotation. */
  readonly problem: string | undefined;
}

/** A workload, and what its annotations and those of its pods come to. */
interface Judged {
  readonly state: WorkloadState;
  readonly stated: Observe | undefined;
  /** Of its pods, and of what its template will make; the latter first where there is one. */
  readonly groups: readonly PodGroup[];
  readonly by: OptedInBy | undefined;
  readonly included: readonly PodState[];
  readonly problems: readonly string[];
}

export interface PlanOptions {
  /** Whether it is the mesh's root namespace, where a plugin would reach all others. */
  readonly isRoot?: boolean;
  /** Whether opaque TCP is counted too, by a second plugin for each selection. */
  readonly withTcp?: boolean;
}

/** The plugins of a namespace. */
export function planNamespace(
  state: NamespaceState,
  { isRoot = false, withTcp = false }: PlanOptions = {},
): NamespacePlan {
  const { name: namespace } = state;
  const stated = readObserve(state.observe);
  const judged = state.workloads.map((workload) => judge(workload, stated)).sort(byName);
  const problem = stated === "wrong" ? wrongValue(`Namespace ${namespace}`, state.observe ?? "") : undefined;
  if (isRoot) return refused(namespace, judged, { stated, problem });
  const groups = judged.flatMap((workload) => workload.groups);
  const isWhole = stated === "on" && groups.every(({ isIncluded }) => isIncluded);
  const choices = isWhole ? [] : chooseSelectors(distinctGroups(groups), judged.flatMap(wishOf));
  const selections = isWhole ? [{ workload: undefined, selector: undefined }] : choices;
  const kinds: readonly PluginKind[] = withTcp ? ["http", "tcp"] : ["http"];
  return {
    namespace,
    plugins: selections.flatMap(({ workload, selector }) =>
      kinds.map((kind) => ({ namespace, name: pluginName(workload, kind), kind, selector })),
    ),
    workloads: judged.filter(isWorthTelling).map((workload) => {
      return toPlanned(namespace, workload, isWhole ? pluginName() : pluginOf(workload, choices));
    }),
    problem,
  };
}

/** Plugins of the root namespace hold for the whole mesh, whatever they select. */
function refused(
  namespace: string,
  judged: readonly Judged[],
  { stated, problem }: { readonly stated: Observe | undefined; readonly problem: string | undefined },
): NamespacePlan {
  const why =
    `${namespace} is the mesh's root namespace, where a WasmPlugin holds for all namespaces: nothing in it is observed. ` +
    "Move what is to be observed, such as a gateway, into a namespace of its own";
  const workloads = judged.filter(isWorthTelling).map((workload) => {
    const planned = toPlanned(namespace, workload, undefined, true);
    return workload.by === undefined ? planned : { ...planned, problems: [...workload.problems, why] };
  });
  return { namespace, plugins: [], workloads, problem: problem ?? (stated === "on" ? why : undefined) };
}

function judge(state: WorkloadState, namespace: Observe | undefined): Judged {
  const { name: workload, templateLabels, pods } = state;
  const stated = readObserve(state.observe);
  const problems = stated === "wrong" ? [wrongValue(`${state.kind} ${workload}`, state.observe ?? "")] : [];
  const reasons = new Set<OptedInBy>();
  const included: PodState[] = [];
  const groups: PodGroup[] = [];
  const add = (labels: Labels, by: OptedInBy | undefined): void => {
    if (by) reasons.add(by);
    groups.push({ workload, labels, isIncluded: by !== undefined });
  };
  if (templateLabels) add(templateLabels, optedInBy({ pod: undefined, workload: stated, namespace }));
  for (const pod of pods) {
    const own = readObserve(pod.observe);
    const by = optedInBy({ pod: own, workload: stated, namespace });
    add(pod.labels, by);
    if (by) included.push(pod);
    // What stands on the template too was told already.
    if (own === "wrong" && pod.observe !== state.observe) {
      problems.push(wrongValue(`Pod ${pod.name}`, pod.observe ?? ""));
    }
  }
  const by = (["workload", "pod", "namespace"] as const).find((reason) => reasons.has(reason));
  return { state, stated, groups, by, included, problems };
}

function wishOf({ state, groups, by }: Judged): Wish[] {
  if (by === undefined) return [];
  const included = groups.filter(({ isIncluded }) => isIncluded).map(({ labels }) => labels);
  const { name: workload, kind, selector = {}, templateLabels = {} } = state;
  const candidates = [selector, lasting(templateLabels, kind), lasting(shared(included), kind)];
  return [{ workload, candidates }];
}

function pluginOf({ state, by }: Judged, choices: readonly Choice[]): string | undefined {
  const choice = by && choices.find(({ covers }) => covers.includes(state.name));
  return choice && pluginName(choice.workload);
}

function toPlanned(
  namespace: string,
  { state, stated, groups, by, included, problems }: Judged,
  plugin: string | undefined,
  isTold = false,
): PlannedWorkload {
  const { name, pods, kind, uid } = state;
  const isUntold = by !== undefined && plugin === undefined && !isTold;
  return {
    ...{ namespace, name, kind, uid, by, plugin, stated: statedBy(state) },
    isExcluded: stated === "off" || pods.some(({ observe }) => observe === "false"),
    pods: pods.length,
    included: included.length,
    sidecars: included.filter(({ hasSidecar }) => hasSidecar).length,
    meshed: pods.filter(({ hasSidecar }) => hasSidecar).length,
    problems: isUntold ? [...problems, noSelector(`${kind} ${name}`, groups)] : problems,
  };
}

function statedBy({ name, observe, isInTemplate, pods }: WorkloadState): StatedObserve | undefined {
  if (observe !== undefined) return { on: isInTemplate ? "template" : "workload", name, value: observe };
  const pod = pods.find((each) => each.observe !== undefined);
  return pod && { on: "pod", name: pod.name, value: pod.observe ?? "" };
}

/** Why no labels tell the pods apart, and which would. */
function noSelector(what: string, groups: readonly PodGroup[]): string {
  const mend = 'add a label that no other pod has, such as "sidelight.dev/observed: yes", ';
  if (groups.some(({ isIncluded }) => !isIncluded)) {
    return (
      `Some pods of ${what} are to be observed and others not, and no labels tell them apart: none is. ` +
      `Annotate its template, or ${mend}to those pods`
    );
  }
  return (
    `${what} is to be observed, and its pods' labels are also those of pods that are not, or that have a plugin already: ` +
    `it is not. ${mend.charAt(0).toUpperCase()}${mend.slice(1)}to its template`
  );
}

function isWorthTelling({ state, stated, by, problems }: Judged): boolean {
  return (
    by !== undefined ||
    stated !== undefined ||
    problems.length > 0 ||
    state.pods.some(({ observe }) => observe !== undefined)
  );
}

function byName(one: Judged, other: Judged): number {
  return one.state.name < other.state.name ? -1 : 1;
}
