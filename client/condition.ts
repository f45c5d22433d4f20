/** Filters and groupings as people write them: `namespace=shop`, `client.workload!=shop/cart`, `route~^/orders`. */
import { Attribute, End, FilterOperator } from "#proto/stats.ts";
import type { Filter, Grouping } from "#proto/stats.ts";

const ENDS: Readonly<Record<string, End>> = { client: End.END_CLIENT, server: End.END_SERVER };

const OPERATORS: Readonly<Record<string, FilterOperator>> = {
  "=": FilterOperator.FILTER_OPERATOR_EQUALS,
  "!=": FilterOperator.FILTER_OPERATOR_NOT_EQUALS,
  "~": FilterOperator.FILTER_OPERATOR_MATCHES,
  "!~": FilterOperator.FILTER_OPERATOR_NOT_MATCHES,
};

const ATTRIBUTES = new Map(
  // An enumeration of TypeScript has its numbers as keys too.
  Object.entries(Attribute)
    .filter(
      (entry): entry is [string, Attribute] => typeof entry[1] === "number" && entry[0] !== "ATTRIBUTE_UNSPECIFIED",
    )
    .map(([name, value]) => [name.replace("ATTRIBUTE_", "").toLowerCase(), value]),
);

/**
 * A condition of a question. Which attributes and values a question takes is judged by control.
 * @throws Error that says how it is written
 */
export function filter(text: string): Filter {
  const [, subject = "", operator = "", value = ""] = /^([a-z.]+)(=|!=|~|!~)(.*)$/s.exec(text) ?? [];
  if (operator === "") throw new Error(`"${text}" is no filter; one looks like namespace=shop or workload!~^cart`);
  return { ...grouping(subject), operator: OPERATORS[operator]!, value };
}

/**
 * What tells things apart: `namespace`, `client.workload`.
 * @throws Error that names those there are
 */
export function grouping(text: string): Grouping {
  const [, end = "", name = ""] = /^(?:(client|server)\.)?(.*)$/s.exec(text) ?? [];
  return { attribute: attribute(name), end: ENDS[end] ?? End.END_UNSPECIFIED };
}

/** @throws Error that names those there are */
export function attribute(name: string): Attribute {
  const known = ATTRIBUTES.get(name);
  if (known !== undefined) return known;
  throw new Error(`There is no attribute "${name}"; there are ${[...ATTRIBUTES.keys()].join(", ")}`);
}
