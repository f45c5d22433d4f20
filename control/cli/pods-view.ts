import type { ListPodsResponse, Pod, Red } from "../../client/index.ts";
import { commonNamespace, shortName } from "./names.ts";
import { redJson } from "./red-columns.ts";
import type { Cell, Column } from "./table.ts";
import { formatBytesRate, formatDuration, formatRate, formatShare, unknown } from "./units.ts";
import { spanText, tablePage, timeText, type View } from "./view.ts";

/** Pods, a line each: what they served (IN) and what they sent (OUT). */
export function podsView(): View<ListPodsResponse> {
  return {
    lines({ pods, at = new Date(), windowSeconds, nextPageToken }, page) {
      const shared = commonNamespace(pods.map(({ workload }) => workload));
      const parts = [
        timeText(at, new Date()),
        `${nextPageToken === "" ? "" : "the first "}${pods.length} ${pods.length === 1 ? "pod" : "pods"} over ${spanText(windowSeconds)}`,
        shared ? `namespace ${shared}` : "",
      ];
      const empty = "No pod spoke in that time.";
      return tablePage(
        {
          headline: parts.filter((part) => part !== "").join("  "),
          columns: columnsFor(pods, shared),
          rows: pods,
          empty,
        },
        page,
      );
    },
    json: ({ pods, at, windowSeconds, nextPageToken }) => ({
      at: at?.toISOString() ?? null,
      windowSeconds,
      isWhole: nextPageToken === "",
      pods: pods.map(({ inbound, outbound, ...pod }) => ({
        ...pod,
        inbound: redJson(inbound),
        outbound: redJson(outbound),
      })),
    }),
  };
}

function columnsFor(pods: readonly Pod[], namespace: string | undefined): Column<Pod>[] {
  const name = (title: string, optional: number, of: (pod: Pod) => string): Column<Pod> => {
    return { title, align: "left", optional, shrinks: true, cell: (pod) => ({ text: of(pod) }) };
  };
  const figure = (title: string, optional: number, text: (pod: Pod) => string): Column<Pod> => {
    return { title, align: "right", optional, cell: (pod) => ({ text: text(pod) }) };
  };
  const hasBytes = pods.some(({ inboundBytesRate, outboundBytesRate }) => inboundBytesRate + outboundBytesRate > 0);
  const bytes = [
    figure("IN BYTES", 4, ({ inboundBytesRate }) => formatBytesRate(inboundBytesRate)),
    figure("OUT BYTES", 4, ({ outboundBytesRate }) => formatBytesRate(outboundBytesRate)),
  ];
  return [
    name("POD", 0, ({ id }) => shortName(id, namespace) || unknown),
    name("WORKLOAD", 3, ({ workload }) => shortName(workload, namespace)),
    name("NODE", 5, ({ node }) => node || unknown),
    name("VERSION", 6, ({ version }) => version || unknown),
    figure("IN", 0, ({ inbound }) => formatRate(inbound?.rate ?? 0)),
    { title: "ERRORS", align: "right", optional: 0, cell: ({ inbound }) => errorCell(inbound) },
    figure("P95", 1, ({ inbound }) => formatDuration(inbound?.p95Seconds)),
    figure("OUT", 2, ({ outbound }) => formatRate(outbound?.rate ?? 0)),
    { title: "ERRORS", align: "right", optional: 2, cell: ({ outbound }) => errorCell(outbound) },
    ...(hasBytes ? bytes : []),
  ];
}

function errorCell(red: Red | undefined): Cell {
  if (!red || red.requests === 0) return { text: unknown };
  return { text: formatShare(red.errorShare), colour: red.errorShare > 0 ? "yellow" : "none" };
}
