/** A result as a section of docs/benchmarks.md. */
import type { BenchResult, Cell, Figure } from "./harness.ts";

/** Heading, date, command and tables: figures with a cell in the tables they name, the others in rows of their own. */
export function markdown({ name, figures }: BenchResult, date: string): string {
  const alone = figures.filter(({ cell }) => cell === undefined);
  const placed = figures.filter(isPlaced);
  const tables = distinct(placed.map(({ cell }) => cell.table)).flatMap((heading) => {
    return [`### ${heading}`, "", ...matrix(placed.filter(({ cell }) => cell.table === heading)), ""];
  });
  return [
    `## ${name}`,
    "",
    `${date}, \`npm run bench -- ${name}\`.`,
    "",
    ...tables,
    ...(alone.length > 0 ? [...list(alone), ""] : []),
  ].join("\n");
}

type Placed = Figure & { readonly cell: Cell };

function isPlaced(figure: Figure): figure is Placed {
  return figure.cell !== undefined;
}

function list(figures: readonly Figure[]): string[] {
  return table(
    ["figure", "value", "goal", "met"],
    figures.map((figure) => {
      const value = `${digits(figure.value)} ${figure.unit}`.trim();
      return [figure.what, `${value}${spreadText(figure)}`, figure.goal ?? "", metText(figure)];
    }),
  );
}

/** Rows and columns in the order in which they first come; what was not measured is left empty. */
function matrix(figures: readonly Placed[]): string[] {
  const columns = distinct(figures.map(({ cell }) => cell.column));
  const rows = distinct(figures.map(({ cell }) => cell.row));
  const texts = new Map(figures.map((figure) => [`${figure.cell.row}\n${figure.cell.column}`, cellText(figure)]));
  return table(
    ["", ...columns],
    rows.map((row) => [row, ...columns.map((column) => texts.get(`${row}\n${column}`) ?? "")]),
  );
}

function cellText(figure: Figure): string {
  const met = metText(figure);
  return `${digits(figure.value)}${spreadText(figure)}${met && `: ${met}`}`;
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}

/** " (4.9 to 5.3)"; what may as well be nothing is called noise. */
function spreadText({ spread }: Figure): string {
  if (!spread) return "";
  const isNoise = spread[0] <= 0 && spread[1] >= 0;
  return ` (${digits(spread[0])} to ${digits(spread[1])}${isNoise ? ", noise" : ""})`;
}

function metText({ met, undecided }: Figure): string {
  if (met === undefined) return "";
  return `${met ? "yes" : "no"}${undecided ? ", within the spread" : ""}`;
}

function digits(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
