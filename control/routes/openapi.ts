/**
 * Route rules out of an OpenAPI document (3.x, https://spec.openapis.org/oas/v3.1.0) or a Swagger one (2.0).
 *
 * A path is a rule for every method: by the specification a request is matched by its path first. "Concrete
 * (non-templated) paths would be matched before their templated counterparts", so rules come in that order.
 */
import { parseDocument } from "yaml";
import { z } from "zod";
import { MAX_DOCUMENT_PATHS, MAX_RULE_BYTES, MAX_YAML_BYTES } from "./limits.ts";
import { inOrderOfNeed } from "./rule-overlap.ts";
import { isRule } from "./rule-set.ts";

/** What a document says. */
export interface DocumentRules {
  readonly rules: readonly string[];
  /** Paths that cannot be rules, with the reason. */
  readonly problems: readonly string[];
}

const servers = z
  .array(
    z.object({
      url: z.string().default("/"),
      variables: z.record(z.string(), z.object({ default: z.coerce.string() })).default({}),
    }),
  )
  .default([]);

const document = z
  .object({
    openapi: z.string().regex(/^3\./, { error: 'must be "3.x"' }).optional(),
    swagger: z.literal("2.0", { error: 'must be "2.0"' }).optional(),
    servers,
    basePath: z.string().default("/"),
    paths: z.record(z.string(), z.object({ servers }).nullable(), { error: "must be there, with a path each" }),
  })
  .refine(({ openapi, swagger }) => openapi !== undefined || swagger !== undefined, {
    error: 'has neither "openapi" nor "swagger" at its top, so it is no OpenAPI document',
  });

type Servers = z.infer<typeof servers>;

/** Servers of a document that are looked at: what differs is mostly the host. */
const MAX_BASES = 4;

/** Reads a document, YAML or JSON. Throws an error that says what is wrong with it. */
export function rulesOfDocument(text: string): DocumentRules {
  const rules = new Map<string, string>();
  const problems: string[] = [];
  for (const { path, base } of pathsOf(text)) {
    const rule = ruleOf(`${base}/${path}`);
    const why = problemOf(rule);
    if (why) problems.push(`${path} ${why}`);
    // What differs in the names of its parameters only is the same path; the first stays.
    else if (!rules.has(shapeOf(rule))) rules.set(shapeOf(rule), rule);
  }
  const sorted = [...rules].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule);
  return { rules: inOrderOfNeed(sorted), problems };
}

/** The paths of a document, each with every base that it is served below. */
function pathsOf(text: string): { readonly path: string; readonly base: string }[] {
  const result = document.safeParse(parse(text));
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new Error(`${issue?.path.join(".") || "the document"}: ${issue?.message}`);
  }
  const { servers, basePath, swagger } = result.data;
  const paths = Object.entries(result.data.paths);
  if (paths.length > MAX_DOCUMENT_PATHS) {
    throw new Error(`paths: ${paths.length} are too many; at most ${MAX_DOCUMENT_PATHS} are read`);
  }
  const bases = swagger ? [basePath] : basesOf(servers);
  return paths
    .filter(([path]) => path.startsWith("/"))
    .flatMap(([path, item]) => {
      return (item?.servers.length ? basesOf(item.servers) : bases).map((base) => ({ path, base }));
    });
}

function parse(text: string): unknown {
  if (text.trimStart().startsWith("{")) return JSON.parse(text);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_YAML_BYTES) {
    throw new Error(`${bytes} bytes of YAML are too many, at most ${MAX_YAML_BYTES}; write it as JSON`);
  }
  const yaml = parseDocument(text, { schema: "core" });
  const [broken] = yaml.errors;
  if (broken) throw new Error(broken.message);
  return yaml.toJS({ maxAliasCount: 100 });
}

/** The paths under which an API is served. */
function basesOf(servers: Servers): string[] {
  if (servers.length === 0) return ["/"];
  const bases = servers.map(({ url, variables }) => {
    const filled = url.replace(/\{([^}]+)\}/g, (_, name: string) => variables[name]?.default ?? "");
    return filled.replace(/^[A-Za-z][A-Za-z0-9+.-]*:/, "").replace(/^\/\/[^/?#]*/, "");
  });
  return [...new Set(bases)].slice(0, MAX_BASES);
}

/** A path as a rule: parameters keep their names, and a segment that holds one besides text is one as a whole. */
function ruleOf(path: string): string {
  const [plain = ""] = path.split(/[?#]/);
  const segments = plain.split("/").filter((segment) => segment !== "");
  return `/${segments.map((segment) => (segment.includes("{") ? `{${segment.replace(/[{}]/g, "")}}` : segment)).join("/")}`;
}

function problemOf(rule: string): string | undefined {
  if (Buffer.byteLength(rule) > MAX_RULE_BYTES) return `makes a rule of more than ${MAX_RULE_BYTES} bytes`;
  return isRule(rule) && !rule.includes("*") ? undefined : "holds characters that a rule cannot have";
}

/** Sorts names before parameters, segment by segment. */
function shapeOf(rule: string): string {
  return rule
    .split("/")
    .map((segment) => (segment.startsWith("{") ? "\uffff" : segment))
    .join("\u0000");
}
