import type { ListRoutesResponse, RouteRule } from "#proto/stats.ts";
import { commonNamespace, shortName } from "./names.ts";
import type { Column } from "./table.ts";
import { formatCount } from "./units.ts";
import { tablePage, type View } from "./view.ts";

/** What says how paths become routes, in the order in which it is asked. */
export function routesView(): View<ListRoutesResponse> {
  return {
    lines({ rules, untaught }, page) {
      const shared = commonNamespace(rules.flatMap(({ server }) => (server ? [server] : [])));
      const learned = rules.filter(({ source }) => source === "learned").length;
      const parts = [
        ...[`${rules.length - learned} stated`, `${learned} learned`],
        ...[untaught > 0 ? `${untaught} untaught` : "", shared ? `namespace ${shared}` : ""],
      ];
      const empty = "No rule is stated, and nothing was learned yet: ids are told by their shape alone.";
      return tablePage(
        { headline: parts.filter((part) => part !== "").join("  "), columns: columnsFor(shared), rows: rules, empty },
        page,
      );
    },
    json: ({ rules, untaught }) => ({
      rules: rules.map(({ since, ...rule }) => ({ ...rule, since: since?.toISOString() ?? null })),
      untaught,
    }),
  };
}

function columnsFor(namespace: string | undefined): Column<RouteRule>[] {
  const server = (id: string): string => (id === "" ? "all" : shortName(id, namespace));
  const date = (since: Date | undefined): string => since?.toISOString().slice(0, 16).replace("T", " ") ?? "";
  return [
    { title: "SERVER", align: "left", optional: 0, shrinks: true, cell: (row) => ({ text: server(row.server) }) },
    { title: "RULE", align: "left", optional: 0, shrinks: true, cell: (row) => ({ text: row.rule }) },
    { title: "SOURCE", align: "left", optional: 0, cell: (row) => ({ text: row.source }) },
    { title: "SINCE (UTC)", align: "left", optional: 2, cell: (row) => ({ text: date(row.since) }) },
    {
      title: "VALUES",
      align: "right",
      optional: 1,
      cell: (row) => ({ text: row.values > 0 ? formatCount(row.values) : "" }),
    },
  ];
}
