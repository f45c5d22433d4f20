/** What rules about who is there and who calls whom may group by: most are of something that others of a group must not hide. */
import { OF_NODES } from "../../world/attributes.ts";
import type { Grouping } from "../../world/counted.ts";
import { groupingOf } from "../judging/asked.ts";
import type { NoDataRule, RuleHead, TopologyRule } from "../rule.ts";

/**
 * Why a rule cannot group as it does; empty where it can.
 * @param event noData, or what a topology rule is about
 */
export function groupingProblem(
  event: TopologyRule["event"] | NoDataRule["kind"],
  rule: Pick<RuleHead, "where" | "groupBy">,
): string {
  const groupBy = groupingOf(rule);
  const has = (end: "client" | "server"): boolean =>
    groupBy.some((grouping) => grouping.attribute === "workload" && (grouping.end ?? "server") === end);
  switch (event) {
    case "newEdge":
      return "";
    case "newExternal":
      return has("server") ? "" : "must have server.workload: each host outside is new by itself";
    case "edgeVanished":
      return has("client") && has("server")
        ? ""
        : "must have client.workload and server.workload: an edge is missed while both its ends are there";
    case "restartedIntoErrors":
      return has("server") ? "" : "must have workload: it is a workload that is started anew";
    case "noData":
      return [...groupBy, ...rule.where].every(isOfWorkload)
        ? ""
        : "must be of workload, service, namespace and kind alone, as `where` must: it is workloads that are silent";
  }
}

function isOfWorkload({ attribute, end }: Grouping): boolean {
  return OF_NODES.includes(attribute) && end !== "client";
}
