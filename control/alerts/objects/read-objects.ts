import { setImmediate } from "node:timers/promises";
import { splitDocuments } from "./documents.ts";
import type { DocumentText } from "./documents.ts";
import type { Kinds } from "./kind.ts";
import { MAX_FILE_BYTES, MAX_OBJECTS, MAX_PROBLEMS } from "./limits.ts";
import { LocatedDocument } from "./located.ts";
import type { ConfigObject } from "./object.ts";
import { importOpenSlo } from "./openslo/import-openslo.ts";
import type { Problem } from "./problem.ts";
import { readDocument } from "./read-document.ts";
import type { DocumentReading } from "./read-document.ts";

/** About 30 ms of work. */
const DOCUMENTS_AT_A_TIME = 100;

/** What documents were read as before, by their text. One that is the same is not read again. */
export type KnownDocuments = ReadonlyMap<string, DocumentReading>;

export interface ReadOptions {
  /** Named in problems. */
  readonly file?: string;
  readonly known?: KnownDocuments;
}

/** A document that is no object, as it was written. */
export interface RefusedDocument extends Pick<ConfigObject, "kind" | "name" | "text"> {
  readonly problems: readonly Problem[];
}

/** What a text holds. What is wrong in one document leaves the others as they are. */
export interface Reading {
  readonly objects: readonly ConfigObject[];
  readonly refused: readonly RefusedDocument[];
  /** Of all that was refused, as they stand in the text. */
  readonly problems: readonly Problem[];
  /** Problems that are not among them, for there are too many. */
  readonly problemsCut: number;
  /** For the next reading. */
  readonly known: KnownDocuments;
}

/** Reads the objects of a text of YAML documents. Never throws. */
export function readObjects(text: string, kinds: Kinds, { file = "", known = new Map() }: ReadOptions = {}): Reading {
  const whole = tooLarge(text, file);
  if (whole) return readingOf([], [{ kind: "", name: "", text: "", problems: [whole] }], new Map());
  const readings = new Map<string, DocumentReading>();
  const objects: ConfigObject[] = [];
  const refused: RefusedDocument[] = [];
  const openSlo: [LocatedDocument, DocumentText][] = [];
  for (const document of splitDocuments(text)) {
    const reading = known.get(document.text) ?? readDocument(document.text, kinds);
    readings.set(document.text, reading);
    if (objects.length === MAX_OBJECTS) {
      const problem = placed(wholeText(`there are more than ${MAX_OBJECTS} objects`), document, file);
      refused.push({ kind: "", name: "", text: "", problems: [problem] });
      break;
    }
    const { object } = reading;
    if (object) objects.push({ ...object, place: placed(object.place, document, file) });
    else if (reading.openSlo) openSlo.push([reading.openSlo, document]);
    else refused.push(refusedAt(reading.problems, document, file));
  }
  const imports = importOpenSlo(
    openSlo.map(([document]) => document),
    kinds,
    (made) => readDocument(made, kinds),
  );
  for (const [at, [, document]] of openSlo.entries()) {
    const { objects: made, problems } = imports[at]!;
    objects.push(...made.map((object) => ({ ...object, place: placed(object.place, document, file) })));
    if (problems.length > 0) refused.push(refusedAt(problems, document, file));
  }
  const { unique, twins } = withoutTwins(objects, kinds);
  return readingOf(unique, [...refused, ...twins], readings);
}

/** Reads the documents that are not known yet, a few at a time, so that others get their turn. What is then read is known. */
export async function learnDocuments(text: string, kinds: Kinds, known: KnownDocuments): Promise<KnownDocuments> {
  const learned = new Map<string, DocumentReading>();
  if (tooLarge(text, "")) return learned;
  for (const document of splitDocuments(text)) {
    const before = known.get(document.text);
    learned.set(document.text, before ?? readDocument(document.text, kinds));
    if (!before && learned.size % DOCUMENTS_AT_A_TIME === 0) await setImmediate();
  }
  return learned;
}

function readingOf(
  objects: readonly ConfigObject[],
  refused: readonly RefusedDocument[],
  known: KnownDocuments,
): Reading {
  const problems = refused.flatMap((document) => document.problems).sort((a, b) => a.line - b.line);
  const shown = problems.slice(0, MAX_PROBLEMS);
  return { objects, refused, problems: shown, problemsCut: problems.length - shown.length, known };
}

function refusedAt(problems: readonly Problem[], document: DocumentText, file: string): RefusedDocument {
  const [{ kind, name } = { kind: "", name: "" }] = problems;
  return { kind, name, text: document.text, problems: problems.map((problem) => placed(problem, document, file)) };
}

/** The first of each name, and those after it as what is refused. */
export function withoutTwins(
  objects: readonly ConfigObject[],
  kinds: Kinds,
): { readonly unique: readonly ConfigObject[]; readonly twins: readonly RefusedDocument[] } {
  const first = new Map<string, ConfigObject>();
  const twins: RefusedDocument[] = [];
  const unique = objects.filter((object) => {
    const key = keyOf(object, kinds);
    const twin = first.get(key);
    if (!twin) first.set(key, object);
    else twins.push(refusedTwin(object, twin));
    return !twin;
  });
  return { unique, twins };
}

function refusedTwin(object: ConfigObject, { kind, place }: ConfigObject): RefusedDocument {
  const where = place.file === object.place.file ? `line ${place.line}` : `${place.file}:${place.line}`;
  const what = kind === object.kind ? `another ${kind}` : `the ${kind}`;
  return refusedObject(object, `${what} at ${where} has this name already; give it another`);
}

/** An object that can be read, and cannot be by its name. */
export function refusedObject(object: ConfigObject, message: string): RefusedDocument {
  const { kind, name, text } = object;
  return { kind, name, text, problems: [problemIn(object, ["metadata", "name"], message)] };
}

/** What is wrong in an object that can be read. */
function problemIn(object: ConfigObject, path: readonly string[], message: string): Problem {
  const { kind, name, place } = object;
  const document = new LocatedDocument(object.text);
  const problem = document.problem(path, message);
  return { ...problem, kind, name, file: place.file, line: place.line + problem.line - document.firstLine };
}

/** The same of what can be one object only, whichever text it is in. */
export function keyOf({ kind, name }: Pick<ConfigObject, "kind" | "name">, kinds: Kinds): string {
  return `${kinds.get(kind)?.family ?? kind}/${name}`;
}

function tooLarge(text: string, file: string): Problem | undefined {
  if (Buffer.byteLength(text) <= MAX_FILE_BYTES) return undefined;
  return { ...wholeText(`more than ${MAX_FILE_BYTES} bytes are too many; split it over several files`), file };
}

function wholeText(message: string): Problem {
  return { file: "", line: 1, column: 1, field: "", kind: "", name: "", message, frame: ["", ""] };
}

function placed<Placed extends { readonly line: number }>(
  of: Placed,
  { linesBefore }: DocumentText,
  file: string,
): Placed & { readonly file: string } {
  return { ...of, file, line: of.line + linesBefore };
}
