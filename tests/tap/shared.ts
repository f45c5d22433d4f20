/**
 * Captures of other people and with exact truths, which are not in this repository: a folder `shared` beside the clone, or the
 * one that SHARED_CAPTURES names. Tests that need them say so and are skipped where there are none.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

import { projectRoot } from "../../provision/build.ts";

/** A file or folder of `shared`; undefined, and a word about it, where it is not there. */
export function sharedPath(name: string): string | undefined {
  const folder = process.env["SHARED_CAPTURES"] ?? join(dirname(projectRoot), "shared");
  const path = join(folder, name);
  if (existsSync(path)) return path;
  process.stdout.write(`skipped: there is no ${name} in ${folder}\n`);
  return undefined;
}
