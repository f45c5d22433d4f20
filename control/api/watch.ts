import type { TimeRange } from "../store/store.ts";
import { toHttpError } from "./http-errors.ts";
import { DEFAULT_WINDOW_SECONDS } from "./queries.ts";
import { readResumeToken, resumeToken } from "./watch-resume.ts";
import type { Window } from "./topology-answers.ts";

/** What is asked again and again. */
export interface WatchQuestion<Answer extends Window> {
  /** Tells questions apart. */
  readonly digest: Buffer;
  readonly intervalMs: number;
  /** Token of the last answer that came; empty to begin anew. */
  readonly resume: string;
  ask(about: WatchInstant, signal: AbortSignal): Promise<Answer>;
}

export interface WatchInstant {
  /** The window of an answer that was missed; undefined for now. */
  readonly past: TimeRange | undefined;
  /** Whether nothing was told before: what is not known now may well have been known then. */
  readonly isFirst: boolean;
}

/** An answer as it is told. */
export interface Told<Answer> {
  readonly answer: Answer;
  /** Asks to go on after this answer. */
  readonly resume: string;
  readonly isReplayed: boolean;
  /** Answers before this one that are left out. */
  readonly skipped: number;
}

/** A watch, as its reader has it. */
export interface OpenWatch<Answer> {
  readonly ended: WatchEnd | undefined;
  /**
   * The next answer, when it is due; undefined after `timeoutMs` without one, and once the watch has ended. One call at a
   * time.
   * @throws HttpError where the question cannot be answered
   */
  next(timeoutMs: number): Promise<Told<Answer> | undefined>;
  /** Frees the place. Harmless when repeated. */
  end(reason: WatchEnd): void;
}

export interface WatchOwner<Answer> {
  /** The end of the window that is answered now, milliseconds since the epoch. */
  readonly newest: () => number;
  readonly onTold: (told: Told<Answer>) => void;
  readonly onEnd: () => void;
}

/** Why a watch ended by itself or from outside. */
export type WatchEnd = "closed" | "stopping";

/** Missed answers that are told after a cut; of more, the newest. Each is a question to the store. */
export const MAX_REPLAYED = 60;
const SECOND_MS = 1_000;
/** Windows end at whole seconds. Asking a little later, a timer that is late by less does not slip into the next one. */
const PHASE_MS = 250;

/**
 * A question that is answered now and again each interval, to a reader who pulls: while nobody asks for the next answer
 * nothing is computed and nothing queued, and whoever comes late gets the newest and how many were left out. After a cut
 * the answers that were missed come first, out of the history.
 */
export class Watch<Answer extends Window> implements OpenWatch<Answer> {
  readonly #question: WatchQuestion<Answer>;
  readonly #owner: WatchOwner<Answer>;
  readonly #over = new AbortController();
  /** The end of the window that was told last, milliseconds since the epoch; undefined before the first. */
  #toldMs: number | undefined;
  /** How far the windows of now end behind the clock, milliseconds. */
  #lagMs = 0;
  /** When the next answer is due, on the clock that never jumps. */
  #dueAt = 0;
  #replaysLeft = 0;
  #skipped = 0;
  #ended: WatchEnd | undefined;

  /** @throws HttpError 400 where `resume` is none, or of another question */
  constructor(question: WatchQuestion<Answer>, owner: WatchOwner<Answer>) {
    this.#question = question;
    this.#owner = owner;
    if (question.resume === "") return;
    this.#toldMs = readResumeToken(question.resume, question.digest);
    this.#lagMs = wholeSecond(Date.now()) - owner.newest();
    this.#replaysLeft = MAX_REPLAYED;
    this.#leaveOut(this.#missed(this.#toldMs) - 1 - MAX_REPLAYED);
    this.#dueAt = this.#dueAfter(this.#toldMs + this.#lagMs);
  }

  get ended(): WatchEnd | undefined {
    return this.#ended;
  }

  async next(timeoutMs: number): Promise<Told<Answer> | undefined> {
    const waitMs = this.#dueAt - performance.now();
    if (waitMs > 0) await pause(Math.min(waitMs, timeoutMs), this.#over.signal);
    if (this.#ended || waitMs > timeoutMs) return undefined;
    const missedMs = this.#nextMissed();
    const told = missedMs === undefined ? await this.#tellNow() : await this.#tellMissed(missedMs);
    if (this.#over.signal.aborted) return undefined;
    this.#owner.onTold(told);
    return told;
  }

  end(reason: WatchEnd): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.#over.abort();
    this.#owner.onEnd();
  }

  /** The end of the window of the next missed answer, while any are to be told. */
  #nextMissed(): number | undefined {
    if (this.#toldMs === undefined || this.#replaysLeft === 0) return undefined;
    // The last of those that are due is told as it is now.
    if (this.#missed(this.#toldMs) > 1) return this.#toldMs + this.#question.intervalMs;
    this.#replaysLeft = 0;
    return undefined;
  }

  /** How many answers are due after one. */
  #missed(toldMs: number): number {
    return Math.floor((wholeSecond(Date.now()) - this.#lagMs - toldMs) / this.#question.intervalMs);
  }

  #leaveOut(answers: number): void {
    if (this.#toldMs === undefined || answers <= 0) return;
    this.#skipped += answers;
    this.#toldMs += answers * this.#question.intervalMs;
  }

  async #tellMissed(atMs: number): Promise<Told<Answer>> {
    const past = { fromMs: Math.max(0, atMs - DEFAULT_WINDOW_SECONDS * SECOND_MS), toMs: atMs };
    let answer: Answer;
    try {
      answer = await this.#question.ask({ past, isFirst: false }, this.#over.signal);
    } catch (error) {
      if (!toHttpError(error).isTemporary) throw error;
      // A history that cannot be read now must not keep what can be seen now from anyone; what is left out is counted.
      this.#replaysLeft = 0;
      return this.#tellNow();
    }
    this.#replaysLeft -= 1;
    this.#dueAt = this.#dueAfter(atMs + this.#lagMs);
    return this.#tell(answer, true);
  }

  async #tellNow(): Promise<Told<Answer>> {
    const askedMs = wholeSecond(Date.now());
    const answer = await this.#question.ask(
      { past: undefined, isFirst: this.#toldMs === undefined },
      this.#over.signal,
    );
    this.#lagMs = askedMs - answer.atMs;
    this.#dueAt = this.#dueAfter(askedMs);
    if (this.#toldMs !== undefined) {
      this.#leaveOut(Math.floor((answer.atMs - this.#toldMs) / this.#question.intervalMs) - 1);
    }
    return this.#tell(answer, false);
  }

  #tell(answer: Answer, isReplayed: boolean): Told<Answer> {
    const skipped = this.#skipped;
    this.#skipped = 0;
    this.#toldMs = answer.atMs;
    return { answer, resume: resumeToken(answer.atMs, this.#question.digest), isReplayed, skipped };
  }

  /** @param clockMs a whole second by the clock, milliseconds since the epoch */
  #dueAfter(clockMs: number): number {
    const { intervalMs } = this.#question;
    // A clock that was set back must not put a watch to sleep for as long.
    const waitMs = Math.min(clockMs + intervalMs + PHASE_MS - Date.now(), intervalMs + SECOND_MS);
    return performance.now() + waitMs;
  }
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / SECOND_MS) * SECOND_MS;
}

/** Waits, or until the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
