import { MAX_RULES, MAX_RULE_BYTES } from "./limits.ts";
import { overlapping } from "./rule-overlap.ts";
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

/** What is stated of one service. */
interface Stated {
  readonly annotation: readonly string[];
  readonly openapi: readonly string[];
}

const NOTHING: readonly string[] = [];

/**
 * The rules that users state, for each service in this order: its annotation, those for all, its OpenAPI document. The
 * first that matches wins.
 */
export class UserRules {
  readonly #sources: UserRuleSources;
  readonly #shared: RuleSet;
  #stated = new Map<string, Stated>();
  #sets = new Map<string, RuleSet>();
  #annotations = new Map<string, { readonly text: string; readonly rules: readonly string[] }>();
  /** Rules for all that have to be asked before those of a document, by the latter. */
  readonly #before = new WeakMap<readonly string[], readonly string[]>();

  constructor(sources: UserRuleSources) {
    this.#sources = sources;
    this.#shared = new RuleSet(sources.settings);
    this.refresh();
  }

  /** Takes over what the sources say now. @returns the servers of which any rule is another than before */
  refresh(): readonly string[] {
    this.#readAnnotations();
    const documents = this.#sources.openapi();
    const servers = new Set([...this.#annotations.keys(), ...documents.keys()]);
    const before = this.#stated;
    this.#stated = new Map(
      [...servers].map((server) => {
        const annotation = this.#annotations.get(server)?.rules ?? NOTHING;
        return [server, { annotation, openapi: documents.get(server) ?? NOTHING }];
      }),
    );
    const changed = [...new Set([...before.keys(), ...servers])].filter((server) => {
      const [old, now] = [before.get(server), this.#stated.get(server)];
      return old?.annotation !== now?.annotation || old?.openapi !== now?.openapi;
    });
    for (const server of changed) this.#sets.delete(server);
    return changed;
  }

  /** What holds for a server. */
  of(server: string): RuleSet {
    if (!this.#stated.has(server)) return this.#shared;
    const known = this.#sets.get(server);
    if (known) return known;
    const set = new RuleSet(this.list(server).map(({ rule }) => rule));
    this.#sets.set(server, set);
    return set;
  }

  /** What holds for a server, with where it is from. */
  list(server: string): readonly UserRule[] {
    const { annotation = NOTHING, openapi = NOTHING } = this.#stated.get(server) ?? {};
    const from = (source: RuleSource, rules: readonly string[]): UserRule[] => rules.map((rule) => ({ rule, source }));
    return [...from("annotation", annotation), ...this.shared(), ...from("openapi", openapi)];
  }

  /**
   * What a reporter has to know of a server beside the rules for all, which it asks last: those of them that say of a path
   * what the document would say too come once more before the document.
   */
  taught(server: string): readonly string[] {
    const stated = this.#stated.get(server);
    if (!stated) return NOTHING;
    const before = this.#before.get(stated.openapi) ?? overlapping(this.#sources.settings, stated.openapi);
    this.#before.set(stated.openapi, before);
    return [...stated.annotation, ...before, ...stated.openapi];
  }

  /** Servers with rules of their own. */
  servers(): readonly string[] {
    return [...this.#stated.keys()];
  }

  /** What holds for all. */
  shared(): readonly UserRule[] {
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
