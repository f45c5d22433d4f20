import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { poll } from "../identity/poll.ts";
import { MAX_DOCUMENTS, MAX_DOCUMENT_BYTES } from "./limits.ts";
import { rulesOfDocument } from "./openapi.ts";

/** Who is told of a folder of documents. */
export interface OpenApiWatcher {
  /** Rules have changed. */
  changed(): void;
  /** A document, or a path in one, that cannot be used; what it said before stays in force. */
  refused(error: Error): void;
}

/** NAMESPACE.WORKLOAD.yaml; the first dot ends the namespace, since a workload's name may hold more. */
const NAME = /^([^.]+)\.(.+)\.(yaml|yml|json)$/;

interface Document {
  /** What tells one state of the file from another. */
  readonly state: string;
  readonly rules: readonly string[];
}

/**
 * OpenAPI documents as a source of rules: a folder with a file for each service, "NAMESPACE.WORKLOAD.yaml" (or .yml,
 * .json). One that cannot be read is told of, and the others count all the same.
 */
export class OpenApiFolder {
  readonly #path: string;
  readonly #watcher: OpenApiWatcher;
  #documents = new Map<string, Document>();
  #rules: ReadonlyMap<string, readonly string[]> = new Map();
  /** What was said of the folder itself last. */
  #trouble = "";

  private constructor(path: string, watcher: OpenApiWatcher) {
    this.#path = path;
    this.#watcher = watcher;
  }

  /** Reads the folder. Throws when there is none. */
  static async load(path: string, watcher: OpenApiWatcher): Promise<OpenApiFolder> {
    const folder = new OpenApiFolder(path, watcher);
    await folder.#read();
    return folder;
  }

  /** Rules by server, "namespace/name". */
  rules(): ReadonlyMap<string, readonly string[]> {
    return this.#rules;
  }

  /** Looks at the folder every `intervalMs`. @returns what ends it */
  watch(intervalMs = 1000): () => void {
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

  /** @returns whether anything is another than before */
  async #read(): Promise<boolean> {
    const names = await this.#names();
    const documents = new Map<string, Document>();
    for (const name of names) {
      const document = await this.#document(name, this.#documents.get(name));
      if (document) documents.set(name, document);
    }
    const isSame =
      documents.size === this.#documents.size &&
      [...documents].every(([name, { rules }]) => this.#documents.get(name)?.rules === rules);
    this.#documents = documents;
    if (!isSame) this.#rules = rulesByServer(documents);
    return !isSame;
  }

  async #names(): Promise<string[]> {
    const names = await readdir(this.#path).catch((cause: unknown) => {
      throw new Error(`Reading the OpenAPI documents in ${this.#path}: ${(cause as Error).message}`, { cause });
    });
    const documents = names.filter((name) => NAME.test(name)).sort();
    if (documents.length <= MAX_DOCUMENTS) return documents;
    throw new Error(
      `Reading the OpenAPI documents in ${this.#path}: ${documents.length} are too many; at most ${MAX_DOCUMENTS}`,
    );
  }

  async #document(name: string, before: Document | undefined): Promise<Document | undefined> {
    const path = join(this.#path, name);
    let state = "";
    try {
      const { ino, size, mtimeMs } = await stat(path);
      state = `${ino} ${size} ${mtimeMs}`;
      if (state === before?.state) return before;
      if (size > MAX_DOCUMENT_BYTES) throw new Error(`${size} bytes are too many; at most ${MAX_DOCUMENT_BYTES}`);
      const { rules, problems } = rulesOfDocument(await readFile(path, "utf8"));
      if (problems.length > 0) this.#refuse(name, `${problems.slice(0, 5).join("; ")} (${problems.length} in all)`);
      return { state, rules };
    } catch (cause) {
      this.#refuse(name, (cause as Error).message, cause);
      return { state, rules: before?.rules ?? [] };
    }
  }

  #refuse(name: string, why: string, cause?: unknown): void {
    this.#watcher.refused(new Error(`Reading the OpenAPI document ${join(this.#path, name)}: ${why}`, { cause }));
  }
}

function rulesByServer(documents: ReadonlyMap<string, Document>): Map<string, readonly string[]> {
  const rules = new Map<string, readonly string[]>();
  for (const [name, document] of documents) {
    const [, namespace, workload] = NAME.exec(name) ?? [];
    const server = `${namespace}/${workload}`;
    if (!rules.has(server) && document.rules.length > 0) rules.set(server, document.rules);
  }
  return rules;
}
