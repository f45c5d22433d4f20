import type { RequestExemplar } from "#proto/stats.ts";
import { commonNamespace, shortName } from "./names.ts";
import { page } from "./output.ts";
import { requestJson, statusText, traceText } from "./requests-view.ts";
import type { Colour } from "./style.ts";
import { type Cell, type Column, layOut } from "./table.ts";
import { formatCount, formatDuration } from "./units.ts";
import { clockTime } from "./view.ts";

/** How a tap ended: its time was over, the user had seen enough, or control was lost. */
export type TapEnding = "expired" | "interrupted" | "lost";

/** What was seen in all. */
export interface TapSum {
  readonly requests: number;
  readonly leftOut: number;
  readonly seconds: number;
}

/** Where live requests are written. */
export interface TapOutput {
  /** Control has asked so many reporters. */
  begin(reporters: number): void;
  requests(requests: readonly RequestExemplar[]): void;
  /** Requests that matched and are not shown. */
  leftOut(requests: number): void;
  end(ending: TapEnding, sum: TapSum): void;
}

/** A JSON document a line: requests, `{"leftOut": n}`, and the sum at the end. */
export class TapDocuments implements TapOutput {
  begin(): void {
    // Programs know what they asked for.
  }

  requests(requests: readonly RequestExemplar[]): void {
    for (const request of requests) this.#write(requestJson(request));
  }

  leftOut(requests: number): void {
    this.#write({ leftOut: requests });
  }

  end(ending: TapEnding, sum: TapSum): void {
    this.#write({ end: ending, ...sum });
  }

  #write(document: object): void {
    process.stdout.write(`${JSON.stringify(document)}\n`);
  }
}

/** A line a request, in columns that grow with what comes. Heading and sum go to standard error: they are no requests. */
export class TapTable implements TapOutput {
  readonly #columns: Column<RequestExemplar>[];
  readonly #heading: string;
  #hasTitle = false;

  /** @param limits what was asked for: "at most 10/s for 1 min" */
  constructor(workload: string, limits: string) {
    this.#columns = columnsFor(commonNamespace([workload]));
    this.#heading = `Live requests of ${workload}, ${limits}`;
  }

  begin(reporters: number): void {
    const from = reporters === 1 ? "1 reporter" : `${reporters} reporters`;
    process.stderr.write(`${this.#heading}, from ${from}. Ctrl-C ends it.\n`);
  }

  requests(requests: readonly RequestExemplar[]): void {
    if (requests.length === 0) return;
    const columns = this.#columns.map((column) => grown(column, requests));
    this.#columns.splice(0, columns.length, ...columns);
    const lines = layOut(columns, requests, page({ scrolls: true }));
    process.stdout.write(`${lines.slice(this.#hasTitle ? 1 : 0).join("\n")}\n`);
    this.#hasTitle = true;
  }

  leftOut(requests: number): void {
    const { paint } = page({ scrolls: true });
    process.stdout.write(`${paint(`… ${formatCount(requests)} left out`, "dim")}\n`);
  }

  end(_ending: TapEnding, { requests, leftOut, seconds }: TapSum): void {
    const rest = leftOut > 0 ? `, ${formatCount(leftOut)} left out (--rate shows more)` : "";
    const noun = requests === 1 ? "request" : "requests";
    process.stderr.write(`${formatCount(requests)} ${noun} in ${formatDuration(seconds)}${rest}\n`);
  }
}

/** A path of 255 bytes must not make every later line as long. */
const WIDEST = 48;

function grown(column: Column<RequestExemplar>, rows: readonly RequestExemplar[]): Column<RequestExemplar> {
  const longest = Math.max(...rows.map((row) => column.cell(row).text.length));
  return { ...column, atLeast: Math.max(column.atLeast ?? 0, Math.min(longest, WIDEST)) };
}

function columnsFor(namespace: string | undefined): Column<RequestExemplar>[] {
  const left = (title: string, atLeast: number, cell: (row: RequestExemplar) => Cell): Column<RequestExemplar> => {
    return { title, align: "left", optional: 0, atLeast, cell };
  };
  return [
    left("TIME", 8, ({ at }) => ({ text: clockTime(at ?? new Date(0)) })),
    { ...left("PEER", 14, (row) => ({ text: peerText(row, namespace) })), shrinks: true },
    { ...left("REQUEST", 24, ({ method, path }) => ({ text: `${method} ${path}`.trim() })), shrinks: true },
    left("STATUS", 6, (row) => ({ text: statusText(row), colour: colourOf(row) })),
    {
      ...{ title: "TOOK", align: "right", optional: 0, atLeast: 7 },
      cell: ({ durationSeconds }) => ({ text: formatDuration(durationSeconds) }),
    },
    { ...left("TRACE", 0, (row) => ({ text: traceText(row) })), optional: 1 },
  ];
}

function peerText({ reporterSide, client, server }: RequestExemplar, namespace: string | undefined): string {
  return reporterSide === "source" ? `→ ${shortName(server, namespace)}` : `← ${shortName(client, namespace)}`;
}

function colourOf({ outcome }: RequestExemplar): Colour {
  if (outcome === "success") return "none";
  return outcome === "client_error" ? "yellow" : "red";
}
