/** The document for people: a table of protocols, of endpoints, of edges, and what is missing from them. */
import { layOut } from "../control/cli/table.ts";
import type { Column } from "../control/cli/table.ts";
import type { EdgeFigures, Outcomes, Percentiles, ProtocolFigures, TapDocument } from "./document.ts";

/** Endpoints and edges that are shown. */
const MOST_ROWS = 40;

interface Requests {
  readonly name: string;
  readonly requests: number;
  readonly outcomes: Outcomes;
  readonly latencyMs: Percentiles;
}

/** The whole of it, as lines. */
export function report(document: TapDocument): string {
  const protocols = Object.entries(document.protocols);
  const parsed = protocols.filter((entry): entry is [string, ProtocolFigures] => "endpoints" in entry[1]);
  const sections = [
    section(
      "PROTOCOL",
      parsed.map(([name, figures]) => ({ name, ...figures })),
    ),
    ...parsed.map(([name, { endpoints }]) =>
      section(
        `${name.toUpperCase()} ENDPOINT`,
        endpoints.map((each) => ({ name: each.endpoint, ...each })),
      ),
    ),
    edges(document.edges),
    losses(document.losses),
  ];
  const shown = sections.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return shown.length > 0 ? `${shown.join("\n\n")}\n` : "Nothing that was understood.\n";
}

function section(title: string, rows: readonly Requests[]): string[] {
  if (rows.length === 0) return [];
  const columns: Column<Requests>[] = [
    { title, align: "left", optional: 0, shrinks: true, cell: ({ name }) => ({ text: name || "(unknown)" }) },
    count("REQUESTS", ({ requests }) => requests),
    count("4XX", ({ outcomes }) => outcomes.clientError),
    count("5XX", ({ outcomes }) => outcomes.serverError),
    count("NO ANSWER", ({ outcomes }) => outcomes.noAnswer + outcomes.notReached),
    millis("P50 MS", ({ latencyMs }) => latencyMs.p50),
    millis("P95 MS", ({ latencyMs }) => latencyMs.p95),
    millis("P99 MS", ({ latencyMs }) => latencyMs.p99),
  ];
  return [...table(columns, rows.slice(0, MOST_ROWS)), ...more(rows.length)];
}

function edges(all: readonly EdgeFigures[]): string[] {
  if (all.length === 0) return [];
  const columns: Column<EdgeFigures>[] = [
    text("CLIENT", ({ client }) => client),
    text("SERVER", ({ server }) => server),
    text("PROTOCOL", ({ protocol }) => protocol),
    count("REQUESTS", ({ requests }) => requests),
    count("CONNECTIONS", ({ connections }) => connections),
    count("REFUSED", ({ refused }) => refused),
    count("FAILED", ({ failed }) => failed),
    count("RESET", ({ reset }) => reset),
    count("SENT AGAIN", ({ retransmissions }) => retransmissions),
    millis("HANDSHAKE MS", ({ handshakeMs }) => handshakeMs?.p50),
  ];
  return [...table(columns, all.slice(0, MOST_ROWS)), ...more(all.length)];
}

function losses(all: TapDocument["losses"]): string[] {
  const entries = Object.entries(all);
  if (entries.length === 0) return [];
  const columns: Column<readonly [string, number]>[] = [
    text("LOSS", ([kind]) => kind),
    count("COUNT", ([, number]) => number),
  ];
  return table(columns, entries);
}

function more(rows: number): string[] {
  return rows > MOST_ROWS ? [`... and ${rows - MOST_ROWS} more`] : [];
}

function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  return layOut(columns, rows, { width: process.stdout.columns ?? 200, paint: (words) => words });
}

function text<Row>(title: string, of: (row: Row) => string): Column<Row> {
  return { title, align: "left", optional: 0, cell: (row) => ({ text: of(row) }) };
}

function count<Row>(title: string, of: (row: Row) => number | undefined): Column<Row> {
  return { title, align: "right", optional: 0, cell: (row) => ({ text: of(row)?.toLocaleString("en-US") ?? "" }) };
}

function millis<Row>(title: string, of: (row: Row) => number | null | undefined): Column<Row> {
  return { title, align: "right", optional: 0, cell: (row) => ({ text: of(row)?.toFixed(3) ?? "" }) };
}
