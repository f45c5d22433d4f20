import type { EndpointKey } from "../../routes/route-of.ts";
import type { Selection } from "../store.ts";
import { MAX_ROUTES_ASKED } from "./limits.ts";
import { quoted } from "./line.ts";
import type { Names } from "./names.ts";

const FIELDS = ["client", "server", "protocol", "method"] as const;

/** A selection as conditions in InfluxQL. Routes that have moved are asked for by all their names, as far as that goes. */
export function whereOf(selection: Selection, names: Names): string {
  const conditions = FIELDS.flatMap((field) =>
    selection[field] ? [` AND ${field} = ${quoted(selection[field])}`] : [],
  );
  if (selection.route) {
    const routes = names.routesReadAs(selection.route);
    if (routes.size <= MAX_ROUTES_ASKED) {
      conditions.push(` AND (${[...routes].map((route) => `route = ${quoted(route)}`).join(" OR ")})`);
    }
  }
  return conditions.join("");
}

/** Whether something is selected, by the route that it has by now. */
export function isSelected(selection: Selection, key: EndpointKey & { readonly client: string }): boolean {
  const isField = (field: (typeof FIELDS)[number] | "route"): boolean =>
    !selection[field] || selection[field] === key[field];
  return FIELDS.every(isField) && isField("route");
}
