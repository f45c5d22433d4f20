/** What a rule asks of what is counted: the conditions that its groups decide, and those that only each series can. */
import { OF_NODES } from "../../world/attributes.ts";
import { SERIES } from "../../world/counted.ts";
import type { Grouping } from "../../world/counted.ts";
import { attributeText, filterText } from "../../world/filter-text.ts";
import { Filters, checkAttribute } from "../../world/filters.ts";
import type { Filter } from "../../world/filters.ts";
import type { RuleHead } from "../rule.ts";

/** Steps of one rule's regular expressions for as long as it is judged: a text is looked at once, and texts are bounded, too. */
const MAX_PATTERN_STEPS = 1_000_000_000;

/** Rules of the same key count the same, told apart in the same way. */
export interface Asked {
  readonly key: string;
  /** With what is pinned, which tells groups apart as well. */
  readonly groupBy: readonly Grouping[];
  readonly ofColumn: Filters;
  readonly ofGroups: Filters;
}

type Asking = Pick<RuleHead, "where" | "groupBy">;

/** @throws FilterError where a condition or a grouping cannot be */
export function askedBy(rule: Asking): Asked {
  const groupBy = groupingOf(rule);
  const isOfGroup = (filter: Filter): boolean => isDecidedBy(filter, groupBy);
  rule.groupBy.forEach((grouping, at) => checkAttribute(grouping, at, SERIES));
  const filters = Filters.of(rule.where, SERIES, MAX_PATTERN_STEPS);
  const ofColumn = filters.only((filter) => !isOfGroup(filter));
  const key = JSON.stringify([ofColumn.toJSON().map(filterText).sort(), groupBy.map(attributeText)]);
  return { key, groupBy, ofColumn, ofGroups: filters.only(isOfGroup) };
}

/** What tells a rule's groups apart: what it groups by, and what it pins. */
export function groupingOf(rule: Asking): Grouping[] {
  return [...rule.groupBy, ...pinned(rule)];
}

/** An attribute that a rule is about only one value of tells its groups apart, too, and makes none. */
function pinned({ where, groupBy }: Asking): Grouping[] {
  return where
    .filter(({ attribute, operator, value }) => operator === "=" && (attribute !== "workload" || value.includes("/")))
    .map(({ attribute, end }) => ({ attribute, end }))
    .filter((pin, at, pins) => {
      const isSame = (other: Grouping): boolean => attributeText(other) === attributeText(pin);
      return !isDecidedBy(pin, groupBy) && pins.findIndex(isSame) === at;
    });
}

/** Whether a condition holds for all of a group or for none of it. */
function isDecidedBy({ attribute, end = "server" }: Grouping, groupBy: readonly Grouping[]): boolean {
  return groupBy.some((grouping) => {
    const isSameEnd = (grouping.end ?? "server") === end;
    if (grouping.attribute === attribute) return isSameEnd || !OF_NODES.includes(attribute);
    return isSameEnd && grouping.attribute === "workload" && OF_NODES.includes(attribute);
  });
}
