import type { Colour, Paint } from "./style.ts";

export interface Cell {
  readonly text: string;
  readonly colour?: Colour;
}

export interface Column<Row> {
  readonly title: string;
  readonly align: "left" | "right";
  /** Where there is no room the column with the highest number goes first; 0 stays always. */
  readonly optional: number;
  /** Characters that it takes though no text is so long: for tables whose next rows are yet to come. */
  readonly atLeast?: number;
  /** Whether long texts may be cut, with "…" at the end. */
  readonly shrinks?: boolean;
  readonly cell: (row: Row) => Cell;
}

interface Sized<Row> {
  readonly column: Column<Row>;
  readonly cells: readonly Cell[];
  width: number;
}

const gap = "  ";
/** A name cut shorter than this says nothing. */
const minShrunk = 8;

/**
 * Lays rows out in aligned columns, a string a line, the titles first. Where `width` is too small, optional columns go
 * and then long names are cut; what remains is never wrapped into the next line.
 */
export function layOut<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, paint }: { width: number; paint: Paint },
): string[] {
  const sized = fit(
    columns.map((column) => size(column, rows)),
    width,
  );
  const title = sized.map(({ column, width }) => pad(column.title, width, column.align)).join(gap);
  const lines = rows.map((_row, index) => line(sized, index, paint));
  return [paint(title.trimEnd(), "dim"), ...lines];
}

/**
 * Names and routes come from the network: characters that would steer the terminal are replaced (C0, DEL, C1, and
 * those that turn the direction of writing).
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}

/** Cut to `width` characters, the last of them "…" where something is missing. */
export function cut(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join("")}…`;
}

function size<Row>(column: Column<Row>, rows: readonly Row[]): Sized<Row> {
  const cells = rows.map((row) => {
    const cell = column.cell(row);
    return { ...cell, text: printable(cell.text) };
  });
  const widths = cells.map(({ text }) => length(text));
  return { column, cells, width: Math.max(length(column.title), column.atLeast ?? 0, ...widths) };
}

function fit<Row>(sized: readonly Sized<Row>[], width: number): readonly Sized<Row>[] {
  let kept = sized;
  while (total(kept) > width) {
    const last = Math.max(...kept.map(({ column }) => column.optional));
    if (last === 0) break;
    kept = kept.filter(({ column }) => column.optional !== last);
  }
  // The longest gives first, so that short names stay whole.
  for (let over = total(kept) - width; over > 0; over--) {
    const longest = kept
      .filter((each) => each.column.shrinks && each.width > minShrunk)
      .reduce<Sized<Row> | undefined>((a, b) => (a && a.width >= b.width ? a : b), undefined);
    if (!longest) break;
    longest.width--;
  }
  return kept;
}

function total<Row>(sized: readonly Sized<Row>[]): number {
  return sized.reduce((sum, { width }) => sum + width, 0) + gap.length * (sized.length - 1);
}

function line<Row>(sized: readonly Sized<Row>[], index: number, paint: Paint): string {
  const texts = sized.map(({ column, cells, width }, position) => {
    const { text, colour = "none" } = cells[index]!;
    const fitted = cut(text, width);
    const isLast = position === sized.length - 1;
    const padded = isLast && column.align === "left" ? fitted : pad(fitted, width, column.align);
    return paint(padded, colour);
  });
  return texts.join(gap);
}

function pad(text: string, width: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - length(text)));
  return align === "left" ? text + space : space + text;
}

function length(text: string): number {
  return [...text].length;
}
