/**
 * Questions about whole slots in Flux. Of many series it takes InfluxDB a fraction of what the same takes in InfluxQL, which
 * opens each field of each series by itself (docs/decisions/0083); of a few InfluxQL is quicker, having less to plan.
 *
 * Series are one group a field: there is then one table a field, and a point's tags are said in its row. `span` is absent
 * of whole slots.
 */
import { flux, fluxExpression, toFluxValue } from "@influxdata/influxdb-client";
import type { TimeRange } from "../store.ts";

/** What of whole slots is asked. */
export interface FluxQuestion {
  readonly bucket: string;
  readonly measurement: string;
  readonly stretch: TimeRange;
  readonly fields: readonly string[];
  /** What a row says of its series; others of it are left out. */
  readonly tags: readonly string[];
}

/** The points, one row each field of each. */
export function pointsFlux(question: FluxQuestion): string {
  const columns = ["_time", "_value", "_field", ...question.tags];
  return flux`${slots(question)} |> group(columns: ["_field"]) |> keep(columns: ${columns})`.toString();
}

/** One row each field and each list of tags that there is: the sum of all its points. */
export function sumsFlux(question: FluxQuestion): string {
  return flux`${slots(question)} |> group(columns: ${["_field", ...question.tags]}) |> sum()`.toString();
}

function slots({ bucket, measurement, stretch: { fromMs, toMs }, fields }: FluxQuestion) {
  const isField = fluxExpression(fields.map((field) => `r._field == ${toFluxValue(field)}`).join(" or "));
  return flux`from(bucket: ${bucket})
    |> range(start: ${new Date(Math.max(0, fromMs))}, stop: ${new Date(toMs)})
    |> filter(fn: (r) => r._measurement == ${measurement} and not exists r.span and (${isField}))`;
}
