/** What is asked of alerts, out of the parameters and bodies of the HTTP API. */
import { z } from "zod";
import {
  backtestRangeOf,
  DEFAULT_ALERTS,
  labelsOf,
  MAX_ALERTS,
  MAX_SETTLED,
  OBJECT_KINDS,
  pastOf,
} from "./alert-questions.ts";
import type {
  AlertsQuestion,
  IncidentsQuestion,
  ObjectivesQuestion,
  OpenQuestion,
  WantedLabel,
} from "./alert-questions.ts";
import type { BacktestQuestion } from "./alert-source.ts";
import { wrongField } from "./json-body.ts";
import { oneOf } from "./near-names.ts";
import { invalid, MAX_TEXT_LENGTH, MAX_TIME_MS, parseQuery, rangeFields, text, upTo } from "./queries.ts";
import type { RawQuery } from "./queries.ts";

const limitField = { limit: upTo(MAX_ALERTS).optional() };
const incidentsQuery = z.strictObject({ ...rangeFields, ...limitField });
const openFields = { rule: text.optional(), label: z.string().optional(), ...limitField };
const alertsQuery = z.strictObject({ ...rangeFields, ...openFields });
const openQuery = z.strictObject(openFields);
const objectivesQuery = z.strictObject({ slo: text.optional(), workload: text.optional(), ...limitField });
const objectsQuery = z.strictObject({
  kind: z.enum(["", ...OBJECT_KINDS], `must be ${oneOf(OBJECT_KINDS)}`).optional(),
});

const instant = z
  .int("must be whole milliseconds since the epoch, like 1767225600000")
  .min(0, "lies before everything")
  .max(MAX_TIME_MS, "lies beyond what a date can name");
const flag = z.boolean("must be true or false");

/** Bodies; see `readBody`. */
export const applyBody = z.strictObject({ yaml: z.string("must be the text of the objects"), dryRun: flag.optional() });
export const backtestBody = z.strictObject({
  yaml: z.string("must be the text of the objects").optional(),
  name: z.string("must be the name of a rule").max(MAX_TEXT_LENGTH, "is too long for a name").optional(),
  from: instant.optional(),
  to: instant.optional(),
});
export const testBody = z.strictObject({});
export const settleBody = z.strictObject({
  ids: z
    .array(z.string("must be the id of a notification"), "must be a list of ids")
    .max(MAX_SETTLED, `must be ${MAX_SETTLED} at most`)
    .optional(),
  drop: flag.optional(),
});

/** @throws HttpError 400 that names the parameter at fault. The same holds for the other functions here. */
export function parseAlertsQuery(raw: RawQuery, nowMs: number): AlertsQuestion {
  const { label = [], ...once } = raw;
  const { rule = "", limit = DEFAULT_ALERTS, ...ends } = parseQuery(alertsQuery, once);
  return { range: pastOf(ends, nowMs, invalid), rule, labels: toLabels(label), limit };
}

export function parseOpenQuery({ label = [], ...once }: RawQuery): OpenQuestion {
  const { rule = "", limit = Infinity } = parseQuery(openQuery, once);
  return { rule, labels: toLabels(label), limit };
}

export function parseIncidentsQuery(raw: RawQuery, nowMs: number): IncidentsQuestion {
  const { limit = DEFAULT_ALERTS, ...ends } = parseQuery(incidentsQuery, raw);
  return { range: pastOf(ends, nowMs, invalid), limit };
}

export function parseObjectivesQuery(raw: RawQuery): ObjectivesQuestion {
  const { slo = "", workload = "", limit = DEFAULT_ALERTS } = parseQuery(objectivesQuery, raw);
  return { slo, workload, limit };
}

/** The question out of a body. @throws HttpError 400 that names the field at fault */
export function toBacktest(
  { yaml = "", name = "", ...ends }: z.output<typeof backtestBody>,
  nowMs: number,
): BacktestQuestion {
  return { yaml, name, range: backtestRangeOf(ends, nowMs, wrongField) };
}

/** @throws HttpError 400 for a kind that there is not */
export function requireKind(kind: string): void {
  if (!OBJECT_KINDS.some((known) => known === kind)) throw invalid("kind", `must be ${oneOf(OBJECT_KINDS)}`);
}

/** The kind that is asked for; empty for all. */
export function parseObjectsQuery(raw: RawQuery): string {
  return parseQuery(objectsQuery, raw).kind ?? "";
}

/** The parameter that may be given more than once. */
function toLabels(given: readonly string[]): WantedLabel[] {
  return labelsOf(
    given.filter((each) => each !== ""),
    "label",
    invalid,
  );
}
