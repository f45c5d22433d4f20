/** Secrets in the texts of objects: not shown, and kept where a text that was shown comes back. */
import { isScalar, parseDocument } from "yaml";
import type { ConfigObject } from "./object.ts";

type Path = readonly (string | number)[];

/** One secret that is written out, and what is shown in its place. */
interface Hidden {
  readonly path: Path;
  readonly secret: string;
  readonly shown: string;
}

/** The text of an object without its secrets. */
export function shownText(object: ConfigObject): string {
  const hidden = secretsOf(object.spec, specOf(object), ["spec"]);
  return hidden.reduce((text, { path, shown }) => replaceAt(text, path, shown), object.text);
}

/** A text that was changed after it had been shown, with the secrets that it hides. */
export function withSecrets(text: string, object: ConfigObject): string {
  return secretsOf(object.spec, specOf(object), ["spec"]).reduce(
    (whole, { path, secret, shown }) => replaceAt(whole, path, secret, shown),
    text,
  );
}

function specOf({ written }: ConfigObject): unknown {
  return written["spec"];
}

/** A secret is what its kind reads a text as that says another text of itself in JSON. */
function secretsOf(read: unknown, written: unknown, path: Path): Hidden[] {
  if (typeof read !== "object" || read === null) return [];
  if ("toJSON" in read && typeof read.toJSON === "function") {
    const shown: unknown = (read as { toJSON(): unknown }).toJSON();
    const isSecret = typeof written === "string" && typeof shown === "string" && shown !== written;
    return isSecret ? [{ path, secret: written, shown }] : [];
  }
  if (typeof written !== "object" || written === null) return [];
  return Object.entries(read).flatMap(([name, value]) => {
    const part = Array.isArray(read) ? Number(name) : name;
    return secretsOf(value, (written as Record<string, unknown>)[name], [...path, part]);
  });
}

/** @param only replaced where this stands there; whatever stands there, where it is left out */
function replaceAt(text: string, path: Path, value: string, only?: string): string {
  const node: unknown = parseDocument(text, { schema: "core", logLevel: "silent" }).getIn(path, true);
  if (!isScalar(node) || !node.range || (only !== undefined && node.value !== only)) return text;
  const [from, to] = node.range;
  return `${text.slice(0, from)}${JSON.stringify(value)}${text.slice(to)}`;
}
