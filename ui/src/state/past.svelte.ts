/** The world of a past instant, fetched when one is looked at. */
import { untrack } from "svelte";

import { fetchPast, type PastWindow } from "../data/api.ts";
import { pastWindow } from "../model/past.ts";
import { indexSnapshot, type World } from "../model/world.ts";

export class Past {
  /** What was shown before, until another one comes: dragging along the time line never shows an empty map. */
  world = $state.raw<World>();
  error = $state.raw<Error>();
  /** The window that is looked at; null for now. */
  readonly window: PastWindow | null = $derived.by(() => {
    const atMs = this.#atMs();
    return atMs === null ? null : pastWindow(atMs, Date.now());
  });

  #atMs: () => number | null;
  #attempt = $state(0);

  /** Must be created while a component initialises; `atMs` is reactive, null for now, of which `present` is the picture. */
  constructor(atMs: () => number | null, present: () => World | undefined) {
    this.#atMs = atMs;
    $effect(() => {
      void this.#attempt;
      this.error = undefined;
      if (this.window) {
        untrack(() => (this.world ??= present()));
        return this.#fetch(this.window);
      }
      this.world = undefined;
      return undefined;
    });
  }

  /** Asks once more. */
  retry(): void {
    this.#attempt++;
  }

  /** While the reader drags, a question that is overtaken is withdrawn. */
  #fetch(window: PastWindow): () => void {
    const abort = new AbortController();
    fetchPast(window, abort.signal).then(
      (snapshot) => {
        if (!abort.signal.aborted) this.world = indexSnapshot(snapshot);
      },
      (error: unknown) => {
        if (!abort.signal.aborted) this.error = error instanceof Error ? error : new Error(String(error));
      },
    );
    return () => abort.abort();
  }
}
