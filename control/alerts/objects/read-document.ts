import { z } from "zod";
import { nearestWord } from "../../world/edit-distance.ts";
import { fields, inWords, oneOf } from "./fields.ts";
import type { Kinds } from "./kind.ts";
import { MAX_LABELS, MAX_NAME_LENGTH } from "./limits.ts";
import { LocatedDocument } from "./located.ts";
import { API_VERSION } from "./object.ts";
import type { ConfigObject, WrittenObject } from "./object.ts";
import { OPENSLO_VERSION } from "./openslo/shapes.ts";
import type { Problem } from "./problem.ts";

/** What one document is: an object, what is wrong with it, or one of OpenSLO. Lines count from where it begins. */
export interface DocumentReading {
  readonly object?: ConfigObject;
  readonly problems: readonly Problem[];
  /** What an SLO of OpenSLO is depends on other documents of its text. */
  readonly openSlo?: LocatedDocument;
}

const objectName = z
  .string({ error: "must be a name, such as user-availability" })
  .max(MAX_NAME_LENGTH, `must be ${MAX_NAME_LENGTH} characters long at most`)
  .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/, {
    error: ({ input }) =>
      `"${String(input).slice(0, 64)}" is no name: it must be of small letters, digits, '-' and '.', and begin and end with a letter or digit`,
  });

const texts = (most: number): z.ZodType<Readonly<Record<string, string>>> =>
  z
    .record(z.string().max(317), z.string({ error: "must be a text; put it in quotes" }).max(most), {
      error: "must hold texts by name, such as { team: accounts }",
    })
    .refine((given) => Object.keys(given).length <= MAX_LABELS, { error: `must hold ${MAX_LABELS} at most` });

const head = fields({
  apiVersion: z.literal(API_VERSION, { error: `must be ${API_VERSION}, or ${OPENSLO_VERSION}` }),
  kind: z.string({ error: "must be there" }),
  metadata: fields({
    name: objectName,
    owner: z.string({ error: "must be a text" }).max(256).default(""),
    labels: texts(256).default({}),
    annotations: texts(65_536).default({}),
  }),
  disabled: z.boolean({ error: "must be true or false" }).default(false),
  spec: z.unknown().optional(),
});

/** Reads one document. Never throws. */
export function readDocument(text: string, kinds: Kinds): DocumentReading {
  const document = new LocatedDocument(text);
  const known = { kind: document.textAt("kind"), name: document.textAt("metadata", "name") };
  if (!document.broken && document.textAt("apiVersion") === OPENSLO_VERSION) return { problems: [], openSlo: document };
  const object = document.broken ? [document.broken] : objectOf(document, text, kinds);
  if (!Array.isArray(object)) return { object, problems: [] };
  return { problems: object.map((problem) => ({ ...problem, ...known })) };
}

/** The object, or what is wrong with it. */
function objectOf(document: LocatedDocument, text: string, kinds: Kinds): ConfigObject | Problem[] {
  const { data, problems } = check(head, document, []);
  if (!isNamed(document.data)) return problems;
  const kind = kinds.get(document.textAt("kind"));
  if (!kind) return [...problems, wrongKind(document, kinds)];
  const needsNone = data?.disabled === true && data.spec === undefined;
  const spec = needsNone ? NO_SPEC : check(kind.spec, document, ["spec"]);
  if (!data || spec.problems.length > 0) return [...problems, ...spec.problems];
  const { name, owner, labels, annotations } = data.metadata;
  return {
    ...{ kind: kind.name, name, owner, labels, annotations, isDisabled: data.disabled, spec: spec.data },
    place: { file: "", line: document.firstLine, column: 1 },
    text,
    written: document.data as WrittenObject,
  };
}

const NO_SPEC = { data: undefined, problems: [] };

function isNamed(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}

interface Checked<Out> {
  readonly data: Out | undefined;
  readonly problems: Problem[];
}

function check<Out>(schema: z.ZodType<Out>, document: LocatedDocument, path: readonly string[]): Checked<Out> {
  const given = path.reduce((data: unknown, part) => (isNamed(data) ? data[part] : undefined), document.data);
  const result = schema.safeParse(given, { error: inWords });
  if (result.success) return { data: result.data, problems: [] };
  return { data: undefined, problems: result.error.issues.map((issue) => problemOf(issue, document, path)) };
}

function problemOf(issue: z.core.$ZodIssue, document: LocatedDocument, path: readonly string[]): Problem {
  const key = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  return document.problem([...path, ...issue.path], issue.message, key);
}

function wrongKind(document: LocatedDocument, kinds: Kinds): Problem {
  const names = [...kinds.keys()];
  const given = document.textAt("kind");
  if (given === "") return document.problem(["kind"], `must be ${oneOf(names, "or")}`);
  const nearest = nearestWord(given, names);
  const hint = nearest === undefined ? `there are ${oneOf(names, "and")}` : `did you mean ${nearest}?`;
  return document.problem(["kind"], `there is no kind "${given.slice(0, 64)}"; ${hint}`);
}
