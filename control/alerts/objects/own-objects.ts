import { mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeDurably } from "../../store/durable-file.ts";
import type { Kinds } from "./kind.ts";
import type { ConfigObject } from "./object.ts";
import { readObjects } from "./read-objects.ts";
import { statedBy } from "./stated.ts";
import type { Stated } from "./stated.ts";

/** Objects that were made in the UI or over the API: a folder with a file an object, "Alert.checkout-slow.yaml". */
export class OwnObjects {
  readonly #path: string;
  readonly #kinds: Kinds;
  /** By the name of the file. */
  readonly #files = new Map<string, readonly Stated[]>();

  /** Makes the folder where there is none. Throws where it cannot be read. */
  constructor(path: string, kinds: Kinds) {
    this.#path = path;
    this.#kinds = kinds;
    mkdirSync(path, { recursive: true });
    // What a crash left half written beside a file ends otherwise.
    const names = readdirSync(path).filter((name) => name.endsWith(".yaml"));
    for (const name of names.sort()) this.#take(name, readFileSync(join(path, name), "utf8"));
  }

  stated(): readonly Stated[] {
    return [...this.#files.values()].flat();
  }

  /** Keeps the text of an object. It is on the disk when this returns. */
  put({ kind, name, text }: Pick<ConfigObject, "kind" | "name" | "text">): void {
    const file = fileOf(kind, name);
    writeDurably(join(this.#path, file), text);
    this.#take(file, text);
  }

  /** @returns whether there was one */
  remove(kind: string, name: string): boolean {
    const file = fileOf(kind, name);
    if (!this.#files.delete(file)) return false;
    rmSync(join(this.#path, file), { force: true });
    return true;
  }

  #take(file: string, text: string): void {
    this.#files.set(file, statedBy(readObjects(text, this.#kinds, { file }), []));
  }
}

/** Names and kinds of objects hold nothing that a file's name may not. */
function fileOf(kind: string, name: string): string {
  return `${kind}.${name}.yaml`;
}
