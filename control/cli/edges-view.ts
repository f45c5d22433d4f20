import type { Edge, Topology, Wire } from "#proto/stats.ts";
import { commonNamespace, shortName } from "./names.ts";
import { healthColumn, redColumns, redJson, sorted, type SortKey } from "./red-columns.ts";
import { healthMark, summarise } from "./style.ts";
import type { Column } from "./table.ts";
import { formatBytesRate, formatCount, formatDuration, unknown } from "./units.ts";
import { spanText, tablePage, timeText, type View } from "./view.ts";

export interface EdgesOptions {
  /** What was asked for: only edges with an end in it. */
  readonly namespace?: string | undefined;
  readonly sort: SortKey;
}

/** Every edge of the map as a line, the worst first. */
export function edgesView({ namespace, sort }: EdgesOptions): View<Topology> {
  const select = ({ edges }: Topology): Edge[] => sorted(edges, sort, edgeName);
  return {
    lines(topology, page) {
      const rows = select(topology);
      const shared = commonNamespace(rows.flatMap(({ client, server }) => [client, server]));
      const parts = [
        timeText(topology.at ?? new Date(0), new Date()),
        summarise(rows.map(({ health }) => health)),
        `${rows.length} ${rows.length === 1 ? "edge" : "edges"} over ${spanText(topology.windowSeconds)}`,
        shared ? `namespace ${shared}` : "",
      ];
      const empty = namespace
        ? `No edge touches namespace "${namespace}" yet.`
        : "No edges yet: they appear with the first request that a sidecar with the filter sees.";
      return tablePage(
        { headline: parts.filter((part) => part !== "").join("  "), columns: columnsFor(rows, shared), rows, empty },
        page,
      );
    },
    json(topology) {
      return {
        at: topology.at?.toISOString() ?? null,
        windowSeconds: topology.windowSeconds,
        edges: select(topology).map(({ client, server, protocol, health, red, ...edge }) => {
          const figures = {
            ...redJson(red),
            total: edge.total,
            active: edge.active ?? null,
            ...(protocol === "tcp" ? connectionsJson(edge) : {}),
            ...(edge.wire ? { wire: wireJson(edge.wire) } : {}),
          };
          return { client, server, protocol, health: healthMark(health).word, ...figures };
        }),
      };
    },
  };
}

function columnsFor(rows: readonly Edge[], namespace: string | undefined): Column<Edge>[] {
  const name = (title: string, id: (edge: Edge) => string): Column<Edge> => {
    return {
      title,
      align: "left",
      optional: 0,
      shrinks: true,
      cell: (edge) => ({ text: shortName(id(edge), namespace) }),
    };
  };
  const open: Column<Edge> = {
    title: "OPEN",
    align: "right",
    optional: 4,
    cell: ({ protocol, active }) => ({
      text: protocol === "tcp" ? (active === undefined ? unknown : formatCount(active)) : "",
    }),
  };
  const bytes = (title: string, rate: (edge: Edge) => number): Column<Edge> => {
    return {
      title,
      align: "right",
      optional: 3,
      cell: (edge) => ({ text: edge.protocol === "tcp" ? formatBytesRate(rate(edge)) : "" }),
    };
  };
  const connections = [
    open,
    bytes("SENT", ({ requestBytesRate }) => requestBytesRate),
    bytes("GOT", ({ responseBytesRate }) => responseBytesRate),
  ];
  return [
    healthColumn(),
    name("CLIENT", ({ client }) => client),
    name("SERVER", ({ server }) => server),
    { title: "PROTO", align: "left", optional: 5, cell: ({ protocol }) => ({ text: protocol }) },
    ...redColumns<Edge>(),
    ...(rows.some(({ protocol }) => protocol === "tcp") ? connections : []),
    ...(rows.some(({ wire }) => wire !== undefined) ? wireColumns() : []),
    { title: "TOTAL", align: "right", optional: 6, cell: ({ total }) => ({ text: formatCount(total) }) },
  ];
}

/** What taps saw of the connections below the requests. */
function wireColumns(): Column<Edge>[] {
  const count = (title: string, of: (wire: Wire) => number): Column<Edge> => {
    return { title, align: "right", optional: 8, cell: ({ wire }) => ({ text: wire ? formatCount(of(wire)) : "" }) };
  };
  return [
    count("REFUSED", ({ refused }) => refused),
    count("RESET", ({ resets }) => resets),
    count("RESENT", ({ retransmissions }) => retransmissions),
    {
      title: "HANDSHAKE",
      align: "right",
      optional: 8,
      cell: ({ wire }) => ({ text: wire ? formatDuration(wire.handshakeP50Seconds) : "" }),
    },
  ];
}

function wireJson(wire: Wire): object {
  const { refused, resets, retransmissions } = wire;
  const { handshakeP50Seconds = null, handshakeP95Seconds = null, handshakeP99Seconds = null } = wire;
  return { refused, resets, retransmissions, handshakeP50Seconds, handshakeP95Seconds, handshakeP99Seconds };
}

/** What programs are told of opaque TCP: nulls where no connection closed in the window. */
function connectionsJson(edge: Omit<Edge, "client" | "server" | "protocol" | "health" | "red">): object {
  const { requestBytesRate, responseBytesRate } = edge;
  const { lifetimeP50Seconds = null, lifetimeP95Seconds = null, lifetimeP99Seconds = null } = edge;
  const lifetimes = { lifetimeP50Seconds, lifetimeP95Seconds, lifetimeP99Seconds };
  return { requestBytesRate, responseBytesRate, ...lifetimes };
}

function edgeName({ client, server, protocol }: Edge): string {
  return `${client}>${server}/${protocol}`;
}
