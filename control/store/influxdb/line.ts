/**
 * InfluxDB's line protocol: `measurement,tag=value field=value timestamp`.
 *
 * Tag values cannot hold every character: a line break ends the point, a backslash at the end escapes what follows, and
 * control characters are refused or mangled on the way. They are shifted to a private area of Unicode, one for one, so
 * that every name comes back as it was and ordinary ones are written as they are. What lies in that area already
 * (U+E000 to U+E07F; nobody's script does) comes back as the control character.
 */
import type { TimeRange } from "../store.ts";

const PRIVATE_AREA = 0xe000;
// eslint-disable-next-line no-control-regex -- these are the ones to be replaced
const UNSAFE = /[\u0000-\u001f\u007f\\]/g;
const SHIFTED = /[\ue000-\ue07f]/g;
const SPECIAL = /[,= ]/g;

/** The value as it stands in a tag. */
export function safe(value: string): string {
  return value.replace(UNSAFE, (one) => String.fromCharCode(PRIVATE_AREA + one.charCodeAt(0)));
}

/** The value that stands in a tag as `text`. */
export function original(text: string): string {
  return text.replace(SHIFTED, (one) => String.fromCharCode(one.charCodeAt(0) - PRIVATE_AREA));
}

/** `,name=value` for each tag, in order of their names as InfluxDB wants them for speed; empty ones are left out. */
export function tagSet(tags: Readonly<Record<string, string>>): string {
  let text = "";
  for (const name of Object.keys(tags).sort()) {
    const value = tags[name]!;
    if (value !== "") text += `,${name}=${safe(value).replace(SPECIAL, "\\$&")}`;
  }
  return text;
}

/** A field that is a whole number, exact to 2^53. Throws for what is none: nothing of a group is written then. */
export function integer(name: string, value: number): string {
  if (!Number.isSafeInteger(value)) throw new Error(`The field ${name} must be a whole number, not ${value}`);
  return `${name}=${value}i`;
}

/** A field that is a number. */
export function float(name: string, value: number): string {
  if (!Number.isFinite(value)) throw new Error(`The field ${name} must be a number, not ${value}`);
  return `${name}=${value}`;
}

/** A field that is a text. */
export function string(name: string, value: string): string {
  return `${name}="${safe(value).replace(/"/g, '\\"')}"`;
}

/** A text in a question in InfluxQL, in its quotes. */
export function quoted(value: string): string {
  return `'${safe(value).replace(/'/g, "\\'")}'`;
}

/** The condition that points lie in a range. */
export function timeIn({ fromMs, toMs }: TimeRange): string {
  return `time >= ${Math.max(0, fromMs)}ms AND time < ${toMs}ms`;
}
