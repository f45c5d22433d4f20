import { MAX_RULES, MAX_RULE_BYTES } from "./limits.ts";
import { RuleSet, isRule } from "./rule-set.ts";

/** The annotation of a workload that holds rules for its routes, separated by newlines or commas. */
export const ROUTES_ANNOTATION = "sidelight.dev/routes";

export type RuleSource = "annotation" | "openapi" | "settings";

export interface UserRule {
  readonly rule: string;
  readonly source: RuleSource;
}

export interface UserRuleSources {
  /** For all services. */
  readonly settings: readonly string[];
  /** Texts of ROUTES_ANNOTATION by server. */
  readonly annotations: () => ReadonlyMap<string, string>;
  /** By server. */
  readonly openapi: () => ReadonlyMap<string, readonly string[]>;
  /** Told of what cannot be used, once. */
  readonly refused: (error: Error) => void;
}

/**
 * The rules that users state, for each service in this order: its annotation, its OpenAPI document, those for all. The
 * first that matches wins.
 */
export class UserRules {
  readonly #sources: UserRuleSources;
  readonly #shared: RuleSet;
  #own = new Map<string, readonly UserRule[]>();
  #sets = new Map<string, RuleSet>();
  #annotations = new Map<string, { readonly text: string; readonly rules: readonly string[] }>();

  constructor(sources: UserRuleSources) {
    this.#sources = sources;
    this.#shared = new RuleSet(sources.settings);
    this.refresh();
  }

  /** Takes over what the sources say now. @returns whether any rule is another than before */
  refresh(): boolean {
    const own = new Map<string, UserRule[]>();
    const add = (server: string, rules: readonly string[], source: RuleSource): void => {
      const known = own.get(server) ?? [];
      if (rules.length > 0) own.set(server, [...known, ...rules.map((rule) => ({ rule, source }))]);
    };
    this.#readAnnotations();
    for (const [server, { rules }] of this.#annotations) add(server, rules, "annotation");
    for (const [server, rules] of this.#sources.openapi()) add(server, rules, "openapi");
    const isSame = JSON.stringify([...own].sort(byServer)) === JSON.stringify([...this.#own].sort(byServer));
    if (isSame) return false;
    this.#own = own;
    this.#sets = new Map(
      [...own].map(([server, rules]) => [server, new RuleSet([...rules, ...this.#all()].map(({ rule }) => rule))]),
    );
    return true;
  }

  /** What holds for a server. */
  of(server: string): RuleSet {
    return this.#sets.get(server) ?? this.#shared;
  }

  /** What holds for a server and not for all. */
  own(server: string): readonly UserRule[] {
    return this.#own.get(server) ?? [];
  }

  /** Servers with rules of their own. */
  servers(): readonly string[] {
    return [...this.#own.keys()];
  }

  /** What holds for all. */
  shared(): readonly UserRule[] {
    return this.#all();
  }

  #all(): UserRule[] {
    return this.#sources.settings.map((rule) => ({ rule, source: "settings" }));
  }

  #readAnnotations(): void {
    const read = new Map<string, { readonly text: string; readonly rules: readonly string[] }>();
    for (const [server, text] of this.#sources.annotations()) {
      const known = this.#annotations.get(server);
      read.set(server, known?.text === text ? known : { text, rules: this.#parse(server, text) });
    }
    this.#annotations = read;
  }

  #parse(server: string, text: string): string[] {
    const given = text
      .split(/[\n,]/)
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
    const isGood = (rule: string): boolean => isRule(rule) && Buffer.byteLength(rule) <= MAX_RULE_BYTES;
    const wrong = given.filter((rule) => !isGood(rule));
    const where = `Reading the annotation ${ROUTES_ANNOTATION} of ${server}`;
    if (wrong.length > 0) {
      const [first = ""] = wrong;
      const like = 'write it like "/customers/{id}/cards", "GET /static/*" or "/assets/**"';
      this.#sources.refused(
        new Error(`${where}: "${first.slice(0, 80)}" is no rule (${wrong.length} of ${given.length}); ${like}`),
      );
    }
    const good = given.filter(isGood);
    if (good.length > MAX_RULES) {
      this.#sources.refused(new Error(`${where}: ${good.length} rules are too many; the first ${MAX_RULES} count`));
    }
    return good.slice(0, MAX_RULES);
  }
}

function byServer([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
