/** What one question to the API may ask for; filters have their own limits (world/options.ts), series too (store/questions.ts). */
import { HttpError } from "./http-errors.ts";

/** Rows of one answer: nodes, edges or endpoints. More are had page by page, or by asking for less. */
export const MAX_ROWS = 10_000;
/** Hops of a neighbourhood. */
export const MAX_HOPS = 10;
/** Rows of all pages of an answer together. */
export const MAX_PAGED_ROWS = 50_000;

/**
 * @param size of the pages that are asked for; undefined for a whole answer
 * @throws HttpError 422 past the limit, with what to do
 */
export function bounded<Row>(
  rows: readonly Row[],
  name: string,
  { size }: { readonly size: number | undefined },
): readonly Row[] {
  const most = size === undefined ? MAX_ROWS : MAX_PAGED_ROWS;
  if (rows.length <= most) return rows;
  const [many, limit] = [rows.length, most].map((count) => count.toLocaleString("en-US"));
  const instead = size === undefined ? ", or ask page by page" : "";
  const message = `${many} ${name} are too many for one answer (limit ${limit}); narrow the question with filters, such as namespace=shop${instead}`;
  throw new HttpError(422, message);
}
