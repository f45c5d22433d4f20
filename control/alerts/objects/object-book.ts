import type { AnnotatedSlos } from "./annotated-slos.ts";
import { withDefaults } from "./defaults.ts";
import { splitDocuments } from "./documents.ts";
import type { Kinds } from "./kind.ts";
import { MAX_OBJECTS } from "./limits.ts";
import { LocatedDocument } from "./located.ts";
import type { ConfigObject } from "./object.ts";
import { ObjectFolder } from "./object-folder.ts";
import type { ObjectWatcher } from "./object-folder.ts";
import { OwnObjects } from "./own-objects.ts";
import type { Problem } from "./problem.ts";
import { keyOf, readObjects, refusedObject, withoutTwins } from "./read-objects.ts";
import type { RefusedDocument } from "./read-objects.ts";
import { shownText, withSecrets } from "./secrets.ts";
import type { ObjectOrigin, ShownObject } from "./shown-object.ts";
import { errorOf } from "./stated.ts";
import type { Stated } from "./stated.ts";

/** Texts are empty where there was no object, and where there is none any more. */
export interface ObjectChange extends Pick<ConfigObject, "kind" | "name"> {
  readonly before: string;
  readonly after: string;
}

/** Where there are problems nothing was changed. */
export interface AppliedObjects {
  readonly changes: readonly ObjectChange[];
  readonly problems: readonly Problem[];
}

export interface ObjectBookOptions {
  readonly kinds: Kinds;
  readonly defaults: readonly ConfigObject[];
  /** The folder that is read and never written; undefined for none. */
  readonly folder: string | undefined;
  /** Where objects of the UI and the API are kept. */
  readonly own: string;
  readonly watcher: ObjectWatcher;
  /** Objects of annotations; none where left out. */
  readonly annotated?: Pick<AnnotatedSlos, "objects" | "shown">;
  /** Why an object may come out of a file and not from the UI or the API; undefined where it may. */
  readonly notFromApi?: (object: ConfigObject) => string | undefined;
}

/** All objects: those of files before those of the API, both before those of annotations and the defaults of the same name. */
export class ObjectBook {
  readonly #options: ObjectBookOptions;
  readonly #folder: ObjectFolder | undefined;
  readonly #own: OwnObjects;

  private constructor(options: ObjectBookOptions, folder: ObjectFolder | undefined) {
    this.#options = options;
    this.#folder = folder;
    this.#own = new OwnObjects(options.own, options.kinds);
  }

  /** Throws where a folder cannot be read. What is wrong in a file is told, and ends nothing. */
  static async open(options: ObjectBookOptions): Promise<ObjectBook> {
    const { folder, kinds, watcher } = options;
    return new ObjectBook(options, folder === undefined ? undefined : await ObjectFolder.load(folder, kinds, watcher));
  }

  /** Looks at the folder every `intervalMs`. @returns what ends it */
  watch(intervalMs?: number): () => void {
    return this.#folder?.watch(intervalMs) ?? (() => undefined);
  }

