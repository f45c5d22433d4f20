/** The query parameters of the HTTP API: what is allowed, what is meant when one is left out. */
import { z } from "zod";
import { PROTOCOLS } from "../identity/observation.ts";
import { MAX_EXEMPLARS } from "../store/questions.ts";
import type { Selection, TimeRange } from "../store/store.ts";
import { HttpError } from "./http-errors.ts";
import { MAX_ROWS } from "./limits.ts";
import type { OptedInQuestion } from "./opted-in.ts";
import type { PageWish } from "./pages.ts";

/** Longest name, route or method that is looked for; nothing longer is ever stored. */
export const MAX_TEXT_LENGTH = 512;
/** The range that is meant when none is given. */
export const DEFAULT_SPAN_MS = 15 * 60_000;
/** Requests by name that are listed when no limit is given. */
export const DEFAULT_EXEMPLARS = 50;
/** The window of a past snapshot when none is given: as long as that of the live one. Seconds. */
export const DEFAULT_WINDOW_SECONDS = 30;
/** Longest window of a past snapshot: 31 days, in seconds. */
export const MAX_WINDOW_SECONDS = 31 * 86_400;
/** The last millisecond that a date can name (ECMA-262, 21.4.1.1). */
export const MAX_TIME_MS = 8.64e15;

/** An empty value means the same as none: it matches everything. */
export const text = z
  .string()
  .max(MAX_TEXT_LENGTH, `must not be longer than ${MAX_TEXT_LENGTH} characters`)
  .transform((value) => (value === "" ? undefined : value));
const milliseconds = z
  .string()
  .regex(/^\d{1,16}$/, "must be whole milliseconds since the epoch, like 1767225600000")
  .transform(Number)
  .refine((value) => value <= MAX_TIME_MS, "lies beyond what a date can name");
const protocol = z.enum(PROTOCOLS, `must be one of ${PROTOCOLS.join(", ")}`);

export const flag = z.enum(["true", "false"], "must be true or false").transform((word) => word === "true");

/** A whole number from 1 to `most`. */
export const upTo = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= 1 && value <= most, `must be from 1 to ${most}`);

export const rangeFields = { from: milliseconds.optional(), to: milliseconds.optional() };
export const selectionFields = {
  client: text.optional(),
  server: text.optional(),
  protocol: protocol.optional(),
  method: text.optional(),
  route: text.optional(),
};
const exemplarsQuery = z.strictObject({ ...selectionFields, ...rangeFields, limit: upTo(MAX_EXEMPLARS).optional() });
const totalsQuery = z.strictObject(rangeFields);
const windowSeconds = z
  .string()
  .regex(/^\d{1,9}$/, "must be whole seconds, like 30")
  .transform(Number)
  .refine(
    (value) => value >= 1 && value <= MAX_WINDOW_SECONDS,
    `must be from 1 to ${MAX_WINDOW_SECONDS} seconds, which are 31 days`,
  );
export const pageFields = { pageSize: upTo(MAX_ROWS).optional(), pageToken: z.string().optional() };
export const instantFields = { at: milliseconds.optional(), window: windowSeconds.optional() };
const snapshotQuery = z.strictObject(instantFields);
const routesQuery = z.strictObject({ server: text.optional() });
const optedInQuery = z.strictObject({ namespace: text.optional(), all: flag.optional() });
const noQuery = z.strictObject({});

/** Parameters as they stand in the URL; each may have been given more than once. */
export type RawQuery = Readonly<Record<string, string[]>>;

export interface ExemplarsQuery {
  readonly selection: Selection;
  readonly range: TimeRange;
  readonly limit: number;
}

/** @throws HttpError 400 that names the parameter at fault. The same holds for the other functions here. */
export function parseExemplarsQuery(raw: RawQuery, nowMs: number): ExemplarsQuery {
  const { from, to, limit: given = DEFAULT_EXEMPLARS, ...selection } = parseQuery(exemplarsQuery, raw);
  return { selection: withoutUndefined(selection), range: toRange(from, to, nowMs), limit: given };
}

