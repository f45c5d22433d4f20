import { z } from "zod";
import { nearestWord } from "../../world/edit-distance.ts";

/** Things by name, and nothing else. */
export const fields = z.strictObject;

/** What the schemas themselves leave unsaid, those of other parts too. Of a name that is unknown the one that was probably meant. */
export function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined) return "must be there";
  const names = namesOf(issue.inst);
  if (issue.code === "unrecognized_keys") {
    const [first = "", ...others] = issue.keys;
    return unknownName(first, names, others);
  }
  if (issue.code === "invalid_type" && names.length > 0) return `must hold fields by name: ${oneOf(names, "or")}`;
  if (issue.code === "too_big") return `must be ${issue.maximum} at most`;
  if (issue.code === "too_small") return `must be ${issue.minimum} at least`;
  if (issue.code === "invalid_type") return `must be ${EXPECTED[issue.expected] ?? issue.expected}`;
  return undefined;
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: "a text; put it in quotes",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list, such as [a, b]",
  object: "fields by name",
  record: "fields by name",
};

/** The names of what holds fields by name; none of what does not. */
function namesOf(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** What to say of a name that is none of these, and of others that are none either. */
export function unknownName(given: string, names: readonly string[], others: readonly string[] = []): string {
  const nor = others.slice(0, 5).map((name) => `, nor ${quoted(name)}`);
  const nearest = nearestWord(given, names);
  const hint = nearest === undefined ? `there are ${oneOf(names, "and")}` : `did you mean ${quoted(nearest)}?`;
  return `there is no ${quoted(given)} here${nor.join("")}; ${hint}`;
}

/** One word of these. */
export function word<const Words extends readonly [string, ...string[]]>(
  words: Words,
): z.ZodEnum<z.core.util.ToEnum<Words[number]>> {
  return z.enum(words, {
    error: ({ input }) => {
      if (typeof input !== "string") return `must be ${oneOf(words, "or")}`;
      const nearest = nearestWord(input, words);
      return nearest === undefined
        ? `is ${quoted(input)}; it must be ${oneOf(words, "or")}`
        : `is ${quoted(input)}; did you mean "${nearest}"?`;
    },
  });
}

/**
 * Read as the form that a test picks for what is given, so that what is wrong is told of the form that was meant. (Of a union it would
 * only be told that none fits.)
 */
export function formOf<Out>(pick: (given: unknown) => z.ZodType<Out>): z.ZodType<Out> {
  return z.unknown().transform((given, context): Out => {
    const result = pick(given).safeParse(given, { error: inWords });
    if (result.success) return result.data;
    for (const issue of result.error.issues) context.issues.push({ ...issue, input: given } as z.core.$ZodRawIssue);
    return z.NEVER;
  });
}

/** A text that some code reads, which throws where it cannot. */
export function readBy<Out>(read: (text: string) => Out, like: string): z.ZodType<Out> {
  return z.unknown().transform((given, context): Out => {
    const problem = (message: string): never => {
      context.issues.push({ code: "custom", message, input: given });
      return z.NEVER;
    };
    if (given === undefined) return problem(`must be there, such as ${like}`);
    if (typeof given !== "string" && typeof given !== "number") return problem(`must look like ${like}`);
    try {
      return read(String(given));
    } catch (cause) {
      return problem((cause as Error).message);
    }
  });
}

/** "a, b and c". */
export function oneOf(names: readonly string[], last: "and" | "or"): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} ${last} ${names.at(-1)}`;
}

function quoted(text: string): string {
  return `"${text.slice(0, 64)}"`;
}
