/** What the history counts, and what series over time are told apart by. */
import type { NodeIdentity } from "../identity/node.ts";
import type { Protocol } from "../identity/observation.ts";
import { ENDPOINTS, OF_NODES, nodeValues } from "./attributes.ts";
import type { Attribute, End, Facts, Subject } from "./attributes.ts";

/** Something that is counted, with both its ends as they were at the end of the range that is asked for. */
export interface Counted {
  readonly client: NodeIdentity;
  readonly server: NodeIdentity;
  readonly protocol: Protocol;
  readonly method: string;
  readonly route: string;
}

/** Health is of the present, so history is not asked for it. */
export const SERIES: Subject = {
  name: "series",
  attributes: ENDPOINTS.attributes.filter((attribute) => attribute !== "health"),
  hasEnds: true,
};

/** What series are told apart by, and of which end. */
export interface Grouping {
  readonly attribute: Attribute;
  readonly end: End;
}

/** What names no end is said of the server. */
export function factsOfCounted(counted: Counted): Facts {
  return (attribute, end = "server") => {
    if (OF_NODES.includes(attribute)) return nodeValues(counted[end], attribute);
    return attribute === "protocol" || attribute === "method" || attribute === "route" ? [counted[attribute]] : [];
  };
}

/** The labels of something, one for each grouping: of a workload its id. */
export function labelsBy(groupings: readonly Grouping[]): (counted: Counted) => readonly string[] {
  return (counted) => {
    const facts = factsOfCounted(counted);
    return groupings.map(({ attribute, end }) => facts(attribute, end)[0] ?? "");
  };
}
