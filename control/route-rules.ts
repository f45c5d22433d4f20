import { readFile } from "node:fs/promises";

/** The limits of the filter's own table of rules (wasm-filter/core/limits.ts). */
const MAX_RULES = 128;
const MAX_RULE_BYTES = 200;
/** Bytes of all rules, with four more for each. */
const MAX_BYTES = 8_192;
/** An optional method, then a path of literal segments, {names}, * (one segment) and a final ** (the rest). */
const RULE = /^([A-Z]+ )?(\/(\*|\{[A-Za-z0-9_]+\}|[^/{}*\s]+))*\/?(\/\*\*)?$/;

/**
 * Reads a file of route rules: one a line, `#` starts a comment line, empty lines do not count.
 *
 *     /customers/{id}/cards
 *     GET /static/*
 *     /assets/**
 *
 * Throws an error that names the file and the line of a rule that cannot be used.
 */
export async function readRouteRules(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new Error(`Reading the route rules at ${path}: ${(cause as Error).message}`, { cause });
  });
  const rules: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const rule = line.trim();
    if (rule === "" || rule.startsWith("#")) continue;
    if (Buffer.byteLength(rule) > MAX_RULE_BYTES || !rule.includes("/") || !RULE.test(rule)) {
      throw new Error(
        `Reading the route rules at ${path}, line ${index + 1}: "${rule.slice(0, 80)}" is no rule; write it like ` +
          `"/customers/{id}/cards", "GET /static/*" or "/assets/**", at most ${MAX_RULE_BYTES} bytes`,
      );
    }
    rules.push(rule);
  }
  const bytes = rules.reduce((sum, rule) => sum + Buffer.byteLength(rule) + 4, 0);
  if (rules.length <= MAX_RULES && bytes <= MAX_BYTES) return rules;
  const limits = `reporters hold at most ${MAX_RULES} rules and ${MAX_BYTES} bytes`;
  throw new Error(`Reading the route rules at ${path}: ${rules.length} rules of ${bytes} bytes; ${limits}`);
}
