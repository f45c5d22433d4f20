/** A rule that is tried on the past: how far that is, and what came of it. */
import type { BacktestResult } from "../../../control/api/alert-source.ts";
import { runBacktest, type BacktestOrder } from "../data/backtest-api.ts";
import type { TrialSpan } from "../model/firings.ts";

export interface Tried {
  readonly result: BacktestResult;
  readonly span: TrialSpan;
  /** The text that was tried. */
  readonly text: string;
}

export class Trial {
  /** 0 to 1; undefined while none is under way. */
  progress = $state<number>();
  /** Of the last one that came to its end. */
  tried = $state.raw<Tried>();
  error = $state("");
  #abort = new AbortController();

  async run(what: Pick<BacktestOrder, "yaml" | "name">, span: TrialSpan, text: string): Promise<void> {
    this.cancel();
    const { signal } = (this.#abort = new AbortController());
    this.error = "";
    this.progress = 0;
    const to = Date.now();
    try {
      const onProgress = (share: number): void => {
        if (!signal.aborted) this.progress = share;
      };
      const result = await runBacktest({ ...what, from: to - span.ms, to }, onProgress, signal);
      if (!signal.aborted) this.tried = { result, span, text };
    } catch (error) {
      if (!signal.aborted) this.error = error instanceof Error ? error.message : String(error);
    } finally {
      if (!signal.aborted) this.progress = undefined;
    }
  }

  /** Calls off what is under way, in control too. */
  cancel(): void {
    this.#abort.abort();
    this.progress = undefined;
  }
}
