import type { z } from "zod";
import { inWords, unknownName } from "../fields.ts";
import { formatObject } from "../format.ts";
import type { Kinds } from "../kind.ts";
import type { LocatedDocument } from "../located.ts";
import type { ConfigObject, WrittenObject } from "../object.ts";
import type { Problem } from "../problem.ts";
import type { DocumentReading } from "../read-document.ts";
import { durationText, percentText } from "../quantities.ts";
import { INDICATOR, OWNER, Unfit, WHERE, countedBy } from "./counted.ts";
import type { Counted } from "./counted.ts";
import { burnChanges } from "./policies.ts";
import { conditionSpec, metadata, openSloSpec, policySpec, sliSpec } from "./shapes.ts";
import type { OpenObjective, OpenSlo } from "./shapes.ts";

/** What an OpenSLO document is in Sidelight's terms, or what in it does not fit. */
export interface Imported {
  readonly objects: readonly ConfigObject[];
  readonly problems: readonly Problem[];
}

/** Reads the text of an object of Sidelight. */
export type ReadText = (text: string) => DocumentReading;

/** Kinds of documents, and what their specs are. Those without one are there for others, and hold nothing here. */
const SPECS: Readonly<Record<string, z.ZodType | undefined>> = {
  SLO: openSloSpec,
  SLI: sliSpec,
  AlertPolicy: policySpec,
  AlertCondition: conditionSpec,
  Service: undefined,
  DataSource: undefined,
  AlertNotificationTarget: undefined,
};

/** One document, checked. */
interface Checked {
  readonly document: LocatedDocument;
  readonly kind: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: unknown;
  /** The spec as it is written. */
  readonly written: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

/** Reads all OpenSLO documents of a text, which may refer to each other. One answer a document, in their order. */
export function importOpenSlo(
  documents: readonly LocatedDocument[],
  kinds: Kinds,
  read: ReadText,
): readonly Imported[] {
  const checked = documents.map(check);
  return checked.map((one): Imported => {
    const told = (problems: readonly Problem[]): Imported => ({
      objects: [],
      problems: problems.map((problem) => ({ ...problem, kind: one.kind, name: one.name })),
    });
    if (one.problems.length > 0) return told(one.problems);
    if (one.kind !== "SLO") return { objects: [], problems: [] };
    const made = new SloImport(one, checked).make();
    if ("problems" in made) return told(made.problems);
    const readings = made.objects.map((object) => read(formatObject(object, kinds)));
    const wrong = readings.flatMap(({ problems }) => problems);
    if (wrong.length > 0) return told(wrong.map((problem) => atOrigin(problem, one.document)));
    const place = { file: "", line: one.document.firstLine, column: 1 };
    return { objects: readings.flatMap(({ object }) => (object ? { ...object, place } : [])), problems: [] };
  });
}

/** Where fields of an SLO come from, where it is one place. */
const ORIGINS: Readonly<Record<string, readonly (string | number)[]>> = {
  "metadata.name": ["metadata", "name"],
  "spec.window": ["spec", "timeWindow", 0, "duration"],
  "spec.indicator": ["metadata", "annotations", INDICATOR],
};

function atOrigin({ field, message }: Problem, document: LocatedDocument): Problem {
  const origin = ORIGINS[field] ?? (field.startsWith("spec.where") ? ["metadata", "annotations", WHERE] : undefined);
  return origin ? document.problem(origin, message) : document.problem([], `${field}: ${message}`);
}

function check(document: LocatedDocument): Checked {
  const kind = document.textAt("kind");
  const data = document.data as Readonly<Record<string, unknown>>;
  const head = metadata.safeParse(data["metadata"], { error: inWords });
  const schema = SPECS[kind];
  const spec = schema?.safeParse(data["spec"], { error: inWords });
  const at = (path: string, error: z.ZodError | undefined): Problem[] =>
    (error?.issues ?? []).map((issue) => {
      const key = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
      return document.problem([path, ...issue.path], issue.message, key);
    });
  const unknown = kind in SPECS ? [] : [document.problem(["kind"], unknownName(kind, Object.keys(SPECS)))];
  return {
    ...{ document, kind, name: document.textAt("metadata", "name"), annotations: head.data?.annotations ?? {} },
    spec: spec?.data,
    written: (data["spec"] ?? {}) as Checked["written"],
    problems: [...unknown, ...at("metadata", head.error), ...at("spec", spec?.error)],
  };
}

/** One SLO, with what it refers to. */
class SloImport {
  readonly #slo: Checked;
  readonly #spec: OpenSlo;
  readonly #others: readonly Checked[];

