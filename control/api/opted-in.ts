/** Who is turned on in a cluster: the answer of both APIs. */
import type * as proto from "#proto/stats.ts";
import { HttpError } from "./http-errors.ts";
import type { OptInStatus, OptedInWorkload } from "./opt-in-source.ts";
import type { ApiSources } from "./sources.ts";

export interface OptedInQuestion {
  /** All, where it is empty. */
  readonly namespace: string;
  /** Also those of whom no annotation says anything. */
  readonly tellsAll: boolean;
}

/** @throws HttpError 409 where control turns nothing on */
export function optedIn(
  { optIn }: Pick<ApiSources, "optIn">,
  { namespace: asked, tellsAll }: OptedInQuestion,
): OptInStatus {
  if (!optIn)
    throw new HttpError(
      409,
      "Control turns nothing on here: SIDELIGHT_OBSERVE=on lets it, docs/opt-in.md says what it needs",
    );
  const status = optIn.status(tellsAll);
  if (asked === "") return status;
  return {
    ...status,
    namespaces: status.namespaces.filter(({ name }) => name === asked),
    workloads: status.workloads.filter(({ namespace }) => namespace === asked),
  };
}

export function toOptedIn({ namespaces, workloads, problems, isLeader }: OptInStatus): proto.ListOptedInResponse {
  return {
    workloads: workloads.map(toWorkload),
    problems: [...problems],
    isLeader,
    namespaces: namespaces.map(({ observe, problem, ...namespace }) => ({
      ...namespace,
      observe: observe ?? undefined,
      problem: problem ?? "",
    })),
  };
}

function toWorkload(workload: OptedInWorkload): proto.OptedInWorkload {
  const { namespace, name, kind, state, by, plugin, stated, reporting, lastReportMs, problems } = workload;
  const { pods, included, sidecars, meshed } = workload;
  return {
    ...{ workload: `${namespace}/${name}`, kind, state, by: by ?? "", pods, included, sidecars, meshed },
    plugin: plugin?.name ?? "",
    pluginSince: plugin ? new Date(plugin.sinceMs) : undefined,
    reportingSince: reporting ? new Date(reporting.sinceMs) : undefined,
    lastReport: lastReportMs === null ? undefined : new Date(lastReportMs),
    problems: [...problems],
    stated: stated ?? undefined,
  };
}
