import type { ConfigObject } from "./object.ts";

/**
 * Where an object comes from: it comes with Sidelight, is a file of the folder, was made in the UI or over the API, or is stated by a
 * workload's annotation.
 */
export type ObjectOrigin = "default" | "file" | "api" | "annotation";

/** An object as people see it. */
export interface ShownObject extends Pick<ConfigObject, "kind" | "name" | "isDisabled"> {
  readonly origin: ObjectOrigin;
  /** Secrets are left out. */
  readonly yaml: string;
  readonly file: string;
  /** Where in the file it begins, from 1; 0 for none. */
  readonly line: number;
  /** What is wrong with it; empty where nothing is. What it said before holds until then. */
  readonly error: string;
  /** Whether it stands in for a default, which holds again where this one is taken away. */
  readonly replacesDefault: boolean;
}
