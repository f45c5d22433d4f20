import type { z } from "zod";
import type { ConfigObject } from "./object.ts";

/** A kind of object that the reader knows. */
export interface Kind<Spec = unknown> {
  /** As it stands under `kind`: "Alert". */
  readonly name: string;
  /** No two objects of a family share a name: alerts of SLOs and of rules are told apart by it. */
  readonly family: string;
  /** What `spec` is, made with `fields`, and what it is read as. */
  readonly spec: z.ZodType<Spec>;
}

/** Those that a text may hold, by name. */
export type Kinds = ReadonlyMap<string, Kind>;

export function kindsOf(...kinds: readonly Kind[]): Kinds {
  return new Map(kinds.map((kind) => [kind.name, kind]));
}

export function isOf<Spec>(kind: Kind<Spec>, object: ConfigObject): object is ConfigObject<Spec> {
  return object.kind === kind.name;
}
