const PREFIX = "sidelight.dev/";

/** Annotations that are Sidelight's, by their whole name. */
export type Annotations = ReadonlyMap<string, string>;

const NONE: Annotations = new Map();

/** Those that are Sidelight's; nothing else is kept, as others are large. */
export function ownAnnotations(all: Readonly<Record<string, string>> = {}): Annotations {
  const own = Object.entries(all).filter(([name]) => name.startsWith(PREFIX));
  return own.length > 0 ? new Map(own) : NONE;
}

export function sameAnnotations(one: Annotations, other: Annotations): boolean {
  return one.size === other.size && [...one].every(([name, text]) => other.get(name) === text);
}
