import type { Context } from "hono";
import type { BacktestEvent, BacktestRun } from "./backtests.ts";
import { toHttpError } from "./http-errors.ts";
import { type EventBytes, pulledEvents } from "./pulled-events.ts";
import { HEARTBEAT_MS, type StreamOptions } from "./stream.ts";

/** A line of the answer of `POST /api/v1/backtest`: progress now and then, and last a result or an error. */
export type BacktestLine = BacktestEvent | { readonly error: { readonly message: string } };

/**
 * Answers with JSON, a line each (https://github.com/ndjson/ndjson-spec). A client that goes calls the try off.
 * @throws what the try was ended by before anything was told
 */
export async function streamBacktest(context: Context, run: BacktestRun, options: StreamOptions): Promise<Response> {
  context.req.raw.signal.addEventListener("abort", () => run.callOff(), { once: true });
  const heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
  const first = await run.next(heartbeatMs);
  return pulledEvents(context, new BacktestLines(run, first ?? NOTHING_YET, heartbeatMs), {
    ...options,
    contentType: "application/x-ndjson",
  });
}

const NOTHING_YET: BacktestEvent = { progress: 0 };

class BacktestLines implements EventBytes {
  readonly #run: BacktestRun;
  readonly #heartbeatMs: number;
  #next: BacktestEvent | undefined;
  /** Told again where there is no news for long, so that no proxy takes the connection for dead. */
  #progress = NOTHING_YET;
  #isOver = false;

  constructor(run: BacktestRun, first: BacktestEvent, heartbeatMs: number) {
    this.#run = run;
    this.#next = first;
    this.#heartbeatMs = heartbeatMs;
  }

  async next(): Promise<Uint8Array | undefined> {
    if (this.#isOver) return undefined;
    try {
      const event = this.#next ?? (await this.#run.next(this.#heartbeatMs)) ?? this.#progress;
      this.#next = undefined;
      if ("result" in event) this.#isOver = true;
      else this.#progress = event;
      return lineOf(event);
    } catch (cause) {
      const { status, message } = toHttpError(cause);
      if (status === 500) throw cause;
      this.#isOver = true;
      return lineOf({ error: { message } });
    }
  }

  close(): void {
    this.#run.callOff();
  }
}

function lineOf(line: BacktestLine): Uint8Array {
  return Buffer.from(`${JSON.stringify(line)}\n`);
}
