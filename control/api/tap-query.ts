import { z } from "zod";
import { flag, parseQuery, type RawQuery } from "./queries.ts";
import { parseStatus } from "./status-range.ts";
import type { TapWish } from "./tap-question.ts";

const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/, "must be a whole number")
  .transform(Number);
const status = z
  .string()
  .refine((text) => parseStatus(text) !== undefined, "looks like 404, 5xx or 500-504")
  .transform(parseStatus);

const tapQuery = z.strictObject({
  workload: z.string("must be given, such as shop/orders"),
  seconds: wholeNumber.optional(),
  rate: wholeNumber.optional(),
  side: z.string().optional(),
  method: z.string().optional(),
  path: z.string().optional(),
  failed: flag.optional(),
  minMs: wholeNumber.optional(),
  status: status.optional(),
});

/**
 * The parameters of `/api/v1/tap`; an empty one means the same as none.
 * @throws HttpError 400 that names the parameter at fault
 */
export function parseTapQuery(raw: RawQuery): TapWish {
  const isGiven = ([, values]: [string, string[]]): boolean => values.some((value) => value !== "");
  return parseQuery(tapQuery, Object.fromEntries(Object.entries(raw).filter(isGiven)));
}
