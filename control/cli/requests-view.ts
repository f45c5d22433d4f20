import type { RequestExemplar } from "#proto/stats.ts";
import { commonNamespace, shortName } from "./names.ts";
import type { Cell, Column } from "./table.ts";
import { formatDuration } from "./units.ts";
import { clockTime, tablePage, timeText, type View } from "./view.ts";

/** What ListExemplars answered, and of what time. */
export interface RequestsData {
  readonly from: Date;
  readonly to: Date;
  readonly exemplars: readonly RequestExemplar[];
}

/** Slow and failed requests, a line each: failed ones first, the newest first; then the slowest. */
export function requestsView(limit: number): View<RequestsData> {
  return {
    lines({ from, to, exemplars }, page) {
      const rows = exemplars.slice(0, limit);
      const shared = commonNamespace(rows.flatMap(({ client, server }) => [client, server]));
      const failed = rows.filter(({ reason }) => reason === "failed").length;
      const parts = [
        `${timeText(from, to)} to ${clockTime(to)}`,
        `${failed} failed`,
        `${rows.length - failed} slow`,
        shared ? `namespace ${shared}` : "",
      ];
      const empty = "No slow or failed request is kept of that time (SIDELIGHT_EXEMPLARS=off keeps none).";
      return tablePage(
        { headline: parts.filter((part) => part !== "").join("  "), columns: columnsFor(shared, to), rows, empty },
        page,
      );
    },
    json({ from, to, exemplars }) {
      return {
        from: from.toISOString(),
        to: to.toISOString(),
        requests: exemplars.slice(0, limit).map(requestJson),
      };
    },
  };
}

/** A request by name for programs: times in ISO 8601, durations in seconds, what is not known is null. */
export function requestJson(exemplar: RequestExemplar): Record<string, unknown> {
  const { at, requestId, traceId, ...same } = exemplar;
  return { ...same, at: at?.toISOString() ?? null, requestId: requestId || null, traceId: traceId || null };
}

/** Status and, where the proxy has something to say of it, its flags: "503 UF". */
export function statusText({ status, protocol, flags }: RequestExemplar): string {
  const code = protocol === "grpc" ? `grpc ${status}` : status === 0 ? "no answer" : String(status);
  return [code, ...flags].join(" ");
}

/** What a request is found by elsewhere: its trace, else its x-request-id. */
export function traceText({ traceId, requestId }: RequestExemplar): string {
  return traceId || requestId || "–";
}

function columnsFor(namespace: string | undefined, now: Date): Column<RequestExemplar>[] {
  const left = (title: string, optional: number, cell: (row: RequestExemplar) => Cell): Column<RequestExemplar> => {
    return { title, align: "left", optional, cell };
  };
  return [
    left("TIME", 0, ({ at }) => ({ text: timeText(at ?? new Date(0), now) })),
    left("WHY", 0, whyCell),
    { ...left("CLIENT", 3, ({ client }) => ({ text: shortName(client, namespace) })), shrinks: true },
    { ...left("SERVER", 2, ({ server }) => ({ text: shortName(server, namespace) })), shrinks: true },
    { ...left("REQUEST", 0, ({ method, path }) => ({ text: `${method} ${path}`.trim() })), shrinks: true },
    left("STATUS", 0, (row) => ({ text: statusText(row), colour: row.reason === "failed" ? "red" : "none" })),
    {
      title: "TOOK",
      align: "right",
      optional: 0,
      cell: ({ durationSeconds }) => ({ text: formatDuration(durationSeconds) }),
    },
    left("TRACE", 0, (row) => ({ text: traceText(row) })),
  ];
}

function whyCell({ reason }: RequestExemplar): Cell {
  return reason === "failed" ? { text: "✗ failed", colour: "red" } : { text: "· slow" };
}
