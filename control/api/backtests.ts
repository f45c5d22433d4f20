import type { BacktestResult } from "./alert-source.ts";

/** Tries of rules on the past at the same time; each reads weeks of the history. */
const MAX_BACKTESTS = 2;

/** All places for tries are taken. Boundaries turn it into 503 or RESOURCE_EXHAUSTED. */
export class TooManyBacktests extends Error {
  constructor(readonly limit: number) {
    super(`${limit} backtests are under way, and that is the limit; ask again when one is done`);
    this.name = "TooManyBacktests";
  }
}

/** What is told of a try: how far it is, 0 to 1, and at last what came of it. */
export type BacktestEvent = { readonly progress: number } | { readonly result: BacktestResult };

/** Begins a try. @param onProgress told how far it is, 0 to 1 @param signal aborted when nobody waits for it any more */
export type StartBacktest = (onProgress: (share: number) => void, signal: AbortSignal) => Promise<BacktestResult>;

/** Lets a bounded number of tries run at a time, over both APIs. One that was called off keeps its place until it has ended. */
export class Backtests {
  #running = 0;

  /** @throws TooManyBacktests */
  begin(start: StartBacktest): BacktestRun {
    if (this.#running >= MAX_BACKTESTS) throw new TooManyBacktests(MAX_BACKTESTS);
    this.#running++;
    return new BacktestRun(start, () => this.#running--);
  }
}

/** A try, as its reader has it. A slow reader sees less of its progress; nothing is queued. */
export class BacktestRun {
  readonly #calledOff = new AbortController();
  #progress: number | undefined;
  #end: { readonly result: BacktestResult } | { readonly error: unknown } | undefined;
  #isTold = false;
  #wake: () => void = () => {};

  constructor(start: StartBacktest, onOver: () => void) {
    const onProgress = (share: number): void => {
      this.#progress = share;
      this.#wake();
    };
    // The promise also catches a try that throws before it begins.
    new Promise<BacktestResult>((resolve) => resolve(start(onProgress, this.#calledOff.signal)))
      .then(
        (result) => (this.#end = { result }),
        (error: unknown) => (this.#end = { error }),
      )
      .finally(() => {
        onOver();
        this.#wake();
      });
  }

  /** Whether its result was told, or it was called off. */
  get isOver(): boolean {
    return this.#isTold || this.#calledOff.signal.aborted;
  }

  /**
   * The next thing to tell; undefined after `timeoutMs` without one, and once it is over. One call at a time.
   * @throws what the try was ended by
   */
  async next(timeoutMs: number): Promise<BacktestEvent | undefined> {
    if (this.isOver) return undefined;
    if (!this.#end && this.#progress === undefined) await this.#news(timeoutMs);
    if (this.isOver) return undefined;
    if (this.#end) {
      this.#isTold = true;
      if ("error" in this.#end) throw this.#end.error;
      return this.#end;
    }
    const progress = this.#progress;
    this.#progress = undefined;
    return progress === undefined ? undefined : { progress };
  }

  /** Nobody waits for it any more. Harmless when repeated. */
  callOff(): void {
    this.#calledOff.abort();
    this.#wake();
  }

  #news(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
