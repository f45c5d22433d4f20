/** Counts what a service asks of a store, so that it can be laid beside what passed the wire. */
import type { StoreProtocol } from "../counters.ts";
import type { StoreParts } from "./store-parts.ts";

export class Queries {
  readonly #parts: Pick<StoreParts, "service" | "store" | "counters">;
  readonly #protocol: StoreProtocol;
  readonly #isAnswer: (error: unknown) => boolean;

  /** `isAnswer`: whether an error is what the store said, and not a connection that failed. */
  constructor(
    parts: Pick<StoreParts, "service" | "store" | "counters">,
    protocol: StoreProtocol,
    isAnswer: (error: unknown) => boolean,
  ) {
    this.#parts = parts;
    this.#protocol = protocol;
    this.#isAnswer = isAnswer;
  }

  /** Counts one query when it is answered, whatever the answer is. */
  async count<T>(query: Promise<T>): Promise<T> {
    try {
      const answer = await query;
      this.sent();
      return answer;
    } catch (error) {
      if (this.#isAnswer(error)) this.sent();
      else this.#note("unclear");
      throw error;
    }
  }

  /** Counts a message that nobody answers. */
  sent(): void {
    this.#note("sent");
  }

  #note(fate: "sent" | "unclear"): void {
    const { service, store, counters } = this.#parts;
    counters.query({ client: service, server: store, protocol: this.#protocol }, fate);
  }
}
