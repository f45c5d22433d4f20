/** What alerts are told apart by where nothing is said. */
import type { Grouping } from "../../world/counted.ts";
import type { NoDataRule, TopologyEvent } from "../rule.ts";

export const BY_SERVER: readonly Grouping[] = [{ attribute: "workload", end: undefined }];

const BY_EDGE: readonly Grouping[] = [
  { attribute: "workload", end: "client" },
  { attribute: "workload", end: "server" },
];

/** Of rules about who is there and who calls whom. */
export function usualGrouping(event: TopologyEvent | NoDataRule["kind"]): readonly Grouping[] {
  return event === "restartedIntoErrors" || event === "noData" ? BY_SERVER : BY_EDGE;
}
