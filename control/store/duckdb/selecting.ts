import type { Selection } from "../store.ts";
import type { Parameters } from "./session.ts";

const SELECTABLE = ["client", "server", "protocol", "method", "route"] as const;

/** The fields that are given, as SQL over a table that has them; their values go as parameters. */
export function whereOf(
  selection: Selection,
  table: "keys" | "shown" = "shown",
): { where: string; parameters: Parameters } {
  const given = SELECTABLE.filter((field) => selection[field] !== undefined && selection[field] !== "");
  const where = given.map((field) => `${table}.${field} = $${field}`).join(" AND ");
  const parameters = Object.fromEntries(given.map((field) => [field, selection[field] ?? ""]));
  return { where: where === "" ? "true" : where, parameters };
}
