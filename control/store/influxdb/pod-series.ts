import type { ReportedWindow } from "../../identity/observation.ts";
import { boundedPods, podKeyText } from "../pod-keys.ts";
import type { PodKey } from "../pod-keys.ts";
import { MAX_POD_SERIES } from "./limits.ts";

/** What a group would add: the end of the last point of each series. */
export type PodAdditions = Map<string, number>;

/** The series of what pods said that this control writes, mirrored in memory: a bounded number. */
export class PodSeries {
  readonly #max: number;
  /** The end of the last point, by what it counts. */
  readonly #lastMs = new Map<string, number>();

  /** @param max past it pods are `~other`, until some have expired */
  constructor(max = MAX_POD_SERIES) {
    this.#max = max;
  }

  /** The window as there is room for it. */
  bounded(window: ReportedWindow, additions: PodAdditions): ReportedWindow {
    if (this.#lastMs.size + additions.size + window.pods.length <= this.#max) return window;
    return boundedPods(window, (text) => this.#lastMs.has(text) || additions.has(text));
  }

  /** A series got a point that ends at `endMs`. */
  note(key: PodKey, endMs: number, additions: PodAdditions): void {
    const text = podKeyText(key);
    additions.set(text, Math.max(endMs, additions.get(text) ?? 0));
  }

  /** Takes over what is written for sure. */
  keep(additions: PodAdditions): void {
    for (const [text, endMs] of additions) this.#lastMs.set(text, Math.max(endMs, this.#lastMs.get(text) ?? 0));
  }

  /** Forgets those that have nothing after an instant. */
  forget(beforeMs: number): void {
    for (const [text, lastMs] of this.#lastMs) if (lastMs <= beforeMs) this.#lastMs.delete(text);
  }
}
