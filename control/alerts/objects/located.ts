import { LineCounter, isAlias, isMap, isNode, isPair, isScalar, parseDocument, visit } from "yaml";
import type { Document, Node } from "yaml";
import { MAX_ALIASES, MAX_DOCUMENT_BYTES } from "./limits.ts";
import { frameOf } from "./problem.ts";
import type { Problem } from "./problem.ts";

/** What is wrong at some place of a document: where in its text, from 0. */
interface Span {
  readonly from: number;
  readonly to: number;
}

const START: Span = { from: 0, to: 0 };

/** A YAML document that knows where everything in it stands. */
export class LocatedDocument {
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #document: Document | undefined;
  /** Why it is no document, before it is one; undefined where it is. */
  readonly broken: Problem | undefined;
  /** As plain data; undefined where it is broken. */
  readonly data: unknown;

  constructor(text: string) {
    this.#text = text;
    if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES) {
      this.broken = this.#problem(START, `more than ${MAX_DOCUMENT_BYTES} bytes are too many for one object`);
      return;
    }
    try {
      // The core schema keeps times as the strings they are.
      const options = { prettyErrors: false, schema: "core", logLevel: "error" } as const;
      this.#document = parseDocument(text, { ...options, lineCounter: this.#lines });
      const [error] = this.#document.errors;
      if (error) this.broken = this.#problem({ from: error.pos[0], to: error.pos[1] }, inWords(error.message));
      else this.data = this.#document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (cause) {
      this.broken = this.#unresolvedAlias() ?? this.#problem(this.#start, reasonOf(cause as Error));
    }
  }

  /** Where it begins, past what is said before it in comments. */
  get firstLine(): number {
    return this.#placeOf(this.#start).line;
  }

  get #start(): Span {
    return spanOf(this.#document?.contents) ?? START;
  }

  /** A text at some place, where there is one, even in a document that is broken further down. */
  textAt(...path: readonly string[]): string {
    try {
      const value: unknown = this.#document?.getIn(path);
      return typeof value === "string" ? value : "";
    } catch {
      return "";
    }
  }

  /**
   * @param path of what is at fault; where it is missing, what it is missing in is shown
   * @param key the name that is at fault in it, if it is a name and not a value
   */
  problem(path: readonly PropertyKey[], message: string, key?: string): Problem {
    const field = pathText(key === undefined ? path : [...path, key]);
    return { ...this.#problem(this.#spanOf(path, key), message), field };
  }

  #spanOf(path: readonly PropertyKey[], key: string | undefined): Span {
    if (key !== undefined) {
      const span = this.#keySpan(path, key);
      if (span) return span;
    }
    for (let length = path.length; length > 0; length -= 1) {
      const within = path.slice(0, length);
      const node = this.#nodeAt(within);
      if (length < path.length) {
        // What is missing is missing below the name that holds it.
        return this.#keySpan(within.slice(0, -1), String(within.at(-1))) ?? spanOf(node) ?? this.#start;
      }
      const span = spanOf(node);
      if (span) return span;
    }
    return this.#start;
  }

  #nodeAt(path: readonly PropertyKey[]): Node | undefined {
    let node: unknown = this.#document?.contents;
    for (const part of path) {
      if (isAlias(node) && this.#document) node = node.resolve(this.#document);
      node =
        isNode(node) && "get" in node
          ? (node as { get(key: unknown, keep: boolean): unknown }).get(part, true)
          : undefined;
    }
    return isNode(node) ? node : undefined;
  }

  #keySpan(path: readonly PropertyKey[], key: string): Span | undefined {
    const map = this.#nodeAt(path);
    if (!isMap(map)) return undefined;
    const pair = map.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key);
    return spanOf(pair?.key);
  }

  #unresolvedAlias(): Problem | undefined {
    const document = this.#document;
    if (!document) return undefined;
    let found: Problem | undefined;
    visit(document, {
      Alias: (_key, alias) => {
        if (alias.resolve(document)) return undefined;
        const name = alias.source.slice(0, 64);
        found = this.#problem(
          spanOf(alias) ?? START,
          `nothing before it has the anchor "${name}"; put it in quotes if it is a text`,
        );
        return visit.BREAK;
      },
    });
    return found;
  }

  #problem(span: Span, message: string): Problem {
    const place = this.#placeOf(span);
    const frame = frameOf(this.#text, place, span.to - span.from);
    return { file: "", ...place, field: "", kind: "", name: "", message, frame };
  }

  #placeOf({ from }: Span): { readonly line: number; readonly column: number } {
    const { line, col } = this.#lines.linePos(from);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

function spanOf(node: unknown): Span | undefined {
  const range = isNode(node) ? node.range : undefined;
  return range ? { from: range[0], to: range[1] } : undefined;
}

/** "spec.where[0]". */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
}

function inWords(message: string): string {
  return `this is no YAML: ${message}`;
}

function reasonOf(cause: Error): string {
  if (cause instanceof RangeError) return "it is nested too deeply for an object";
  if (cause instanceof ReferenceError)
    return `its anchors are used more than ${MAX_ALIASES} times; write out what they stand for`;
  return inWords(cause.message);
}
