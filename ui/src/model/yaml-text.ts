/**
 * A YAML text in which single values are changed: only what is changed is written anew, so that comments, order and spelling of all
 * the rest stay as they are. Pure.
 */
import { isCollection, isMap, isScalar, parseDocument, stringify, type Document, type Pair } from "yaml";

export type Path = readonly string[];

/** A number as it is typed: "99.90" stays what it is. */
export class Typed {
  constructor(readonly text: string) {}
}

/** Which field comes after which, in the map that a path leads to. */
export type FieldOrder = (path: Path) => readonly string[];

interface Place {
  readonly text: string;
  readonly map: Mapping;
  /** How many parts of the path lie above the map. */
  readonly depth: number;
}

type Node = NonNullable<Document.Parsed["contents"]>;
type Entry = Pair<Node, Node | null>;
interface Mapping {
  readonly items: readonly Entry[];
  readonly flow?: boolean | undefined;
  readonly range: readonly [number, number, number];
}

const INDENT = "  ";
/** Maps that stand on lines of their own: the object's parts, and the parts of its spec. */
const BLOCK_DEPTH = 1;

/** One document; its `errors` say why it cannot be read. */
export function parseText(text: string): Document.Parsed {
  // The core schema keeps times as the strings they are; so does control.
  return parseDocument(text, { schema: "core", logLevel: "error", prettyErrors: false });
}

/**
 * The text with one value put in or replaced. A text that cannot be read stays as it is.
 * @param value plain data; undefined takes the field out, and what is left empty by that
 */
export function withValue(text: string, path: Path, value: unknown, order: FieldOrder = () => []): string {
  const document = parseText(text);
  const root: unknown = document.contents;
  if (document.errors.length > 0 || !isMap(root)) return text;
  const { map, depth } = deepest(root as unknown as Mapping, path);
  const place = { text, map, depth };
  const entry = entryOf(map, path[depth]!);
  if (value === undefined) return depth === path.length - 1 && entry ? without(text, path) : text;
  const nested = path.slice(depth + 1).reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
  return entry ? replaced(place, entry, nested) : inserted(place, { path, nested, order });
}

/** The map that holds what a path names, as far as there is one. */
function deepest(root: Mapping, path: Path): { readonly map: Mapping; readonly depth: number } {
  let map = root;
  let depth = 0;
  while (depth < path.length - 1) {
    const value: unknown = entryOf(map, path[depth]!)?.value;
    if (!isMap(value)) break;
    map = value as unknown as Mapping;
    depth++;
  }
  return { map, depth };
}

function entryOf(map: Mapping, name: string): Entry | undefined {
  return map.items.find(({ key }) => isScalar(key) && String(key.value) === name);
}

function replaced({ text, map, depth }: Place, entry: Entry, value: unknown): string {
  const { key, value: old } = entry;
  const [from] = key.range;
  const end = endOf(text, entry);
  const name = text.slice(from, key.range[1]);
  if (map.flow) return spliced(text, from, end, `${name}: ${flowText(value)}`);
  const isOneLine = old !== null && !text.slice(old.range[0], end).includes("\n") && end > old.range[0];
  const rendered = blockText(name, value, { depth, indent: indentOf(text, from) });
  const hasComment = text.slice(end, lineEnd(text, end)).trim() !== "";
  // A comment behind it would become part of a text of several lines.
  const written = hasComment && rendered.includes("\n") ? `${name}: ${flowText(value)}` : rendered;
  if (!isOneLine || written.includes("\n")) return spliced(text, from, end, written);
  return spliced(text, old.range[0], end, written.slice(name.length + 2));
}

interface Insertion {
  readonly path: Path;
  readonly nested: unknown;
  readonly order: FieldOrder;
}

