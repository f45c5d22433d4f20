/** Options of commands that keep telling, and how the telling goes. */
import type { Command } from "commander";
import type { SidelightClient, SidelightError, Watchable, WatchedAnswer, Question } from "../../client/index.ts";
import { CliError } from "./cli-error.ts";
import { parseNumber, untilInterrupted } from "./command.ts";
import { explain } from "./explain.ts";
import { showLive } from "./live.ts";
import { isInteractive, page, print } from "./output.ts";
import type { AskedWindow } from "./question-options.ts";
import type { View } from "./view.ts";

export interface WatchingOptions {
  readonly watch: boolean;
  /** Seconds. */
  readonly interval: number;
}

export function addWatch(command: Command): Command {
  return command
    .option("-w, --watch", "keep showing the newest; with --json a document a line", false)
    .option(
      "-i, --interval <seconds>",
      "time between two pictures, with --watch",
      parseNumber({ least: 1, most: 3_600, whole: true }),
      1,
    );
}

/** What is watched, and how it is shown. */
export interface Watched<Kind extends keyof Watchable, Data> {
  readonly kind: Kind;
  readonly question: Question<Watchable[Kind]["question"]>;
  readonly view: View<Data>;
  /** What the view shows of an answer; nothing, where there is nothing to show. */
  readonly dataOf: (answer: Watchable[Kind]["answer"]) => Data | undefined;
}

/** @throws CliError where a past moment was asked for: what is watched is the present */
export function refusePast({ at, window }: AskedWindow): void {
  if (at === undefined && window === undefined) return;
  throw new CliError("usage", "--watch shows the present: leave --at and --since out");
}

/**
 * Shows the newest answer in a terminal until the user has seen enough; elsewhere writes one after the other. There a watch
 * that is cut goes on where it was: what was missed comes first.
 */
export async function watch<Kind extends keyof Watchable, Data>(
  client: SidelightClient,
  { kind, question, view, dataOf }: Watched<Kind, Data>,
  { interval, json }: WatchingOptions & { readonly json: boolean },
): Promise<void> {
  const updates = async function* (signal: AbortSignal, onCut: (error: SidelightError) => void): AsyncIterable<Data> {
    const answers = client.watch(kind, question, { signal, intervalSeconds: interval, onCut });
    for await (const told of answers as AsyncIterable<WatchedAnswer<Watchable[Kind]["answer"]>>) {
      if (told.skipped > 0) process.stderr.write(`sidelight: ${told.skipped} left out\n`);
      const data = dataOf(told.answer);
      if (data !== undefined) yield data;
    }
  };
  await keepShowing(view, updates, { json });
}

/** What keeps coming until the signal is aborted. A cut is told, and what comes goes on after it. */
export type Telling<Data> = (signal: AbortSignal, onCut: (error: SidelightError) => void) => AsyncIterable<Data>;

/** Shows the newest in a terminal until the user has seen enough; elsewhere writes one after the other. */
export async function keepShowing<Data>(
  view: View<Data>,
  updates: Telling<Data>,
  { json }: { readonly json: boolean },
): Promise<void> {
  if (isInteractive() && !json) {
    const live = (signal: AbortSignal): AsyncIterable<Data> => updates(signal, giveUp);
    return showLive(view, live, () => page({ scrolls: false }));
  }
  for await (const data of updates(untilInterrupted(), tellCut)) print(view, data, { json });
}

/** The screen says so itself, and asks again. */
function giveUp(error: SidelightError): never {
  throw error;
}

function tellCut(error: SidelightError): void {
  process.stderr.write(`sidelight: ${explain(error).message.split("\n")[0]}; asking again\n`);
}
