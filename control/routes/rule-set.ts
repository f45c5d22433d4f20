import { MAX_SEGMENTS } from "./limits.ts";
import { segmentsOf } from "./route-tree.ts";

/** An optional method, then a path of literal segments, {names}, * (one segment) and a final ** (the rest). */
const RULE = /^([A-Z]+ )?(\/(\*|\{[^/{}\s]+\}|[^/{}*\s]+))*\/?(\/\*\*)?$/;

/** Whether a text can be read as a rule, such as "/customers/{id}/cards", "GET /static/*" or "/assets/**". */
export function isRule(text: string): boolean {
  return text.includes("/") && RULE.test(text);
}

/** A rule, taken apart. */
export interface Rule {
  /** Empty for any. */
  readonly method: string;
  /** The template: the rule without its method. */
  readonly path: string;
  readonly segments: readonly string[];
  /** Whether anything may follow. */
  readonly isOpen: boolean;
}

/**
 * Rules in their order; the first that matches wins, and its path is the template. The semantics are those of the filter
 * (wasm-filter/core/routes/), on routes instead of paths: what a reporter has made "{id}" by its shape matches what an
 * id matches. A template matches the rule that made it and none before it, so what was made once stays.
 */
export class RuleSet {
  static readonly NONE = new RuleSet([]);

  /** By the number of segments of a route that they can match. */
  readonly #rules: readonly (readonly Rule[])[];

  /** @param rules texts for which `isRule` holds */
  constructor(rules: readonly string[]) {
    const all = rules.map(partsOf);
    this.#rules = Array.from({ length: MAX_SEGMENTS + 1 }, (_, count) => {
      return all.filter(({ isOpen, segments }) => (isOpen ? count >= segments.length : count === segments.length));
    });
  }

  /** The template of a route; undefined where no rule says one. */
  match(method: string, route: string): string | undefined {
    const parts = segmentsOf(route);
    if (!parts) return undefined;
    const { segments, rest } = parts;
    return this.#rules[segments.length]?.find((rule) => {
      if (rule.method !== "" && rule.method !== method) return false;
      if (rest !== "" && !rule.isOpen) return false;
      return rule.segments.every((wanted, at) => isWildcard(wanted) || wanted === segments[at]);
    })?.path;
  }
}

/** @param text one for which `isRule` holds */
export function partsOf(text: string): Rule {
  const space = text.indexOf(" ");
  const path = text.slice(space + 1);
  const segments = path.split("/").filter((segment) => segment !== "");
  const isOpen = segments.at(-1) === "**";
  return {
    method: text.slice(0, Math.max(0, space)),
    path,
    segments: isOpen ? segments.slice(0, -1) : segments,
    isOpen,
  };
}

/** Whether a segment of a rule stands for any. */
export function isWildcard(segment: string): boolean {
  return segment === "*" || (segment.startsWith("{") && segment.endsWith("}"));
}
