/** Filters and groupings as people write them: `namespace=shop`, `client.workload!=shop/cart`, `route~^/orders`. */
import { ATTRIBUTES } from "./attributes.ts";
import type { End } from "./attributes.ts";
import { FilterError, isAttribute } from "./filters.ts";
import type { Filter, Operator } from "./filters.ts";

/** What stands in the store for all that found no room; the only value that begins so. */
const OTHER = "~other";
const FORM = /^([a-z.]+)(=|!=|~|!~)(.*)$/s;

/**
 * One condition.
 * @param index its place among others, for the error
 * @throws FilterError
 */
export function parseFilter(text: string, index: number): Filter {
  const [, named = "", operator = "", value = ""] = FORM.exec(text) ?? [];
  if (operator === "") throw new FilterError("it looks like namespace=shop or workload!~^cart", index, undefined);
  const { attribute, end } = parseAttribute(named, index);
  // What other tools write for a regular expression would look for a text that nothing can have.
  if (operator.endsWith("=") && value.startsWith("~") && value !== OTHER) {
    const meant = `${attribute}${operator === "=" ? "~" : "!~"}${value.slice(1)}`;
    throw new FilterError(`a regular expression is written ${meant}`, index, "operator");
  }
  return { attribute, end, operator: operator as Operator, value };
}

/** An attribute, and the end that is meant: `namespace`, `client.workload`. @throws FilterError */
export function parseAttribute(text: string, index: number): Pick<Filter, "attribute" | "end"> {
  const [, end, attribute = text] = /^(?:(client|server)\.)?([a-z]+)$/.exec(text) ?? [];
  if (isAttribute(attribute)) return { attribute, end: end as End };
  const why = `there is no attribute "${attribute.slice(0, 64)}"; there are ${ATTRIBUTES.join(", ")}`;
  throw new FilterError(why, index, "attribute");
}

/** As `parseFilter` reads it. */
export function filterText({ attribute, end, operator, value }: Filter): string {
  return `${attributeText({ attribute, end })}${operator}${value}`;
}

/** As `parseAttribute` reads it. */
export function attributeText({ attribute, end }: Pick<Filter, "attribute" | "end">): string {
  return end === undefined ? attribute : `${end}.${attribute}`;
}
