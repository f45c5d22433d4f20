import { HttpError } from "./http-errors.ts";

export interface ReadGateOptions {
  /** Reads of the store at the same time. */
  readonly concurrent?: number;
  /** Reads that may wait for their turn; more are refused. */
  readonly waiting?: number;
  /** From the arrival of the question to its answer, milliseconds. */
  readonly timeoutMs?: number;
}

/**
 * Lets a bounded number of questions through to the store. A question whose asker has gone, or that waited too long,
 * gives up its turn. A read that has begun is told so by its signal, and keeps its place until the store is done with it,
 * so that slow reads never pile up behind a time limit.
 */
export class ReadGate {
  readonly #concurrent: number;
  readonly #maxWaiting: number;
  readonly #timeoutMs: number;
  readonly #queue = new Set<() => void>();
  #running = 0;

  constructor(options: ReadGateOptions = {}) {
    this.#concurrent = options.concurrent ?? 4;
    this.#maxWaiting = options.waiting ?? 64;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
  }

  /** How many questions wait for their turn. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** @throws HttpError 503 when too many wait or the asker went away, 504 past the time limit. */
  async run<Answer>(signal: AbortSignal, read: (givenUp: AbortSignal) => Promise<Answer>): Promise<Answer> {
    const limit = AbortSignal.timeout(this.#timeoutMs);
    const giveUp = AbortSignal.any([signal, limit]);
    await this.#turn(giveUp);
    // The promise also catches a read that throws before it begins.
    const answer = new Promise<Answer>((resolve) => resolve(read(giveUp))).finally(() => this.#leave());
    return Promise.race([answer, this.#whenAborted(giveUp)]);
  }

  #turn(giveUp: AbortSignal): Promise<void> {
    if (giveUp.aborted) return this.#whenAborted(giveUp);
    if (this.#running < this.#concurrent) {
      this.#running++;
      return Promise.resolve();
    }
    if (this.#queue.size >= this.#maxWaiting) {
      throw new HttpError(503, `${this.#queue.size} questions wait for the store already; ask again in a moment`);
    }
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        giveUp.removeEventListener("abort", leaveQueue);
        resolve();
      };
      const leaveQueue = (): void => {
        this.#queue.delete(enter);
        reject(this.#why(giveUp));
      };
      this.#queue.add(enter);
      giveUp.addEventListener("abort", leaveQueue, { once: true });
    });
  }

  #leave(): void {
    const [next] = this.#queue;
    if (!next) {
      this.#running--;
      return;
    }
    // The place goes to the next in line without becoming free in between.
    this.#queue.delete(next);
    next();
  }

  #whenAborted(giveUp: AbortSignal): Promise<never> {
    return new Promise((_resolve, reject) => {
      if (giveUp.aborted) reject(this.#why(giveUp));
      else giveUp.addEventListener("abort", () => reject(this.#why(giveUp)), { once: true });
    });
  }

  #why(giveUp: AbortSignal): HttpError {
    const reason: unknown = giveUp.reason;
    if (reason instanceof DOMException && reason.name === "TimeoutError") {
      return new HttpError(504, `The store did not answer within ${this.#timeoutMs} ms; ask for a shorter range`);
    }
    return new HttpError(503, "The question was withdrawn before the store answered", { cause: reason });
  }
}
