/** What rules count and what mutes match, as text. */
import { z } from "zod";
import { SERIES } from "../../world/counted.ts";
import type { Grouping } from "../../world/counted.ts";
import { ATTRIBUTES } from "../../world/attributes.ts";
import { nearestWord } from "../../world/edit-distance.ts";
import { parseAttribute, parseFilter } from "../../world/filter-text.ts";
import { FilterError, Filters, checkAttribute, isAttribute } from "../../world/filters.ts";
import type { Filter } from "../../world/filters.ts";
import { FILTER_LIMITS } from "../../world/options.ts";
import { Pattern, PatternBudget } from "../../world/pattern.ts";
import type { Matcher } from "../rule.ts";
import { readBy, unknownName } from "./fields.ts";
import { MAX_GROUPINGS, MAX_MATCHERS } from "./limits.ts";

/** Labels of alerts that are no attributes. */
const OWN_LABELS = ["rule", "severity", "owner"];

/** `where`: conditions on what is counted, all of which must hold. Each is checked by itself, so that what is wrong is told of the one at fault. */
export const where: z.ZodType<readonly Filter[]> = z
  .array(
    readBy((text) => {
      const filter = explained(() => parseFilter(text, 0));
      explained(() => Filters.of([filter], SERIES));
      return filter;
    }, "workload=shop/user"),
    "must be a list, such as [workload=shop/user]",
  )
  .max(FILTER_LIMITS.maxFilters, `must hold ${FILTER_LIMITS.maxFilters} conditions at most`);

/** `groupBy`: what alerts are told apart by. */
export const groupBy: z.ZodType<readonly Grouping[]> = z
  .array(
    readBy((text) => {
      const grouping = explained(() => parseAttribute(text, 0));
      explained(() => checkAttribute(grouping, 0, SERIES));
      return grouping;
    }, "workload"),
    "must be a list, such as [workload, route]",
  )
  .max(MAX_GROUPINGS, `must hold ${MAX_GROUPINGS} attributes at most`);

/** `matchers`: conditions on an alert's labels, all of which must hold. */
export const matchers: z.ZodType<readonly Matcher[]> = z
  .array(readBy(parseMatcher, "workload=shop/user"), "must be a list, such as [workload=shop/user]")
  .min(
    1,
    "must hold one condition at least: what matches everything would mute everything; write rule=~.* if that is meant",
  )
  .max(MAX_MATCHERS, `must hold ${MAX_MATCHERS} conditions at most`);

/** "rule=~slo-.*". @throws Error that says what it must look like */
export function parseMatcher(text: string): Matcher {
  const [, label = "", operator = "", value = ""] = /^([A-Za-z.]+)\s*(=~|!~|!=|=)\s*(.*)$/s.exec(text) ?? [];
  if (operator === "")
    throw new Error(`"${text.slice(0, 64)}" is no condition; write it like workload=shop/user or rule=~slo-.*`);
  if (!OWN_LABELS.includes(label)) checkLabel(label);
  if (operator.endsWith("~")) new Pattern(value, new PatternBudget(0));
  return { label, operator: operator as Matcher["operator"], value };
}

function checkLabel(label: string): void {
  const attribute = label.replace(/^(?:client|server)\./, "");
  if (!isAttribute(attribute)) throw new Error(unknownName(label, [...OWN_LABELS, ...SERIES.attributes]));
  checkAttribute(parseAttribute(label, 0), 0, SERIES);
}

/** Names the attribute that was probably meant. */
function explained<Out>(read: () => Out): Out {
  try {
    return read();
  } catch (cause) {
    const [, given = ""] =
      cause instanceof FilterError ? (/^there is no attribute "(.*)"/.exec(cause.message) ?? []) : [];
    const nearest = given === "" ? undefined : nearestWord(given.replace(/^(client|server)\./, ""), ATTRIBUTES);
    if (nearest === undefined) throw cause;
    throw new Error(`there is no attribute "${given}"; did you mean "${nearest}"?`, { cause });
  }
}
