/** The questions about alerts, out of the parameters of the HTTP API. */
import { z } from "zod";
import { DEFAULT_ALERTS, labelsOf, MAX_ALERTS, OBJECT_KINDS, pastOf } from "./alert-questions.ts";
import type { AlertsQuestion, IncidentsQuestion, ObjectivesQuestion } from "./alert-questions.ts";
import { oneOf } from "./near-names.ts";
import { invalid, parseQuery, rangeFields, text, upTo } from "./queries.ts";
import type { RawQuery } from "./queries.ts";

const limitField = { limit: upTo(MAX_ALERTS).optional() };
const incidentsQuery = z.strictObject({ ...rangeFields, ...limitField });
const alertsQuery = z.strictObject({
  ...rangeFields,
  rule: text.optional(),
  label: z.string().optional(),
  ...limitField,
});
const objectivesQuery = z.strictObject({ slo: text.optional(), workload: text.optional(), ...limitField });
const objectsQuery = z.strictObject({
  kind: z.enum(["", ...OBJECT_KINDS], `must be ${oneOf(OBJECT_KINDS)}`).optional(),
});

/** @throws HttpError 400 that names the parameter at fault. The same holds for the other functions here. */
export function parseAlertsQuery(raw: RawQuery, nowMs: number): AlertsQuestion {
  const { label = [], ...once } = raw;
  const { rule = "", limit = DEFAULT_ALERTS, ...ends } = parseQuery(alertsQuery, once);
  const given = label.filter((each) => each !== "");
  return { range: pastOf(ends, nowMs, invalid), rule, labels: labelsOf(given, "label", invalid), limit };
}

export function parseIncidentsQuery(raw: RawQuery, nowMs: number): IncidentsQuestion {
  const { limit = DEFAULT_ALERTS, ...ends } = parseQuery(incidentsQuery, raw);
  return { range: pastOf(ends, nowMs, invalid), limit };
}

export function parseObjectivesQuery(raw: RawQuery): ObjectivesQuestion {
  const { slo = "", workload = "", limit = DEFAULT_ALERTS } = parseQuery(objectivesQuery, raw);
  return { slo, workload, limit };
}

/** The kind that is asked for; empty for all. */
export function parseObjectsQuery(raw: RawQuery): string {
  return parseQuery(objectsQuery, raw).kind ?? "";
}
