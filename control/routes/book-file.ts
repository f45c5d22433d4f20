import { open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { readBook, writeBook } from "./book-content.ts";
import type { RoutesContent } from "./book-content.ts";

export interface BookFileEvents {
  /** The file could not be read and was put aside; the book begins anew. */
  damaged(error: Error): void;
  /** The book could not be written; it is tried again with the next change. */
  failed(error: Error): void;
}

/**
 * The file in which learned routes survive a restart. It is written beside its place, brought to the disk and then moved
 * there, so that a crash leaves the old one or the new one and never half of one.
 */
export class BookFile {
  readonly #path: string;
  readonly #events: BookFileEvents;
  #next: (() => RoutesContent) | undefined;
  #writing: Promise<void> | undefined;

  constructor(path: string, events: BookFileEvents) {
    this.#path = path;
    this.#events = events;
  }

  /**
   * What was kept; nothing where there is no file yet. A file that makes no sense is renamed to PATH.damaged: what was
   * learned can be learned again, and what the user told to forget is still there to be read.
   */
  async read(): Promise<RoutesContent> {
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return nothing();
      throw new Error(`Reading the learned routes at ${this.#path}: ${(cause as Error).message}`, { cause });
    }
    try {
      return readBook(text);
    } catch (cause) {
      const aside = `${this.#path}.damaged`;
      await rename(this.#path, aside);
      const what = `Reading the learned routes at ${this.#path}: ${(cause as Error).message}`;
      this.#events.damaged(new Error(`${what}. It is put aside as ${aside}, and routes are learned anew`, { cause }));
      return nothing();
    }
  }

  /** Writes the book soon. Of changes that come while it is being written the last is written. */
  save(content: () => RoutesContent): void {
    this.#next = content;
    this.#writing ??= this.#write();
  }

  /** Resolves when the last change is on the disk, or has failed. */
  async flushed(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  async #write(): Promise<void> {
    try {
      for (let next = this.#next; next; next = this.#next) {
        this.#next = undefined;
        await this.#replace(writeBook(next()));
      }
    } catch (cause) {
      this.#events.failed(new Error(`Writing the learned routes to ${this.#path}`, { cause }));
    } finally {
      this.#writing = undefined;
    }
  }

  async #replace(text: string): Promise<void> {
    const unfinished = `${this.#path}.new`;
    await withFile(unfinished, "w", async (file) => {
      await file.writeFile(text);
      await file.sync();
    });
    await rename(unfinished, this.#path);
    // The renaming itself is on the disk when the folder is.
    await withFile(dirname(this.#path), "r", (folder) => folder.sync());
  }
}

function nothing(): RoutesContent {
  return { book: new Map(), callers: new Map() };
}

async function withFile(
  path: string,
  flags: string,
  work: (file: Awaited<ReturnType<typeof open>>) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags);
  try {
    await work(file);
  } finally {
    await file.close();
  }
}
