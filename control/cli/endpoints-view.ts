import type { Endpoint } from "#proto/stats.ts";
import { commonNamespace, shortName } from "./names.ts";
import { healthColumn, redColumns, redJson, sorted, type SortKey } from "./red-columns.ts";
import { healthMark, summarise } from "./style.ts";
import type { Column } from "./table.ts";
import { formatRate } from "./units.ts";
import { spanText, tablePage, timeText, type View } from "./view.ts";

export interface EndpointsOptions {
  /** What was asked for: only endpoints of servers in it. */
  readonly namespace?: string | undefined;
  readonly sort: SortKey;
  /** Rows at most; all, where not given. */
  readonly limit?: number | undefined;
}

/** What ListEndpoints answered, and of which window. */
export interface EndpointsData {
  /** Its end. */
  readonly at: Date;
  readonly windowSeconds: number;
  readonly endpoints: readonly Endpoint[];
}

/** Every endpoint as a line, the worst first, then the busiest. */
export function endpointsView({ namespace, sort, limit }: EndpointsOptions): View<EndpointsData> {
  const select = ({ endpoints }: EndpointsData): Endpoint[] => sorted(endpoints, sort, endpointName);
  return {
    lines(data, page) {
      const all = select(data);
      const shared = commonNamespace(all.map(({ server }) => server));
      const requests = all.filter(({ protocol }) => protocol !== "tcp");
      const parts = [
        timeText(data.at, new Date()),
        summarise(all.map(({ health }) => health)),
        `${all.length} ${all.length === 1 ? "endpoint" : "endpoints"} over ${spanText(data.windowSeconds)}`,
        `${formatRate(requests.reduce((sum, { red }) => sum + (red?.rate ?? 0), 0))} in all`,
        shared ? `namespace ${shared}` : "",
      ];
      const empty = namespace
        ? `No server in namespace "${namespace}" was asked for anything yet.`
        : "No endpoints yet: they appear with the first request that a sidecar with the filter sees.";
      const rows = all.slice(0, limit);
      return tablePage(
        { headline: parts.filter((part) => part !== "").join("  "), columns: columnsFor(shared), rows, empty },
        page,
      );
    },
    json(data) {
      return {
        at: data.at.toISOString(),
        windowSeconds: data.windowSeconds,
        endpoints: select(data)
          .slice(0, limit)
          .map(({ server, protocol, method, route, health, red }) => {
            return { server, protocol, method, route, health: healthMark(health).word, ...redJson(red) };
          }),
      };
    },
  };
}

function columnsFor(namespace: string | undefined): Column<Endpoint>[] {
  const server = ({ server }: Endpoint): { text: string } => ({ text: shortName(server, namespace) });
  return [
    healthColumn(),
    { title: "SERVER", align: "left", optional: 0, shrinks: true, cell: server },
    { title: "ENDPOINT", align: "left", optional: 0, shrinks: true, cell: (row) => ({ text: endpointText(row) }) },
    ...redColumns<Endpoint>(),
  ];
}

/** An endpoint of opaque TCP has neither method nor route: what is counted there are connections. */
function endpointText({ protocol, method, route }: Endpoint): string {
  return `${method} ${route}`.trim() || `${protocol} connections`;
}

function endpointName({ server, method, route, protocol }: Endpoint): string {
  return `${server} ${route} ${method} ${protocol}`;
}
