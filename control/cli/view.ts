import type { Paint } from "./style.ts";
import { type Column, cut, layOut, printable } from "./table.ts";

/** How much may be written, and how. */
export interface Page {
  /** Columns; Infinity where the output is no terminal. */
  readonly width: number;
  /** Lines; Infinity where the output scrolls or is no terminal. */
  readonly height: number;
  readonly paint: Paint;
}

/** One picture of something: what a command shows, once or again and again. */
export interface View<Data> {
  lines(data: Data, page: Page): string[];
  /** The same for programs, without rounding. */
  json(data: Data): unknown;
}

export interface Table<Row> {
  readonly headline: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** What to say when there are no rows. */
  readonly empty: string;
}

/** A headline and a table below it, with as many rows as fit; the last line says how many do not. */
export function tablePage<Row>({ headline, columns, rows, empty }: Table<Row>, page: Page): string[] {
  const { width, height, paint } = page;
  const head = paint(cut(printable(headline), width), "bold");
  if (rows.length === 0) return [head, "", cut(empty, width)];
  const room = Math.max(1, height - 3);
  const fits = rows.length <= room;
  const shown = fits ? rows : rows.slice(0, Math.max(1, room - 1));
  const lines = [head, "", ...layOut(columns, shown, page)];
  return fits ? lines : [...lines, paint(`${rows.length - shown.length} more`, "dim")];
}

/** "12:03:54" in local time. */
export function clockTime(at: Date): string {
  return at.toTimeString().slice(0, 8);
}

/** "12:03:54", with the date before it where it is of another day: "2026-03-01 12:03:54". */
export function timeText(at: Date, now: Date): string {
  if (at.toDateString() === now.toDateString()) return clockTime(at);
  const [year, month, day] = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) =>
    String(part).padStart(2, "0"),
  );
  return `${year}-${month}-${day} ${clockTime(at)}`;
}

const SPANS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
] as const;

/** A length of time that somebody asked for: "30 s", "15 min", "2 h", "7 d". */
export function spanText(seconds: number): string {
  const [unit, size] = SPANS.find(([, size]) => seconds >= 2 * size && seconds % size === 0) ?? ["s", 1];
  return `${seconds / size} ${unit}`;
}
