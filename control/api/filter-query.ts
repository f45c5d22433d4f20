/** Filters as they stand in a URL or on a command line: `namespace=shop`, `client.workload!=shop/cart`, `route~^/orders`. */
import { ATTRIBUTES } from "../world/attributes.ts";
import type { End, Subject } from "../world/attributes.ts";
import { FilterError, Filters, isAttribute } from "../world/filters.ts";
import type { Filter, Operator } from "../world/filters.ts";
import { HttpError } from "./http-errors.ts";

/** What stands in the store for all that found no room; the only value that begins so. */
const OTHER = "~other";
const FORM = /^([a-z.]+)(=|!=|~|!~)(.*)$/s;

/** @throws HttpError 400 that names the parameter "filter", and the filter at fault */
export function parseFilters(texts: readonly string[], subject: Subject): Filters {
  const given = texts.filter((text) => text !== "");
  try {
    return Filters.of(
      given.map((text, index) => parseFilter(text, index)),
      subject,
    );
  } catch (cause) {
    if (!(cause instanceof FilterError)) throw cause;
    const which = cause.index === undefined ? "" : ` "${given[cause.index]?.slice(0, 128)}"`;
    throw new HttpError(400, `Parameter "filter"${which}: ${cause.message}`, { field: "filter", cause });
  }
}

/** @throws FilterError */
function parseFilter(text: string, index: number): Filter {
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
