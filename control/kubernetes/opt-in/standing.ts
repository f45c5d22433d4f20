/** How opt-in as a whole stands. */
import type { OptInStanding } from "../../api/cluster-source.ts";
import { ApiError } from "../api-error.ts";

export interface StandingFacts {
  /** Whether the cluster and its plugins were listed. */
  readonly isListed: boolean;
  /** Whether this control holds the Lease. */
  readonly isLeader: boolean;
  /** Why plugins cannot be followed; undefined where they can. */
  readonly pluginsError: Error | undefined;
  /** Why the Lease cannot be held; undefined where it can. */
  readonly leaseError: Error | undefined;
  /** Whether something that it needs to write is refused. */
  readonly isDenied: boolean;
}

export function standingOf(facts: StandingFacts): OptInStanding["state"] {
  const { pluginsError, leaseError } = facts;
  if (pluginsError instanceof ApiError && pluginsError.status === 404) return "noMesh";
  if (facts.isDenied || needsSomebody(pluginsError) || needsSomebody(leaseError)) return "notPermitted";
  if (pluginsError ?? leaseError) return "away";
  if (!facts.isListed) return "starting";
  return facts.isLeader ? "writing" : "standingBy";
}

function needsSomebody(error: Error | undefined): boolean {
  return error instanceof ApiError && error.needsSomebody;
}

/** Why plugins cannot be followed, and what to do. */
export function pluginsProblem(error: Error): string {
  if (error instanceof ApiError && error.status === 404) {
    return "Istio is not installed: the API has no WasmPlugin (extensions.istio.io/v1alpha1). It is looked for again every half a minute; other meshes are told by hand (deploy/examples)";
  }
  if (error instanceof ApiError && error.status === 403) {
    return `WasmPlugins cannot be read; give Sidelight's service account the verbs list and watch on wasmplugins of extensions.istio.io (docs/opt-in.md): ${error.message}`;
  }
  return `WasmPlugins cannot be followed: ${error.message}`;
}
