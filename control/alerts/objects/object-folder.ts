import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { poll } from "../../identity/poll.ts";
import type { Kinds } from "./kind.ts";
import { MAX_FILES, MAX_FILE_BYTES, MAX_LOGGED } from "./limits.ts";
import { problemLine } from "./problem.ts";
import { learnDocuments, readObjects } from "./read-objects.ts";
import type { KnownDocuments, Reading } from "./read-objects.ts";
import { statedBy } from "./stated.ts";
import type { Stated } from "./stated.ts";

/** Who is told of a folder of objects. */
export interface ObjectWatcher {
  /** Objects have changed, or what is wrong with them. */
  changed(): void;
  /** A file, or an object in one, that cannot be used; what it said before stays in force. */
  refused(error: Error): void;
}

/** What a mounted ConfigMap has beside its files begins with two dots. */
const NAME = /^[^.].*\.ya?ml$/;

interface ObjectFile {
  /** What tells one state of the file from another. */
  readonly state: string;
  readonly known: KnownDocuments;
  readonly stated: readonly Stated[];
}

/** Objects in the YAML files of a folder, such as a checkout of Git or a mounted ConfigMap. It is read and never written. */
export class ObjectFolder {
  readonly #path: string;
  readonly #kinds: Kinds;
  readonly #watcher: ObjectWatcher;
  #files = new Map<string, ObjectFile>();
  /** What was said of the folder itself last. */
  #trouble = "";

  private constructor(path: string, kinds: Kinds, watcher: ObjectWatcher) {
    this.#path = path;
    this.#kinds = kinds;
    this.#watcher = watcher;
  }

  /** Reads the folder. Throws when there is none. */
  static async load(path: string, kinds: Kinds, watcher: ObjectWatcher): Promise<ObjectFolder> {
    const folder = new ObjectFolder(path, kinds, watcher);
    await folder.#read();
    return folder;
  }

  /** What its files state, in the order of their names. */
  stated(): readonly Stated[] {
    return [...this.#files.values()].flatMap(({ stated }) => stated);
  }

  /** Looks at the folder every `intervalMs`. @returns what ends it */
  watch(intervalMs = 1_000): () => void {
    return poll(() => this.#look(), intervalMs);
  }

  async #look(): Promise<void> {
    try {
      if (await this.#read()) this.#watcher.changed();
      this.#trouble = "";
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#trouble) this.#watcher.refused(error as Error);
      this.#trouble = message;
    }
  }

  /** @returns whether any file is another than before */
  async #read(): Promise<boolean> {
    const names = await this.#names();
    const files = new Map<string, ObjectFile>();
    for (const name of names) files.set(name, await this.#file(name, this.#files.get(name)));
    const isSame =
      files.size === this.#files.size &&
      [...files].every(([name, file]) => this.#files.get(name)?.state === file.state);
    this.#files = files;
    return !isSame;
  }

  async #names(): Promise<string[]> {
    const entries = await readdir(this.#path).catch((cause: unknown) => {
      throw new Error(`Reading the objects in ${this.#path}: ${(cause as Error).message}`, { cause });
    });
    const names = entries.filter((name) => NAME.test(name)).sort();
    if (names.length <= MAX_FILES) return names;
    throw new Error(`Reading the objects in ${this.#path}: ${names.length} files are too many; at most ${MAX_FILES}`);
  }

  async #file(name: string, before: ObjectFile | undefined): Promise<ObjectFile> {
    const path = join(this.#path, name);
    const last = before ?? { state: undefined, known: new Map<string, never>(), stated: [] };
    let state = "";
    try {
      const { ino, size, mtimeMs } = await stat(path);
      state = `${ino} ${size} ${mtimeMs}`;
      if (before?.state === state) return before;
      if (size > MAX_FILE_BYTES) {
        throw new Error(`${size} bytes are too many; split it over several files of at most ${MAX_FILE_BYTES}`);
      }
      const text = await readFile(path, "utf8");
      const known = await learnDocuments(text, this.#kinds, last.known);
      const reading = readObjects(text, this.#kinds, { file: name, known });
      this.#tell(path, reading);
      return { state, known: reading.known, stated: statedBy(reading, last.stated) };
    } catch (cause) {
      const error = new Error(`Reading the objects at ${path}: ${(cause as Error).message}`, { cause });
      if (last.state !== state) this.#watcher.refused(error);
      return { ...last, state };
    }
  }

  #tell(path: string, { problems, problemsCut }: Reading): void {
    if (problems.length === 0) return;
    const first = problems.slice(0, MAX_LOGGED).map(problemLine).join("; ");
    this.#watcher.refused(
      new Error(`Reading the objects at ${path}: ${first} (${problems.length + problemsCut} problems in all)`),
    );
  }
}
