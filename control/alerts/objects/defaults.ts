import { readFileSync } from "node:fs";
import { kindsOf } from "./kind.ts";
import type { Kinds } from "./kind.ts";
import { ALERT } from "./alert.ts";
import { MUTE } from "./mute.ts";
import type { ConfigObject } from "./object.ts";
import { problemLine } from "./problem.ts";
import { keyOf, readObjects } from "./read-objects.ts";
import { SLO } from "./slo.ts";

/** Kinds that alerting itself has; notifications bring more. */
export const ALERTING_KINDS = kindsOf(SLO, ALERT, MUTE);

/** Objects that hold with no configuration. */
export function defaultObjects(): readonly ConfigObject[] {
  const path = new URL("../defaults.yaml", import.meta.url);
  const { objects, problems } = readObjects(readFileSync(path, "utf8"), ALERTING_KINDS, { file: "defaults.yaml" });
  if (problems.length > 0) throw new Error(`Reading the default objects: ${problems.map(problemLine).join("; ")}`);
  return objects;
}

/** Defaults, but those of which there is one of the same name; then the given ones. */
export function withDefaults(
  given: readonly ConfigObject[],
  defaults: readonly ConfigObject[],
  kinds: Kinds,
): ConfigObject[] {
  const named = new Set(given.map((object) => keyOf(object, kinds)));
  return [...defaults.filter((object) => !named.has(keyOf(object, kinds))), ...given];
}
