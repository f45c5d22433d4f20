/** Commands that turn the filter on and off for a namespace or a workload, to be copied. Pure. */
import type { OptedInNamespace, OptedInWorkload } from "../../../control/api/opt-in-source.ts";

export interface ObserveCommand {
  /** "Turn it on" */
  readonly doing: string;
  readonly command: string;
}

const OBSERVE = "sidelight.dev/observe";
/** Whose own annotation control reads beside that of their template. */
const READ: ReadonlySet<string> = new Set(["Deployment", "StatefulSet", "DaemonSet"]);

/** What a kubectl of today takes as the value: "-" takes the annotation away. */
type Value = "=true" | "=false" | "=true --overwrite" | "=false --overwrite" | "-";

export function annotateNamespace(name: string, value: Value = "=true"): string {
  return `kubectl annotate namespace ${name} ${OBSERVE}${value}`;
}

/** Nothing for the mesh's root namespace, in which nothing is turned on. */
export function namespaceCommands({ name, observe, isRoot }: OptedInNamespace): ObserveCommand[] {
  if (isRoot) return [];
  if (observe === null) return [{ doing: "Turn all of it on", command: annotateNamespace(name) }];
  if (observe === "true") return [{ doing: "Turn it off", command: annotateNamespace(name, "-") }];
  return [{ doing: "Turn all of it on", command: annotateNamespace(name, "=true --overwrite") }];
}

/** @returns nothing where no command does it alone: its pod template has to be changed where it is written */
export function workloadCommands(
  workload: OptedInWorkload,
  { observe, isRoot }: Pick<OptedInNamespace, "observe" | "isRoot">,
): ObserveCommand[] {
  if (isRoot) return [];
  const isNamespaceOn = observe === "true";
  const command = workload.by === null ? turnOn(workload, isNamespaceOn) : turnOff(workload, isNamespaceOn);
  const changes = command === "" ? [] : [{ doing: workload.by === null ? "Turn it on" : doingOff(workload), command }];
  return [...makeWhole(workload), ...changes];
}

/** Where only some pods are to be observed, which no labels tell apart, none is until all of them are. */
function makeWhole(workload: OptedInWorkload): ObserveCommand[] {
  const { kind, state, stated } = workload;
  if (state !== "notWritten" || stated?.on !== "pod" || !READ.has(kind)) return [];
  const command =
    stated.value === "true" ? annotateIt(workload, "=true") : annotate(workload, `pod/${stated.name}`, "-");
  return [{ doing: "Observe all its pods", command }];
}

function doingOff({ by }: OptedInWorkload): string {
  return by === "namespace" ? "Leave it out" : "Turn it off";
}

function turnOn(workload: OptedInWorkload, isNamespaceOn: boolean): string {
  const { kind, stated } = workload;
  // What a pod says for itself is in the way of whatever stands above it.
  if (stated?.on === "pod" && READ.has(kind)) {
    const freed = annotate(workload, `pod/${stated.name}`, "-");
    return isNamespaceOn ? freed : `${freed} && ${annotateIt(workload, "=true")}`;
  }
  if (stated?.on === "template") return patchTemplate(workload, "true");
  if (READ.has(kind) || kind === "Pod") return annotateIt(workload, stated ? "=true --overwrite" : "=true");
  return patchTemplate(workload, "true");
}

function turnOff(workload: OptedInWorkload, isNamespaceOn: boolean): string {
  const { kind, stated } = workload;
  if (!READ.has(kind) && kind !== "Pod") return patchTemplate(workload, isNamespaceOn ? "false" : null);
  // One that stands on itself goes; with any other, its own says more than the template and the pods.
  const isOwn = stated?.on === "workload" || kind === "Pod";
  if (isOwn && stated && !isNamespaceOn) return annotateIt(workload, "-");
  return annotateIt(workload, isOwn && stated ? "=false --overwrite" : "=false");
}

function annotateIt(workload: OptedInWorkload, value: Value): string {
  return annotate(workload, `${workload.kind.toLowerCase()}/${workload.name}`, value);
}

function annotate({ namespace }: OptedInWorkload, what: string, value: Value): string {
  return `kubectl -n ${namespace} annotate ${what} ${OBSERVE}${value}`;
}

/** New pods come of it. Empty where a template cannot be changed so, or it is not known where it is. */
function patchTemplate({ namespace, name, kind }: OptedInWorkload, value: string | null): string {
  const template = { metadata: { annotations: { [OBSERVE]: value } } };
  const patch = (spec: object): string =>
    `kubectl -n ${namespace} patch ${kind.toLowerCase()}/${name} --type=merge -p '${JSON.stringify({ spec })}'`;
  if (READ.has(kind) || kind === "Rollout") return patch({ template });
  return kind === "CronJob" ? patch({ jobTemplate: { spec: { template } } }) : "";
}
