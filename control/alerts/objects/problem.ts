import { MAX_FRAME_WIDTH } from "./limits.ts";
import type { Place } from "./object.ts";

/** What is wrong in a text, and where. */
export interface Problem extends Place {
  /** What of the object is at fault: "spec.objective"; empty for all of it. */
  readonly field: string;
  /** The kind and name of the object, as far as they are known. */
  readonly kind: string;
  readonly name: string;
  /** What is wrong and what to do. */
  readonly message: string;
  /** The line at fault, cut where it is long, and a second one that marks what in it is. */
  readonly frame: readonly [string, string];
}

/** "rules.yaml:12:14: spec.objective: ..." */
export function problemLine({ file, line, column, field, message }: Problem): string {
  const place = `${file === "" ? "" : `${file}:`}${line}:${column}`;
  return `${place}: ${field === "" ? "" : `${field}: `}${message}`;
}

/** The same with the line that it speaks of, for people. */
export function problemText(problem: Problem): string {
  return [problemLine(problem), frameText(problem)].filter((text) => text !== "").join("\n");
}

/** The line with its number, and the mark under what is at fault; empty where there is nothing to show. */
export function frameText({ line, frame: [shown, mark] }: Pick<Problem, "line" | "frame">): string {
  if (shown === "") return "";
  const number = `${line}`.padStart(6);
  return `${number} | ${shown}\n${" ".repeat(number.length)} | ${mark}`;
}

/** A line of a text with a mark under some columns of it. What is too long is cut around the mark. */
export function frameOf(
  text: string,
  { line, column }: Pick<Place, "line" | "column">,
  length: number,
): Problem["frame"] {
  // A tab and what steers a terminal would move the mark away.
  const whole = (text.split("\n", line)[line - 1] ?? "").replace(/[\p{Cc}\p{Cf}]/gu, " ").trimEnd();
  const from = Math.max(0, Math.min(column - 1 - MAX_FRAME_WIDTH / 2, whole.length - MAX_FRAME_WIDTH));
  const shown = whole.slice(from, from + MAX_FRAME_WIDTH);
  const at = Math.max(0, column - 1 - from);
  const marks = Math.max(1, Math.min(length, shown.length - at));
  return [shown, `${" ".repeat(at)}${"^".repeat(marks)}`];
}
