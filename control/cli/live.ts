import { setTimeout as sleep } from "node:timers/promises";
import { SidelightError } from "../../client/index.ts";
import { explain } from "./explain.ts";
import { Screen } from "./screen.ts";
import { cut } from "./table.ts";
import type { Page, View } from "./view.ts";

/** Data that keeps coming until the signal is aborted. Throws a SidelightError when control is lost. */
export type Updates<Data> = (signal: AbortSignal) => AsyncIterable<Data>;

const retryMs = 1000;

/**
 * Shows a view in the whole terminal until the user has seen enough. When control is lost later on, what was seen last
 * stays, with a line that says so, and control is asked again each second.
 * @throws SidelightError when control cannot be reached at the start.
 */
export async function showLive<Data>(view: View<Data>, updates: Updates<Data>, page: () => Page): Promise<void> {
  let data: Data | undefined;
  let trouble = "";
  const draw = (): void => {
    if (data === undefined) return;
    const { width, height, paint } = page();
    const lines = view.lines(data, { width, height: height - 2, paint });
    const footer = trouble === "" ? paint("q quits", "dim") : paint(cut(trouble, width), "red");
    screen.draw([...lines, "", footer]);
  };
  const screen = new Screen(process.stdout, process.stdin, draw);
  try {
    while (!screen.ended.aborted) {
      try {
        for await (const update of updates(screen.ended)) {
          data = update;
          trouble = "";
          screen.open();
          draw();
        }
      } catch (error) {
        if (!(error instanceof SidelightError) || !screen.isOpen) throw error;
        trouble = `✗ lost: ${explain(error).message.split("\n")[0]}; asking again`;
      }
      draw();
      await sleep(retryMs, undefined, { signal: screen.ended }).catch(() => {});
    }
  } finally {
    screen.close();
  }
}
