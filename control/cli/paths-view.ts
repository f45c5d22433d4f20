import type { Edge, ListPathsResponse, Path } from "../../client/index.ts";
import { commonNamespace, shortName } from "./names.ts";
import { redJson } from "./red-columns.ts";
import { healthMark, summarise } from "./style.ts";
import type { Column } from "./table.ts";
import { formatDuration, formatRate, formatShare } from "./units.ts";
import { spanText, tablePage, timeText, type View } from "./view.ts";

export interface PathsOptions {
  readonly client: string;
  readonly server: string;
  readonly maxHops: number;
}

/** Ways from one node to another, a line each, with the figures of the edge that tells the most on each. */
export function pathsView({ client, server, maxHops }: PathsOptions): View<ListPathsResponse> {
  return {
    lines({ paths, at = new Date(), windowSeconds, nextPageToken }, page) {
      const shared = commonNamespace(paths.flatMap(({ nodes }) => nodes));
      const parts = [
        timeText(at, new Date()),
        summarise(paths.map(({ health }) => health)),
        `${nextPageToken === "" ? "" : "the first "}${paths.length} ${paths.length === 1 ? "way" : "ways"} over ${spanText(windowSeconds)}`,
        shared ? `namespace ${shared}` : "",
      ];
      const empty = `No request leads from ${client} to ${server} over ${maxHops} edges or less.`;
      return tablePage(
        {
          headline: parts.filter((part) => part !== "").join("  "),
          columns: columnsFor(shared),
          rows: paths,
          empty,
        },
        page,
      );
    },
    json: ({ paths, at, windowSeconds, nextPageToken }) => ({
      at: at?.toISOString() ?? null,
      windowSeconds,
      isWhole: nextPageToken === "",
      paths: paths.map(({ nodes, edges, health }) => ({
        nodes,
        health: healthMark(health).word,
        edges: edges.map((edge) => ({
          ...{ client: edge.client, server: edge.server, protocol: edge.protocol },
          ...{ health: healthMark(edge.health).word, ...redJson(edge.red) },
        })),
      })),
    }),
  };
}

function columnsFor(namespace: string | undefined): Column<Path>[] {
  const over = (edges: readonly Edge[], of: (edge: Edge) => number | undefined): number[] =>
    edges.map(of).filter((value) => value !== undefined);
  const slowest = ({ edges }: Path): number | undefined => {
    const known = over(edges, ({ red }) => red?.p95Seconds);
    return known.length > 0 ? Math.max(...known) : undefined;
  };
  return [
    { title: "HEALTH", align: "left", optional: 0, cell: ({ health }) => healthMark(health) },
    { title: "HOPS", align: "right", optional: 3, cell: ({ nodes }) => ({ text: String(nodes.length - 1) }) },
    {
      title: "LEAST RATE",
      align: "right",
      optional: 2,
      cell: ({ edges }) => ({ text: formatRate(Math.min(...over(edges, ({ red }) => red?.rate ?? 0))) }),
    },
    {
      title: "MOST ERRORS",
      align: "right",
      optional: 1,
      cell: ({ edges }) => ({ text: formatShare(Math.max(...over(edges, ({ red }) => red?.errorShare ?? 0))) }),
    },
    { title: "SLOWEST P95", align: "right", optional: 2, cell: (path) => ({ text: formatDuration(slowest(path)) }) },
    {
      title: "WAY",
      align: "left",
      optional: 0,
      shrinks: true,
      cell: ({ nodes }) => ({ text: nodes.map((id) => shortName(id, namespace)).join(" → ") }),
    },
  ];
}
