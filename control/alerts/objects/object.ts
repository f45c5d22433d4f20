/** What people write: objects in the form that Kubernetes gave them, each of a kind, with a name. */

export const API_VERSION = "sidelight.dev/v1";

/** Where something stands. Lines and columns count from 1. */
export interface Place {
  /** As it was given to the reader; empty for a text that has none. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One object, checked. */
export interface ConfigObject<Spec = unknown> {
  readonly kind: string;
  readonly name: string;
  /** Empty for nobody in particular. */
  readonly owner: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Switched off: it does nothing, and a default of this name does nothing either. */
  readonly isDisabled: boolean;
  /** As its kind reads it; undefined where it is switched off and has none. */
  readonly spec: Spec | undefined;
  readonly place: Place;
  /** The document as it was written, comments included. */
  readonly text: string;
  /** The same as plain data. */
  readonly written: WrittenObject;
}

/** An object as plain data, as a program makes it. */
export interface WrittenObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}