export function parseTotalsQuery(raw: RawQuery, nowMs: number): TimeRange {
  const { from, to } = parseQuery(totalsQuery, raw);
  return toRange(from, to, nowMs);
}

/** The past range that a snapshot is asked of; undefined for now. */
export function parseSnapshotQuery(raw: RawQuery, nowMs: number): TimeRange | undefined {
  const { at, window } = parseQuery(snapshotQuery, raw);
  return toPast(at, window, nowMs);
}

export function parseRoutesQuery(raw: RawQuery): { readonly server?: string | undefined } {
  return parseQuery(routesQuery, raw);
}

export function parseOptedInQuery(raw: RawQuery): OptedInQuestion {
  const { namespace = "", all: tellsAll = false } = parseQuery(optedInQuery, raw);
  return { namespace, tellsAll };
}

/** For routes that take no parameters: a misspelt filter must not look as if it had been obeyed. */
export function parseNoQuery(raw: RawQuery): void {
  parseQuery(noQuery, raw);
}

/** Checks the parameters of a route against its schema, each given once at most. */
export function parseQuery<Schema extends z.ZodObject>(schema: Schema, raw: RawQuery): z.output<Schema> {
  for (const [field, values] of Object.entries(raw)) {
    if (values.length > 1) throw invalid(field, `was given ${values.length} times; give it once`);
  }
  const result = schema.safeParse(Object.fromEntries(Object.entries(raw).map(([field, [value]]) => [field, value])));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue?.code === "unrecognized_keys") {
    const known = Object.keys(schema.shape);
    const hint = known.length > 0 ? `there are ${known.join(", ")}` : "this route takes none";
    throw invalid(issue.keys[0] ?? "", `is not a parameter here; ${hint}`);
  }
  throw invalid(String(issue?.path[0] ?? ""), issue?.message ?? "is not valid");
}

/** The range that is meant; the last quarter of an hour, where nothing is said. */
export function toRange(from: number | undefined, to: number | undefined, nowMs: number): TimeRange {
  const toMs = to ?? Math.max(nowMs, from ?? 0);
  const fromMs = from ?? Math.max(0, toMs - DEFAULT_SPAN_MS);
  if (fromMs >= toMs) throw invalid("from", `must lie before "to" (${fromMs} is not before ${toMs})`);
  return { fromMs, toMs };
}

/** What `pageFields` say of pages. */
export function toPage({
  pageSize,
  pageToken,
}: {
  pageSize?: number | undefined;
  pageToken?: string | undefined;
}): PageWish {
  return { size: pageSize, token: pageToken || undefined, tokenField: "pageToken" };
}

/** A window that ends at an instant, at a whole second as live ones do; undefined for now. */
export function toPast(at: number | undefined, window: number | undefined, nowMs: number): TimeRange | undefined {
  if (at === undefined) {
    if (window !== undefined) throw invalid("window", `is for the past: give "at" too, the instant it ends at`);
    return undefined;
  }
  if (at > nowMs) throw invalid("at", "lies in the future by control's clock; leave it out for now");
  const toMs = Math.floor(at / 1000) * 1000;
  if (toMs === 0) throw invalid("at", "lies before everything; a time is milliseconds since the epoch");
  return { fromMs: Math.max(0, toMs - (window ?? DEFAULT_WINDOW_SECONDS) * 1000), toMs };
}

/** A selection of what was given. */
export function withoutUndefined(selection: { [Key in keyof Selection]: Selection[Key] | undefined }): Selection {
  return Object.fromEntries(Object.entries(selection).filter(([, value]) => value !== undefined));
}

/** That a parameter is wrong. */
export function invalid(field: string, why: string): HttpError {
  return new HttpError(400, `Parameter "${field.slice(0, 64)}" ${why}`, { field: field.slice(0, 64) });
}
