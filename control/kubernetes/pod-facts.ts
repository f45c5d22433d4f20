/** What is taken out of a Pod. Times are milliseconds since the epoch. */
import { normalizeAddress } from "../identity/address.ts";
import { ownAnnotations } from "./annotations.ts";
import type { Annotations } from "./annotations.ts";
import type { ContainerStatus, OwnerReference, PodObject, PodSpec } from "./objects.ts";
import { controllerOf } from "./owners.ts";
import { hasSidecar } from "./sidecar.ts";

export interface PodFacts {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly version: string;
  readonly owner: OwnerReference | undefined;
  readonly account: string;
  readonly hasSidecar: boolean;
  readonly annotations: Annotations;
  readonly labels: Readonly<Record<string, string>>;
  /**
   * What is this pod's alone: its addresses, and "address:port" of what it holds on its node. A pod in its node's network
   * has only the latter.
   */
  readonly held: readonly string[];
  /** When that began: no earlier and no later. */
  readonly began: { readonly from: number; readonly latestFrom: number };
  /** When its last container ended, of a pod that is through: it shows its address still, and has given it up. */
  readonly endedMs: number | undefined;
}

/** Times of the API are whole seconds, cut off. */
const SECOND_MS = 999;

/** @param seenMs when this state of it was seen */
export function podFacts(pod: PodObject, seenMs: number): PodFacts {
  const { metadata, spec = {} } = pod;
  const { labels = {} } = metadata;
  return {
    uid: metadata.uid,
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    node: spec.nodeName ?? "",
    version: labels["app.kubernetes.io/version"] ?? labels["version"] ?? "",
    owner: controllerOf(pod),
    account: spec.serviceAccountName ?? "",
    hasSidecar: hasSidecar(spec),
    annotations: ownAnnotations(metadata.annotations),
    labels,
    held: heldBy(pod, spec),
    began: beginOf(pod, seenMs),
    endedMs: endOf(pod, seenMs),
  };
}

function heldBy({ status = {} }: PodObject, spec: PodSpec): string[] {
  const own = spec.hostNetwork ? [] : [...(status.podIPs ?? []).map(({ ip }) => ip), status.podIP];
  const hosts = addressesOf([...(status.hostIPs ?? []).map(({ ip }) => ip), status.hostIP]);
  const ports = hostPorts(spec);
  return [...addressesOf(own), ...hosts.flatMap((host) => ports.map((port) => portKey(host, port)))];
}

/** How a port of a node is told from an address, whatever the family. */
export function portKey(address: string, port: number): string {
  return `${address} ${port}`;
}

/** Whether something held is a port of a node. */
export function isPort(held: string): boolean {
  return held.includes(" ");
}

/** A node gives each of its ports to one pod, which the scheduler sees to. */
function hostPorts({ containers = [], initContainers = [] }: PodSpec): number[] {
  return [...containers, ...initContainers].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, protocol = "TCP" }) => (hostPort && protocol === "TCP" ? [hostPort] : [])),
  );
}

function addressesOf(texts: readonly (string | undefined)[]): string[] {
  const all = texts.flatMap((text) => (text === undefined ? undefined : normalizeAddress(text)) ?? []);
  return [...new Set(all)];
}

/**
 * It got its address when its sandbox was ready, which the kubelet states; else before its first container began, as long as
 * none began again. Otherwise between its own begin and now.
 */
function beginOf({ metadata, status = {} }: PodObject, seenMs: number): PodFacts["began"] {
  const ready = status.conditions?.find(
    ({ type, status: is }) => type === "PodReadyToStartContainers" && is === "True",
  );
  const stated = timeOf(ready?.lastTransitionTime) ?? firstStart(status);
  const from = stated ?? timeOf(status.startTime) ?? timeOf(metadata.creationTimestamp) ?? seenMs;
  const latest = stated === undefined ? seenMs : stated + SECOND_MS;
  return { from: Math.min(from, seenMs), latestFrom: Math.min(latest, seenMs) };
}

function firstStart({
  containerStatuses,
  initContainerStatuses,
}: NonNullable<PodObject["status"]>): number | undefined {
  const all = [...(initContainerStatuses ?? []), ...(containerStatuses ?? [])];
  if (all.some(({ restartCount = 0 }) => restartCount > 0)) return undefined;
  return extreme(
    all.map(({ state }) => state?.running?.startedAt ?? state?.terminated?.startedAt),
    Math.min,
  );
}

function endOf({ status = {} }: PodObject, seenMs: number): number | undefined {
  if (status.phase !== "Succeeded" && status.phase !== "Failed") return undefined;
  const last = extreme((status.containerStatuses ?? []).map(finishedAt), Math.max);
  return last === undefined ? seenMs : Math.min(last + SECOND_MS, seenMs);
}

function finishedAt({ state }: ContainerStatus): string | null | undefined {
  return state?.terminated?.finishedAt;
}

function extreme(texts: readonly (string | null | undefined)[], pick: typeof Math.min): number | undefined {
  const times = texts.flatMap((text) => timeOf(text) ?? []);
  return times.length > 0 ? pick(...times) : undefined;
}

function timeOf(text: string | null | undefined): number | undefined {
  const time = text ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
