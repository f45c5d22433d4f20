/** The settings of opt-in: whether control writes what a mesh needs for what is annotated, and what it writes into it. */
import { z } from "zod";
import type { FilterSettings } from "./filter-settings.ts";
import type { KubernetesSettings } from "./kubernetes/credentials.ts";

export interface ObserveSettings {
  /** Host and port under which sidecars' meshes know control's ingest, "sidelight.sidelight.svc.cluster.local:9400". */
  readonly ingest: string;
  /** Name and namespace of control's Service, out of that. */
  readonly service: { readonly name: string; readonly namespace: string };
  /** The ClusterRole with which plugins go; undefined for none. */
  readonly owner: string | undefined;
  /** The mesh's root namespace. */
  readonly rootNamespace: string;
  /** Whether opaque TCP is counted too. */
  readonly withTcp: boolean;
}

const LABEL = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";
const INGEST = new RegExp(`^(${LABEL})\\.(${LABEL})\\.svc(?:\\.${LABEL})+:([1-9]\\d{0,4})$`);

export const observeEnvironment = {
  SIDELIGHT_OBSERVE: z.enum(["on", "off"], { error: "must be on or off" }).default("off"),
  SIDELIGHT_OBSERVE_INGEST: z
    .string()
    .regex(INGEST, {
      error:
        "must be SERVICE.NAMESPACE.svc.DOMAIN:PORT of control's gRPC, such as sidelight.sidelight.svc.cluster.local:9400",
    })
    .default("sidelight.sidelight.svc.cluster.local:9400"),
  SIDELIGHT_OBSERVE_OWNER: z.string().min(1).optional(),
  SIDELIGHT_MESH_ROOT: z
    .string()
    .regex(new RegExp(`^${LABEL}$`), { error: "must be the name of a namespace" })
    .default("istio-system"),
  SIDELIGHT_OBSERVE_TCP: z.enum(["on", "off"], { error: "must be on or off" }).default("off"),
};

type ObserveValues = z.infer<z.ZodObject<typeof observeEnvironment>>;

/** Undefined where control writes nothing. */
export function observeSettings(values: ObserveValues): ObserveSettings | undefined {
  if (values.SIDELIGHT_OBSERVE === "off") return undefined;
  const ingest = values.SIDELIGHT_OBSERVE_INGEST;
  const [, name = "", namespace = ""] = INGEST.exec(ingest) ?? [];
  const { SIDELIGHT_OBSERVE_OWNER: owner, SIDELIGHT_MESH_ROOT: rootNamespace } = values;
  return { ingest, service: { name, namespace }, owner, rootNamespace, withTcp: values.SIDELIGHT_OBSERVE_TCP === "on" };
}

/** What opt-in lacks, beside its own settings. */
export function observeProblems(
  values: ObserveValues,
  { kubernetes, filter }: { readonly kubernetes: KubernetesSettings["mode"]; readonly filter: FilterSettings["url"] },
): string[] {
  if (values.SIDELIGHT_OBSERVE === "off") return [];
  return [
    ...(kubernetes === "off"
      ? ["SIDELIGHT_OBSERVE is on, and SIDELIGHT_KUBERNETES off: without a cluster nothing is annotated"]
      : []),
    ...(filter === undefined
      ? ["SIDELIGHT_OBSERVE is on without SIDELIGHT_FILTER_URL, which says where sidecars get the filter"]
      : []),
  ];
}
