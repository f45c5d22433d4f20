/** Filters as they stand in a URL. */
import type { Subject } from "../world/attributes.ts";
import { parseFilter } from "../world/filter-text.ts";
import { FilterError, Filters } from "../world/filters.ts";
import { HttpError } from "./http-errors.ts";

/** @throws HttpError 400 that names the parameter "filter", and the filter at fault */
export function parseFilters(texts: readonly string[], subject: Subject): Filters {
  const given = texts.filter((text) => text !== "");
  try {
    return Filters.of(
      given.map((text, index) => parseFilter(text, index)),
      subject,
    );
  } catch (cause) {
    if (!(cause instanceof FilterError)) throw cause;
    const which = cause.index === undefined ? "" : ` "${given[cause.index]?.slice(0, 128)}"`;
    throw new HttpError(400, `Parameter "filter"${which}: ${cause.message}`, { field: "filter", cause });
  }
}