function inserted({ text, map, depth }: Place, { path, nested, order }: Insertion): string {
  const name = path[depth]!;
  const before = predecessor(map, name, order(path.slice(0, depth)));
  const first = map.items[0];
  if (map.flow) {
    const written = `${name}: ${flowText(nested)}`;
    if (!first) return spliced(text, map.range[0], map.range[1], `{ ${written} }`);
    if (!before) return spliced(text, first.key.range[0], first.key.range[0], `${written}, `);
    return spliced(text, endOf(text, before), endOf(text, before), `, ${written}`);
  }
  const indent = indentOf(text, first!.key.range[0]);
  const written = blockText(name, nested, { depth, indent });
  if (!before) return spliced(text, first!.key.range[0], first!.key.range[0], `${written}\n${indent}`);
  const at = lineEnd(text, endOf(text, before));
  return spliced(text, at, at, `\n${indent}${written}`);
}

/** The last of those that come before a field; the last of all where nobody says. */
function predecessor(map: Mapping, name: string, order: readonly string[]): Entry | undefined {
  const rank = order.indexOf(name);
  if (rank < 0) return map.items.at(-1);
  return map.items.findLast(({ key }) => {
    const other = isScalar(key) ? order.indexOf(String(key.value)) : -1;
    return other >= 0 && other < rank;
  });
}

function without(text: string, path: Path): string {
  const root = parseText(text).contents as unknown as Mapping;
  const { map, depth } = deepest(root, path);
  const entry = entryOf(map, path[depth]!)!;
  if (map.items.length === 1 && depth > 1) return without(text, path.slice(0, depth));
  if (map.items.length === 1) return spliced(text, map.range[0], map.flow ? map.range[1] : endOf(text, entry), "{}");
  const from = entry.key.range[0];
  if (!map.flow)
    return spliced(text, lineStart(text, from), Math.min(text.length, lineEnd(text, endOf(text, entry)) + 1), "");
  const at = map.items.indexOf(entry);
  const next = map.items[at + 1];
  if (next) return spliced(text, from, next.key.range[0], "");
  return spliced(text, endOf(text, map.items[at - 1]!), endOf(text, entry), "");
}

/** Where an entry ends, without the comments and lines that follow it. */
function endOf(text: string, { key, value }: Entry): number {
  if (value === null) return key.range[1] + 1;
  if (isCollection(value) && !value.flow && value.items.length > 0) {
    const last: unknown = value.items.at(-1);
    return isMap(value) ? endOf(text, last as Entry) : endOf(text, { key, value: last as Node } as Entry);
  }
  const [start, end] = value.range;
  // A text of several lines has the line break behind it.
  return isScalar(value) ? start + text.slice(start, end).trimEnd().length : end;
}

/** "name: value", over several lines where that reads better. */
function blockText(name: string, value: unknown, { depth, indent }: { depth: number; indent: string }): string {
  if (isRecord(value) && depth <= BLOCK_DEPTH && Object.keys(value).length > 0) {
    const inner = { depth: depth + 1, indent: indent + INDENT };
    const lines = Object.entries(value).map(([key, each]) => `${inner.indent}${blockText(key, each, inner)}`);
    return [`${name}:`, ...lines].join("\n");
  }
  if (typeof value !== "string") return `${name}: ${flowText(value)}`;
  return stringify({ [name]: value }, { lineWidth: 0 })
    .trimEnd()
    .split("\n")
    .map((line, at) => (at === 0 || line === "" ? line : indent + line))
    .join("\n");
}

/** On one line, as it may stand among others. */
function flowText(value: unknown): string {
  if (value instanceof Typed) return value.text;
  if (Array.isArray(value)) return `[${value.map(flowText).join(", ")}]`;
  if (isRecord(value)) {
    const parts = Object.entries(value).map(([name, each]) => `${name}: ${flowText(each)}`);
    return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
  }
  if (typeof value === "string" && value.includes("\n")) return JSON.stringify(value);
  const listed = stringify([value], { collectionStyle: "flow", lineWidth: 0 });
  return listed.trim().slice(1, -1).trim();
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Typed);
}

function indentOf(text: string, at: number): string {
  return " ".repeat(at - lineStart(text, at));
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

function spliced(text: string, from: number, to: number, put: string): string {
  return text.slice(0, from) + put + text.slice(to);
}
