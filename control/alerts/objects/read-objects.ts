import { splitDocuments } from "./documents.ts";
import type { DocumentText } from "./documents.ts";
import type { Kinds } from "./kind.ts";
import { MAX_FILE_BYTES, MAX_OBJECTS, MAX_PROBLEMS } from "./limits.ts";
import { LocatedDocument } from "./located.ts";
import type { ConfigObject } from "./object.ts";
import type { Problem } from "./problem.ts";
import { readDocument } from "./read-document.ts";
import type { DocumentReading } from "./read-document.ts";

/** What documents were read as before, by their text. One that is the same is not read again. */
export type KnownDocuments = ReadonlyMap<string, DocumentReading>;

export interface ReadOptions {
  /** Named in problems. */
  readonly file?: string;
  readonly known?: KnownDocuments;
}

/** What a text holds. What is wrong in one document leaves the others as they are. */
export interface Reading {
  readonly objects: readonly ConfigObject[];
  readonly problems: readonly Problem[];
  /** Problems that are not among them, for there are too many. */
  readonly problemsCut: number;
  /** For the next reading. */
  readonly known: KnownDocuments;
}

/** Reads the objects of a text of YAML documents. Never throws. */
export function readObjects(text: string, kinds: Kinds, { file = "", known = new Map() }: ReadOptions = {}): Reading {
  const whole = tooLarge(text, file);
  if (whole) return { objects: [], problems: [whole], problemsCut: 0, known: new Map() };
  const readings = new Map<string, DocumentReading>();
  const objects: ConfigObject[] = [];
  const problems: Problem[] = [];
  for (const document of splitDocuments(text)) {
    const reading = known.get(document.text) ?? readDocument(document.text, kinds);
    readings.set(document.text, reading);
    if (objects.length === MAX_OBJECTS) {
      problems.push(placed(wholeText(`there are more than ${MAX_OBJECTS} objects`), document, file));
      break;
    }
    if (reading.object) objects.push({ ...reading.object, place: placed(reading.object.place, document, file) });
    problems.push(...reading.problems.map((problem) => placed(problem, document, file)));
  }
  const unique = withoutTwins(objects, kinds, problems);
  const shown = problems.sort((a, b) => a.line - b.line).slice(0, MAX_PROBLEMS);
  return { objects: unique, problems: shown, problemsCut: problems.length - shown.length, known: readings };
}

/** The first of each name; those after it are problems. */
export function withoutTwins(objects: readonly ConfigObject[], kinds: Kinds, problems: Problem[]): ConfigObject[] {
  const first = new Map<string, ConfigObject>();
  return objects.filter((object) => {
    const key = keyOf(object, kinds);
    const twin = first.get(key);
    if (!twin) {
      first.set(key, object);
      return true;
    }
    const where =
      twin.place.file === object.place.file ? `line ${twin.place.line}` : `${twin.place.file}:${twin.place.line}`;
    const what = twin.kind === object.kind ? `another ${twin.kind}` : `the ${twin.kind}`;
    const message = `${what} at ${where} has this name already; give it another`;
    problems.push(problemIn(object, ["metadata", "name"], message));
    return false;
  });
}

/** What is wrong in an object that can be read. */
export function problemIn(object: ConfigObject, path: readonly string[], message: string): Problem {
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
