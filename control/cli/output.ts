import { painter } from "./style.ts";
import type { Page, View } from "./view.ts";

/** Whether there is a person to show something to that changes in place. */
export function isInteractive(): boolean {
  return process.stdout.isTTY && process.env["TERM"] !== "dumb";
}

/** The terminal's page. What is no terminal gets everything, at full width and without colours. */
export function page({ scrolls }: { scrolls: boolean }): Page {
  const { stdout } = process;
  if (!stdout.isTTY) return { width: Infinity, height: Infinity, paint: painter(false) };
  // hasColors() heeds NO_COLOR, FORCE_COLOR and TERM.
  const height = scrolls ? Infinity : stdout.rows;
  return { width: stdout.columns, height, paint: painter(stdout.hasColors()) };
}

/** Writes one picture, as a table or as one line of JSON. */
export function print<Data>(view: View<Data>, data: Data, { json }: { json: boolean }): void {
  const text = json ? JSON.stringify(view.json(data)) : view.lines(data, page({ scrolls: true })).join("\n");
  process.stdout.write(`${text}\n`);
}
