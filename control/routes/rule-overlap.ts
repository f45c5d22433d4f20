import { isWildcard, partsOf } from "./rule-set.ts";
import type { Rule } from "./rule-set.ts";

/** Those of `rules` that have a request in common with one of `others`, so that it matters which of the two comes first. */
export function overlapping(rules: readonly string[], others: readonly string[]): readonly string[] {
  const against = others.map(partsOf);
  return rules.filter((rule) => {
    const parts = partsOf(rule);
    return against.some((other) => overlap(parts, other));
  });
}

/**
 * The same rules in an order that means the same and may be cut anywhere: what is left never says of a path what the
 * whole would not. Paths of names that no later rule would take for something else go last; they are their own templates
 * in most cases, rule or no rule.
 */
export function inOrderOfNeed(rules: readonly string[]): string[] {
  const parts = rules.map(partsOf);
  const general = [...parts.entries()].filter(([, rule]) => isGeneral(rule));
  const isNeeded = parts.map((rule, at) => {
    return isGeneral(rule) || general.some(([where, later]) => where > at && overlap(rule, later));
  });
  return [...rules.filter((_, at) => isNeeded[at]), ...rules.filter((_, at) => !isNeeded[at])];
}

function isGeneral({ isOpen, segments }: Rule): boolean {
  return isOpen || segments.some(isWildcard);
}

function overlap(a: Rule, b: Rule): boolean {
  if (a.method !== "" && b.method !== "" && a.method !== b.method) return false;
  // The shorter one has to allow for what the longer one has more.
  const [short, long] = a.segments.length <= b.segments.length ? [a, b] : [b, a];
  if (short.segments.length < long.segments.length && !short.isOpen) return false;
  return short.segments.every((segment, at) => {
    const other = long.segments[at] ?? "";
    return segment === other || isWildcard(segment) || isWildcard(other);
  });
}
