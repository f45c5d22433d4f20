import { z } from "zod";
import { nearestWord } from "../../world/edit-distance.ts";

/** Things by name, and nothing else: another name is at fault, and the one that was probably meant is told. */
export function fields<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const names = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === "unrecognized_keys") return unknownName(issue.keys[0] ?? "", names);
      return issue.input === undefined ? "must be there" : `must hold fields by name: ${oneOf(names, "or")}`;
    },
  });
}

/** What to say of a name that is none of these. */
export function unknownName(given: string, names: readonly string[]): string {
  const nearest = nearestWord(given, names);
  const shown = given.slice(0, 64);
  return `there is no "${shown}" here; ${nearest === undefined ? `there are ${oneOf(names, "and")}` : `did you mean "${nearest}"?`}`;
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
        ? `is "${input.slice(0, 64)}"; it must be ${oneOf(words, "or")}`
        : `is "${input.slice(0, 64)}"; did you mean "${nearest}"?`;
    },
  });
}

/**
 * Read as the form that a test picks for what is given, so that what is wrong is told of the form that was meant. (Of a union it would
 * only be told that none fits.)
 */
export function formOf<Out>(pick: (given: unknown) => z.ZodType<Out>): z.ZodType<Out> {
  return z.unknown().transform((given, context): Out => {
    const result = pick(given).safeParse(given);
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
