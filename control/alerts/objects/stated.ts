import type { ConfigObject } from "./object.ts";
import { problemLine } from "./problem.ts";
import type { Problem } from "./problem.ts";
import type { Reading } from "./read-objects.ts";

/** What somebody stated: an object, or a text that is none and what holds in its place. */
export interface Stated extends Pick<ConfigObject, "kind" | "name" | "text"> {
  /** What holds: this text, or what the last good one said; undefined for nothing. */
  readonly object: ConfigObject | undefined;
  /** Why it is not this text. */
  readonly problems: readonly Problem[];
}

/**
 * What a text states, and of what cannot be read what was stated before. One that does not even tell its name may be any of those
 * that are missing, so that all of them stay.
 */
export function statedBy({ objects, refused }: Reading, before: readonly Stated[]): readonly Stated[] {
  const isSame = (a: Pick<ConfigObject, "kind" | "name">, b: Pick<ConfigObject, "kind" | "name">): boolean =>
    a.kind === b.kind && a.name === b.name;
  const missing = before.filter(({ object }) => object && !objects.some((other) => isSame(object, other)));
  const isNameless = refused.some(({ kind, name }) => kind === "" || name === "");
  const kept = isNameless ? missing.filter(({ object }) => !refused.some((other) => isSame(object!, other))) : [];
  return [
    ...objects.map((object) => ({ ...named(object), object, problems: [] })),
    ...refused.map((document) => ({
      ...named(document),
      object: missing.find(({ object }) => isSame(object!, document))?.object,
      problems: document.problems,
    })),
    ...kept.map(({ object }) => ({ ...named(object!), object, problems: [] })),
  ];
}

function named({ kind, name, text }: Pick<Stated, "kind" | "name" | "text">): Pick<Stated, "kind" | "name" | "text"> {
  return { kind, name, text };
}

/** What is wrong with it, in one text; empty where nothing is. */
export function errorOf({ problems }: Pick<Stated, "problems">): string {
  return problems.map(problemLine).join("\n");
}