  /** What holds now. */
  inForce(): readonly ConfigObject[] {
    const { kinds, defaults, annotated } = this.#options;
    const unstated = [...defaults, ...(annotated?.objects ?? [])];
    return withDefaults(this.#given().unique, unstated, kinds).slice(0, MAX_OBJECTS);
  }

  /** What is stated, with what is wrong with it; defaults that something else stands in for are left out. */
  shown(): readonly ShownObject[] {
    const { kinds, defaults, annotated } = this.#options;
    const { unique, twins } = this.#given();
    const named = new Set(unique.map((object) => keyOf(object, kinds)));
    const isStanding = (object: Pick<ConfigObject, "kind" | "name">): boolean => !named.has(keyOf(object, kinds));
    return [
      ...this.#layer("file", this.#folder?.stated() ?? [], twins),
      ...this.#layer("api", this.#own.stated(), twins),
      ...(annotated?.shown ?? []).filter(isStanding),
      ...defaults
        .filter(isStanding)
        .map((object) => shownAs({ ...object, object, problems: [] }, { origin: "default", twins: [] })),
    ];
  }

  /**
   * Adds the objects of a text, or replaces those of the same names: all, or none where one cannot be.
   * @param isDryRun says what would change, and changes nothing
   */
  apply(text: string, isDryRun: boolean): AppliedObjects {
    const { kinds } = this.#options;
    const reading = readObjects(this.#withSecrets(text), kinds);
    const refused = reading.objects.flatMap((object) => this.#refusal(object) ?? []);
    const problems = [...reading.problems, ...refused.flatMap((document) => document.problems)];
    if (problems.length > 0) return { changes: [], problems: problems.sort((a, b) => a.line - b.line) };
    const texts = reading.objects.map((object) => ({ ...object, text: trimmed(object.text) }));
    const changes = texts.map((object) => ({
      kind: object.kind,
      name: object.name,
      before: this.#shownNow(object),
      after: shownText(object),
    }));
    if (!isDryRun) for (const object of texts) this.#own.put(object);
    return { changes: changes.filter(({ before, after }) => before !== after), problems: [] };
  }

  /** Takes an object away that was made in the UI or over the API. @returns false where there is none */
  remove(kind: string, name: string): boolean {
    return this.#own.remove(kind, name);
  }

  #given(): ReturnType<typeof withoutTwins> {
    const stated = [...(this.#folder?.stated() ?? []), ...this.#own.stated()];
    return withoutTwins(
      stated.flatMap(({ object }) => object ?? []),
      this.#options.kinds,
    );
  }

  #layer(origin: ObjectOrigin, stated: readonly Stated[], twins: readonly RefusedDocument[]): ShownObject[] {
    const { kinds, defaults } = this.#options;
    const usual = new Set(defaults.map((object) => keyOf(object, kinds)));
    return stated.map((each) => {
      return shownAs(each, { origin, twins, replacesDefault: usual.has(keyOf(each, kinds)) });
    });
  }

  /** Why an object cannot be had from the API; undefined where it can. */
  #refusal(object: ConfigObject): RefusedDocument | undefined {
    const { kinds, notFromApi } = this.#options;
    const why = notFromApi?.(object);
    if (why !== undefined) return refusedObject(object, why);
    const key = keyOf(object, kinds);
    const isSame = (stated: Stated): boolean => keyOf(stated, kinds) === key;
    const inFile = this.#folder?.stated().find(isSame);
    if (inFile) {
      return refusedObject(
        object,
        `the file ${placeOf(inFile).file} states the ${inFile.kind} of this name; change it there`,
      );
    }
    const own = this.#own.stated().find(isSame);
    if (!own && this.#given().unique.length >= MAX_OBJECTS) {
      return refusedObject(object, `there are ${MAX_OBJECTS} objects, and no more are taken`);
    }
    if (!own || own.kind === object.kind) return undefined;
    return refusedObject(object, `another kind, ${own.kind}, has this name; give it another, or delete that one`);
  }

  #shownNow(object: ConfigObject): string {
    const { kinds } = this.#options;
    const now = this.inForce().find((other) => keyOf(other, kinds) === keyOf(object, kinds));
    return now ? shownText({ ...now, text: trimmed(now.text) }) : "";
  }

  /** Puts the secrets back that were left out when the text was shown. */
  #withSecrets(text: string): string {
    const own = this.#own.stated();
    return splitDocuments(text).reduce((whole, document) => {
      const located = new LocatedDocument(document.text);
      const [kind, name] = [located.textAt("kind"), located.textAt("metadata", "name")];
      const before = own.find((stated) => stated.kind === kind && stated.name === name)?.object;
      const restored = before ? withSecrets(document.text, before) : document.text;
      return restored === document.text ? whole : whole.replace(document.text, () => restored);
    }, text);
  }
}

/** The others that an object is stated with. */
interface Among {
  readonly twins: readonly RefusedDocument[];
  readonly replacesDefault?: boolean;
}

/** A text that was never good is not shown: who knows what in it is secret. */
function shownAs(
  stated: Stated,
  { origin, twins, replacesDefault = false }: Pick<ShownObject, "origin"> & Among,
): ShownObject {
  const { kind, name, text, object } = stated;
  const twin = twins.find((other) => other.kind === kind && other.name === name && other.text === text);
  return {
    ...{ kind, name, origin, replacesDefault, isDisabled: object?.isDisabled ?? false },
    yaml: object ? trimmed(shownText({ ...object, text })) : "",
    ...(origin === "file" ? placeOf(stated) : { file: "", line: 0 }),
    error: errorOf(twin ?? stated),
  };
}

/** Without what was left of the marker before it. */
function trimmed(text: string): string {
  return `${text.replace(/^(?:[ \t\r]*\n)+/, "").trimEnd()}\n`;
}

function placeOf({ object, problems }: Stated): { readonly file: string; readonly line: number } {
  const { file, line } = problems[0] ?? object?.place ?? { file: "", line: 0 };
  return { file, line };
}