  constructor(slo: Checked, others: readonly Checked[]) {
    this.#slo = slo;
    this.#spec = slo.spec as OpenSlo;
    this.#others = others;
  }

  /** An SLO for each of its objectives. */
  make(): { readonly objects: readonly WrittenObject[] } | { readonly problems: readonly Problem[] } {
    const { document } = this.#slo;
    try {
      const { objectives } = this.#spec;
      const isOne = objectives.length === 1;
      return { objects: objectives.map((objective, at) => this.#object(objective, isOne ? "" : `-${at + 1}`)) };
    } catch (cause) {
      if (!(cause instanceof Unfit)) throw cause;
      return { problems: [document.problem(["spec", ...cause.path], cause.message)] };
    }
  }

  #object(objective: OpenObjective, suffix: string): WrittenObject {
    const { name, annotations, document } = this.#slo;
    const { labels = {} } = (document.data as { metadata: { labels?: Record<string, string | string[]> } }).metadata;
    const [window] = this.#spec.timeWindow ?? [];
    const share = objective.target ?? (objective.targetPercent ?? 0) / 100;
    const { [OWNER]: owner, ...others } = annotations;
    const alerts = burnChanges(this.#spec, (kind, ref) => this.#refersTo(kind, ref)?.spec);
    return {
      kind: "SLO",
      metadata: {
        name: `${name}${suffix}`,
        ...(owner === undefined ? {} : { owner }),
        ...(Object.keys(labels).length > 0 ? { labels: flat(labels) } : {}),
        ...(Object.keys(others).length > 0 ? { annotations: others } : {}),
      },
      spec: {
        ...(this.#spec.description === undefined ? {} : { description: this.#spec.description }),
        ...this.#counted(objective),
        objective: Number(percentText(share).slice(0, -1)),
        ...(window ? { window: durationText(window.duration) } : {}),
        ...alerts,
      },
    };
  }

  #counted(objective: OpenObjective): Counted {
    const { indicatorRef } = this.#spec;
    const { written, annotations } = this.#slo;
    if (indicatorRef === undefined) {
      const inline = written["indicator"] as {
        readonly spec: Checked["written"];
        readonly metadata?: Pick<Checked, "annotations">;
      };
      const all = { ...inline.metadata?.annotations, ...annotations };
      return within(["indicator", "spec"], () => countedBy(inline.spec, objective, all));
    }
    const sli = this.#refersTo("SLI", indicatorRef);
    if (!sli) throw new Unfit(["indicatorRef"], `there is no SLI "${indicatorRef}" in this text that can be used`);
    const all = { ...sli.annotations, ...annotations };
    const where = `of the SLI "${indicatorRef}"`;
    return within(["indicatorRef"], () => countedBy(sli.written, objective, all), where);
  }

  #refersTo(kind: string, name: string): Checked | undefined {
    return this.#others.find((other) => other.kind === kind && other.name === name && other.problems.length === 0);
  }
}

/** Says where something that does not fit stands: in here, or in what is referred to. */
function within<Out>(path: readonly string[], make: () => Out, elsewhere = ""): Out {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof Unfit)) throw cause;
    if (elsewhere === "") throw new Unfit([...path, ...cause.path], cause.message);
    throw new Unfit(path, `${cause.path.join(".")} ${elsewhere}: ${cause.message}`);
  }
}

/** OpenSLO's labels may have several values. */
function flat(labels: Readonly<Record<string, string | readonly string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, [value].flat().join(",")]));
}
