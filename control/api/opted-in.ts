/** Who is turned on in a cluster: the answer of both APIs. */
import type * as proto from "#proto/stats.ts";
import { HttpError } from "./http-errors.ts";
import type { OptInStatus, OptedInWorkload } from "./opt-in-source.ts";
import type { ApiSources } from "./sources.ts";

/**
 * Those of one namespace; all, where it is empty.
 * @throws HttpError 409 where control turns nothing on
 */
export function optedIn({ optIn }: Pick<ApiSources, "optIn">, namespace: string): OptInStatus {
  if (!optIn)
    throw new HttpError(
      409,
      "Control turns nothing on here: SIDELIGHT_OBSERVE=on lets it, docs/opt-in.md says what it needs",
    );
  const status = optIn.status();
  if (namespace === "") return status;
  return { ...status, workloads: status.workloads.filter((workload) => workload.namespace === namespace) };
}

export function toOptedIn({ workloads, problems, isLeader }: OptInStatus): proto.ListOptedInResponse {
  return { workloads: workloads.map(toWorkload), problems: [...problems], isLeader };
}

function toWorkload(workload: OptedInWorkload): proto.OptedInWorkload {
  const { namespace, name, kind, state, by, plugin, pods, included, sidecars, reporting, problems } = workload;
  return {
    ...{ workload: `${namespace}/${name}`, kind, state, by: by ?? "", pods, included, sidecars },
    plugin: plugin?.name ?? "",
    pluginSince: plugin ? new Date(plugin.sinceMs) : undefined,
    reportingSince: reporting ? new Date(reporting.sinceMs) : undefined,
    lastReport: reporting ? new Date(reporting.lastMs) : undefined,
    problems: [...problems],
  };
}
