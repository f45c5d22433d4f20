import { segmentsOf } from "./route-tree.ts";

/** An optional method, then a path of literal segments, {names}, * (one segment) and a final ** (the rest). */
const RULE = /^([A-Z]+ )?(\/(\*|\{[^/{}\s]+\}|[^/{}*\s]+))*\/?(\/\*\*)?$/;

/** Whether a text can be read as a rule, such as "/customers/{id}/cards", "GET /static/*" or "/assets/**". */
export function isRule(text: string): boolean {
  return text.includes("/") && RULE.test(text);
}

/** A rule, taken apart. */
interface Rule {
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

  readonly #rules: readonly Rule[];

  /** @param rules texts for which `isRule` holds */
  constructor(rules: readonly string[]) {
    this.#rules = rules.map(ruleOf);
  }

  /** The template of a route; undefined where no rule says one. */
  match(method: string, route: string): string | undefined {
    const isFor = (rule: Rule): boolean => rule.method === "" || rule.method === method;
    const parts = this.#rules.length > 0 ? segmentsOf(route) : undefined;
    if (!parts) return undefined;
    const { segments, rest } = parts;
    return this.#rules.find((rule) => {
      if (!isFor(rule)) return false;
      const fits = rule.isOpen
        ? segments.length >= rule.segments.length
        : segments.length === rule.segments.length && rest === "";
      return fits && rule.segments.every((wanted, at) => isWildcard(wanted) || wanted === segments[at]);
    })?.path;
  }
}

function ruleOf(text: string): Rule {
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

function isWildcard(segment: string): boolean {
  return segment === "*" || (segment.startsWith("{") && segment.endsWith("}"));
}
