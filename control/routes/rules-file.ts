import { readFile } from "node:fs/promises";
import { MAX_RULES, MAX_RULES_BYTES, MAX_RULE_BYTES } from "./limits.ts";
import { isRule } from "./rule-set.ts";

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
    if (Buffer.byteLength(rule) > MAX_RULE_BYTES || !isRule(rule)) {
      throw new Error(
        `Reading the route rules at ${path}, line ${index + 1}: "${rule.slice(0, 80)}" is no rule; write it like ` +
          `"/customers/{id}/cards", "GET /static/*" or "/assets/**", at most ${MAX_RULE_BYTES} bytes`,
      );
    }
    rules.push(rule);
  }
  const bytes = rules.reduce((sum, rule) => sum + Buffer.byteLength(rule) + 4, 0);
  if (rules.length <= MAX_RULES && bytes <= MAX_RULES_BYTES) return rules;
  const limits = `reporters hold at most ${MAX_RULES} rules and ${MAX_RULES_BYTES} bytes`;
  throw new Error(`Reading the route rules at ${path}: ${rules.length} rules of ${bytes} bytes; ${limits}`);
}
