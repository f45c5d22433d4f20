/** A test of one receiver: that it is under way, and what came of it. */
import { testReceiver } from "../data/alerts-api.ts";

export interface TestAnswer {
  /** Why it was not taken; empty where it was. */
  readonly error: string;
  readonly atMs: number;
}

export class Testing {
  isBusy = $state(false);
  answer = $state.raw<TestAnswer>();

  async send(name: string): Promise<void> {
    this.isBusy = true;
    this.answer = undefined;
    let error: string;
    try {
      error = await testReceiver(name);
    } catch (cause) {
      error = cause instanceof Error ? cause.message : String(cause);
    }
    this.answer = { error, atMs: Date.now() };
    this.isBusy = false;
  }
}
