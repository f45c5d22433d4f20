/** WasmPlugins of Istio: what they should be, and what is to be done where they are not. */
import { isDeepStrictEqual } from "node:util";
import type { FilterSource } from "../../api/filter-module.ts";
import type { ApiObject } from "../objects.ts";
import type { PlannedPlugin } from "./plan.ts";
import { labelValue } from "./plugin-name.ts";

export interface PluginObject extends ApiObject {
  readonly metadata: ApiObject["metadata"] & {
    readonly managedFields?: readonly { readonly manager?: string; readonly time?: string }[];
  };
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** Whose writes ours are to the API server. */
export const MANAGER = "sidelight";

/** What owns plugins: with it they go. */
export interface Owner {
  readonly name: string;
  readonly uid: string;
}

/** What is the same in all plugins of an installation. */
export interface Installation {
  readonly filter: FilterSource;
  /** Host and port of control's ingest, "sidelight.sidelight.svc.cluster.local:9400". */
  readonly ingest: string;
  /** Tells its plugins from those of another installation: namespace and name of control's Service. */
  readonly instance: string;
}

export interface PluginManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly (Owner & { readonly apiVersion: string; readonly kind: string })[];
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

export const MANAGED_BY = "app.kubernetes.io/managed-by";
const INSTANCE = "app.kubernetes.io/instance";

/** "namespace/name" */
export function keyOfPlugin({ namespace, name }: { readonly namespace?: string; readonly name: string }): string {
  return `${namespace ?? ""}/${name}`;
}

export function manifestOf(
  { namespace, name, kind, selector }: PlannedPlugin,
  installation: Installation,
  owner: Owner | undefined,
): PluginManifest {
  const { filter, ingest, instance } = installation;
  const port = ingest.slice(ingest.lastIndexOf(":") + 1);
  const host = ingest.slice(0, ingest.lastIndexOf(":"));
  const labels = {
    "app.kubernetes.io/name": "sidelight-filter",
    "app.kubernetes.io/part-of": "sidelight",
    [MANAGED_BY]: "sidelight",
    [INSTANCE]: labelValue(instance),
  };
  const above = owner && { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", ...owner };
  return {
    apiVersion: "extensions.istio.io/v1alpha1",
    kind: "WasmPlugin",
    metadata: { namespace, name, labels, ...(above && { ownerReferences: [above] }) },
    spec: {
      url: filter.url,
      ...(filter.sha256 !== undefined && { sha256: filter.sha256 }),
      ...(kind === "tcp" && { type: "NETWORK" }),
      phase: "STATS",
      // Traffic goes before being counted: a module that cannot be had must not stop a request.
      failStrategy: "FAIL_OPEN",
      pluginConfig: { cluster: `outbound|${port}||${host}`, ...(kind === "tcp" && { kind: "tcp" }) },
      ...(selector && { selector: { matchLabels: selector } }),
    },
  };
}

/** Whether this installation made it. */
export function isOwn({ metadata: { labels = {} } }: PluginObject, { instance }: Installation): boolean {
  return labels[MANAGED_BY] === "sidelight" && labels[INSTANCE] === labelValue(instance);
}

/** When it was made, milliseconds since the epoch, as the API tells it in whole seconds. */
export function createdMs({ metadata: { creationTimestamp = "" } }: PluginObject): number {
  return Date.parse(creationTimestamp) || 0;
}

/** When this installation or another last wrote it, likewise. */
export function writtenMs(plugin: PluginObject): number {
  const { managedFields = [] } = plugin.metadata;
  const own = managedFields.filter(({ manager }) => manager === MANAGER);
  return Math.max(createdMs(plugin), ...own.map(({ time = "" }) => Date.parse(time) || 0));
}

/** Whether there is nothing to write. */
export function isAsWished({ metadata, spec = {} }: PluginObject, wished: PluginManifest): boolean {
  const { labels = {}, ownerReferences = [] } = metadata;
  const owners = wished.metadata.ownerReferences ?? [];
  const isOwned = owners.every(({ uid }) => ownerReferences.some((owner) => owner.uid === uid));
  return (
    isDeepStrictEqual(spec, wished.spec) &&
    Object.entries(wished.metadata.labels).every(([name, value]) => labels[name] === value) &&
    isOwned
  );
}

/** What others have added to the spec. Applying does not take it away, since it is not the applier's. */
export function foreignFields({ spec = {} }: PluginObject, wished: PluginManifest): string[] {
  return Object.entries(spec).flatMap(([field, value]) => {
    const own = wished.spec[field];
    return own === undefined || hasMore(value, own) ? [field] : [];
  });
}

/** Whether an object has keys that it should not. */
function hasMore(value: unknown, own: unknown): boolean {
  if (!isObject(value) || !isObject(own)) return false;
  return Object.entries(value).some(([key, inner]) => !(key in own) || hasMore(inner, own[key]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
