import type { TapRequestsResponse } from "#proto/stats.ts";
import type { TapEnding, TapOutput } from "./tap-output.ts";

export interface TapSession {
  readonly workload: string;
  readonly output: TapOutput;
  /** Aborted when the user has seen enough. */
  readonly signal: AbortSignal;
}

/** After so long without a request it is said that one is waited for, milliseconds. */
const QUIET_MS = 3_000;
/** What was left out is said once in this time, milliseconds. */
const LEFT_OUT_MS = 1_000;

/**
 * Writes what a tap shows, until it ends.
 * @throws SidelightError when control refuses or is lost; what was seen until then is summed up all the same.
 */
export async function showTap(
  answers: AsyncIterable<TapRequestsResponse>,
  { workload, output, signal }: TapSession,
): Promise<void> {
  const startedMs = performance.now();
  const quiet = new QuietWatch(workload);
  const leftOut = new LeftOut(output);
  let requests = 0;
  let ending: TapEnding = "lost";
  try {
    for await (const answer of answers) {
      if (!quiet.hasBegun) output.begin(answer.reporters);
      quiet.saw(answer);
      requests += answer.requests.length;
      output.requests(answer.requests);
      leftOut.add(answer.skipped);
    }
    ending = signal.aborted ? "interrupted" : "expired";
  } finally {
    quiet.stop();
    leftOut.flush();
    const seconds = Math.round(performance.now() - startedMs) / 1000;
    // One that was refused never began.
    if (quiet.hasBegun || ending !== "lost") output.end(ending, { requests, leftOut: leftOut.total, seconds });
  }
}

/** Adds up what is left out, so that it is not said with every answer. */
class LeftOut {
  readonly #output: TapOutput;
  #pending = 0;
  #saidMs = -Infinity;
  total = 0;

  constructor(output: TapOutput) {
    this.#output = output;
  }

  add(requests: number): void {
    this.total += requests;
    this.#pending += requests;
    if (performance.now() - this.#saidMs >= LEFT_OUT_MS) this.flush();
  }

  flush(): void {
    if (this.#pending === 0) return;
    this.#output.leftOut(this.#pending);
    this.#pending = 0;
    this.#saidMs = performance.now();
  }
}

/** Says on standard error, once each time that requests stop coming, that they are waited for. */
class QuietWatch {
  readonly #workload: string;
  #reporters = 0;
  #timer: NodeJS.Timeout | undefined;
  hasBegun = false;

  constructor(workload: string) {
    this.#workload = workload;
  }

  saw({ reporters, requests, skipped }: TapRequestsResponse): void {
    const isNews = !this.hasBegun || requests.length > 0 || skipped > 0 || reporters !== this.#reporters;
    this.hasBegun = true;
    this.#reporters = reporters;
    if (!isNews) return;
    this.stop();
    this.#timer = setTimeout(() => process.stderr.write(`${this.#words()}\n`), QUIET_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #words(): string {
    if (this.#reporters === 0) {
      return `No sidecar of ${this.#workload} is connected; the first request that one serves connects it. Waiting ...`;
    }
    const asked = this.#reporters === 1 ? "1 reporter is" : `${this.#reporters} reporters are`;
    return `No matching request for ${QUIET_MS / 1000} s; ${asked} asked. Waiting ...`;
  }
}
