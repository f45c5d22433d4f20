/** What is read of the API, and nothing else: docs/kubernetes.md has the role that allows exactly this. */
import type { ApiObject } from "./objects.ts";

export const RESOURCES = [
  "namespaces",
  "nodes",
  "deployments",
  "statefulsets",
  "daemonsets",
  "replicasets",
  "jobs",
  "pods",
  "services",
  "endpointslices",
] as const;
export type ResourceName = (typeof RESOURCES)[number];
/** What the inventory is made of, and what opt-in writes. */
export type WatchableName = ResourceName | "wasmplugins";

const GROUPS: Readonly<Partial<Record<WatchableName, string>>> = {
  deployments: "apps",
  statefulsets: "apps",
  daemonsets: "apps",
  replicasets: "apps",
  jobs: "batch",
  endpointslices: "discovery.k8s.io",
  wasmplugins: "extensions.istio.io",
};
const VERSIONS: Readonly<Partial<Record<WatchableName, string>>> = { wasmplugins: "v1alpha1" };

/** Of these only names, owners and annotations are wanted: the API server leaves the rest out. */
const METADATA_ONLY: ReadonlySet<WatchableName> = new Set(["namespaces", "replicasets", "jobs"]);

/** The API group as a role names it; the core group is "". */
export function groupOf(resource: WatchableName): string {
  return GROUPS[resource] ?? "";
}

/** Where the resource is listed and watched, over all namespaces. */
export function pathOf(resource: WatchableName): string {
  const group = groupOf(resource);
  return group === "" ? `/api/v1/${resource}` : `/apis/${group}/${VERSIONS[resource] ?? "v1"}/${resource}`;
}

/** The Accept header of its lists, and of its watch. */
export function acceptOf(resource: WatchableName, way: "list" | "watch"): string {
  if (!METADATA_ONLY.has(resource)) return "application/json";
  const kind = way === "list" ? "PartialObjectMetadataList" : "PartialObjectMetadata";
  return `application/json;as=${kind};g=meta.k8s.io;v=v1`;
}

/** Who takes what there is of one resource. Both are told when, milliseconds since the epoch. */
export interface ResourceSink {
  /** The object as it is now; again and again, also when nothing in it is new. */
  put(object: ApiObject, atMs: number): void;
  /** It is no longer there, and was seen there last no later than then. */
  remove(uid: string, atMs: number): void;
}
