import type { TimeRange } from "../store/store.ts";
import { toHttpError } from "./http-errors.ts";
import { readResumeToken, resumeToken } from "./watch-resume.ts";
import { pause } from "./watch.ts";
import type { OpenWatch, Told, WatchEnd } from "./watch.ts";

/** A series that is asked for step by step. */
export interface SeriesWatchQuestion<Answer> {
  /** Tells questions apart. */
  readonly digest: Buffer;
  /** Steps begin at its multiples since the epoch. */
  readonly stepMs: number;
  /** Points of one answer. */
  readonly maxPoints: number;
  /** Token of the last answer that came; empty to begin anew. */
  readonly resume: string;
  /** @param isReplayed whether only this watch asks for just these steps */
  ask(range: TimeRange, isReplayed: boolean, signal: AbortSignal): Promise<Answer>;
}

export interface SeriesWatchOwner<Answer> {
  /** Up to when the history is complete, milliseconds since the epoch; undefined while that is not known. */
  readonly completedMs: () => number | undefined;
  readonly onTold: (told: Told<Answer>) => void;
  readonly onEnd: () => void;
}

/** While the history is behind, or cannot be read, it is looked at this often. */
const LOOK_MS = 500;

/**
 * A series that goes on: each answer holds the steps that have been completed since the one before, which is one for who
 * keeps up and more after a cut. It is all out of the history, so a late reader misses nothing but what no answer has room
 * for, and a history that cannot be read makes it wait. Nothing is queued.
 */
export class SeriesWatch<Answer> implements OpenWatch<Answer> {
  readonly #question: SeriesWatchQuestion<Answer>;
  readonly #owner: SeriesWatchOwner<Answer>;
  readonly #over = new AbortController();
  /** The end of the last step that was told, milliseconds since the epoch; undefined before the first. */
  #toldMs: number | undefined;
  /** Whether the next answer is the first after a cut. */
  #isBack: boolean;
  #ended: WatchEnd | undefined;

  /** @throws HttpError 400 where `resume` is none, or of another question */
  constructor(question: SeriesWatchQuestion<Answer>, owner: SeriesWatchOwner<Answer>) {
    this.#question = question;
    this.#owner = owner;
    this.#isBack = question.resume !== "";
    if (this.#isBack) this.#toldMs = this.#stepBefore(readResumeToken(question.resume, question.digest));
  }

  get ended(): WatchEnd | undefined {
    return this.#ended;
  }

  /**
   * The next answer, when steps have been completed; undefined after `timeoutMs` without one, and once the watch has ended.
   * One call at a time.
   * @throws HttpError where the question cannot be answered, and for the first answer where it cannot be now
   */
  async next(timeoutMs: number): Promise<Told<Answer> | undefined> {
    const endsAt = performance.now() + timeoutMs;
    for (;;) {
      const told = await this.#tellDue();
      if (this.#ended) return undefined;
      if (told) {
        this.#owner.onTold(told);
        return told;
      }
      const leftMs = endsAt - performance.now();
      if (leftMs <= 0) return undefined;
      await pause(Math.min(leftMs, this.#waitMs()), this.#over.signal);
    }
  }

  end(reason: WatchEnd): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.#over.abort();
    this.#owner.onEnd();
  }

  async #tellDue(): Promise<Told<Answer> | undefined> {
    const due = this.#ended ? undefined : this.#due();
    if (!due) return undefined;
    const { range, skipped } = due;
    const isReplayed = this.#isBack && range.toMs - range.fromMs > this.#question.stepMs;
    try {
      const answer = await this.#question.ask(range, isReplayed, this.#over.signal);
      this.#toldMs = range.toMs;
      this.#isBack = false;
      return { answer, resume: resumeToken(range.toMs, this.#question.digest), isReplayed, skipped };
    } catch (error) {
      // Who just begins is told that there is no answer now; for the others it will still be there when it can be read.
      if (this.#toldMs !== undefined && toHttpError(error).isTemporary) return undefined;
      throw error;
    }
  }

  /** The steps that are to be told, and how many before them find no room. */
  #due(): { readonly range: TimeRange; readonly skipped: number } | undefined {
    const completedMs = this.#owner.completedMs();
    if (completedMs === undefined) return undefined;
    const { stepMs, maxPoints } = this.#question;
    const toMs = this.#stepBefore(completedMs);
    // By a clock that was set back nothing would come until it is where it was.
    if (this.#toldMs !== undefined && this.#toldMs > Date.now()) this.#toldMs = toMs;
    const steps = this.#toldMs === undefined ? 1 : (toMs - this.#toldMs) / stepMs;
    if (steps < 1 || toMs < stepMs) return undefined;
    const points = Math.min(steps, maxPoints);
    return { range: { fromMs: toMs - points * stepMs, toMs }, skipped: steps - points };
  }

  #waitMs(): number {
    const completedMs = this.#owner.completedMs();
    if (completedMs === undefined || this.#toldMs === undefined) return LOOK_MS;
    return Math.max(LOOK_MS, this.#toldMs + this.#question.stepMs - completedMs);
  }

  #stepBefore(ms: number): number {
    return Math.floor(ms / this.#question.stepMs) * this.#question.stepMs;
  }
}
