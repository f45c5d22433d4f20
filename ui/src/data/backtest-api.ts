/** Rules that are tried on the past: an answer that comes line by line, with how far it is. */
import type { BacktestResult } from "../../../control/api/alert-source.ts";
import type { BacktestLine } from "../../../control/api/backtest-lines.ts";
import { ApiError, send } from "./http.ts";

const DOING = "Trying the rule on the past";

export interface BacktestOrder {
  /** The objects that are tried; those in force where it is left out. */
  readonly yaml?: string;
  /** Only this rule. */
  readonly name?: string;
  /** Half-open, milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/** @param onProgress told how far it is, 0 to 1. Aborting calls it off in control, too. */
export async function runBacktest(
  body: BacktestOrder,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<BacktestResult> {
  const response = await send(DOING, { method: "POST", path: "/api/v1/backtest", body }, signal);
  for await (const text of linesOf(response)) {
    const line = JSON.parse(text) as BacktestLine;
    if ("error" in line) throw new ApiError(DOING, response.status, line.error.message);
    if ("result" in line) return line.result;
    onProgress(line.progress);
  }
  throw new ApiError(DOING, 0, "the answer ended before there was a result");
}

async function* linesOf({ body }: Response): AsyncGenerator<string> {
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + (value ?? "")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield line;
    if (done) break;
  }
  if (rest !== "") yield rest;
}
