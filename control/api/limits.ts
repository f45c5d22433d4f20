/** What one question to the API may ask for; filters have their own limits (world/options.ts), series too (store/questions.ts). */
import { HttpError } from "./http-errors.ts";

/** Rows of one answer: nodes, edges or endpoints. More are had page by page, or by asking for less. */
export const MAX_ROWS = 10_000;

/** @throws HttpError 422 past the limit, with what to do */
export function bounded<Row>(rows: readonly Row[], name: string): readonly Row[] {
  if (rows.length <= MAX_ROWS) return rows;
  const most = MAX_ROWS.toLocaleString("en-US");
  throw new HttpError(
    422,
    `${rows.length.toLocaleString("en-US")} ${name} are too many for one answer (limit ${most}); narrow the question with filters, such as namespace=shop`,
  );
}
