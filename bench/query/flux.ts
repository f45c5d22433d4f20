/** The questions in Flux, of the buckets that docs/history-influxdb.md describes, as someone would ask them there. */
import { InfluxDB, flux, fluxDuration } from "@influxdata/influxdb-client";
import type { ParameterizedQuery } from "@influxdata/influxdb-client";
import type { TimeRange } from "../../control/store/store.ts";
import { keptFromMs } from "./history.ts";
import { HOUR_MS, STEP_MS, TOP } from "./questions.ts";
import type { Question } from "./questions.ts";

const MINUTE_MS = 60_000;
const TIMEOUT_MS = 120_000;

/** Reads the whole answer to a question, as the text that it comes as. Returns its length. */
export async function askFlux(
  { url, org, token }: { readonly url: string; readonly org: string; readonly token: string },
  question: Question,
): Promise<number> {
  const queries = new InfluxDB({ url, token, timeout: TIMEOUT_MS }).getQueryApi(org);
  const lines = await queries.collectLines(fluxOf(question));
  return lines.reduce((length, line) => length + line.length, 0);
}

function fluxOf(question: Question): ParameterizedQuery {
  switch (question.what) {
    case "edges":
      return flux`${from("sidelight_1m", wholeSlots(question.range, MINUTE_MS))}
        |> filter(fn: (r) => r._field == "count")
        |> group(columns: ["client", "server", "protocol", "outcome"])
        |> sum()`;
    case "endpoint": {
      const { server, method, route } = question.endpoint;
      return flux`rows = ${from("sidelight_1h", wholeSlots(question.range, HOUR_MS))}
        |> filter(fn: (r) => r.server == ${server} and r.method == ${method} and r.route == ${route})
      rows
        |> filter(fn: (r) => r._field == "count")
        |> group(columns: ["outcome"])
        |> aggregateWindow(every: ${fluxDuration(`${STEP_MS}ms`)}, fn: sum)
        |> yield(name: "requests")
      rows
        |> filter(fn: (r) => r._field == "p50_ms" or r._field == "p95_ms" or r._field == "p99_ms")
        |> group(columns: ["_field"])
        |> aggregateWindow(every: ${fluxDuration(`${STEP_MS}ms`)}, fn: max)
        |> yield(name: "latency")`;
    }
    case "grouped":
      return flux`rows = ${from("sidelight_1h", wholeSlots(question.range, HOUR_MS))}
      requests = rows |> filter(fn: (r) => r._field == "count")
      busiest = requests
        |> group(columns: ["server"])
        |> sum()
        |> group()
        |> top(n: ${TOP})
        |> findColumn(fn: (key) => true, column: "server")
      requests
        |> group(columns: ["server", "outcome"])
        |> aggregateWindow(every: ${fluxDuration(`${STEP_MS}ms`)}, fn: sum)
        |> filter(fn: (r) => contains(value: r.server, set: busiest))
        |> yield(name: "requests")
      rows
        |> filter(fn: (r) => r._field == "p50_ms" or r._field == "p95_ms" or r._field == "p99_ms")
        |> group(columns: ["server", "_field"])
        |> aggregateWindow(every: ${fluxDuration(`${STEP_MS}ms`)}, fn: max)
        |> filter(fn: (r) => contains(value: r.server, set: busiest))
        |> yield(name: "latency")`;
    case "topology": {
      const { bucket, range } = topologyPlace(question.range);
      const columns = flux`["client", "server", "protocol", "method", "route", "outcome"]`;
      return flux`rows = ${from(bucket, range)}
      rows |> filter(fn: (r) => r._field == "count") |> group(columns: ${columns}) |> sum() |> yield(name: "requests")
      rows |> filter(fn: (r) => r._field == "p95_ms") |> group(columns: ${columns}) |> max() |> yield(name: "latency")`;
    }
  }
}

/** What the servers' sidecars counted in a range. */
function from(bucket: string, { fromMs, toMs }: TimeRange): ParameterizedQuery {
  return flux`from(bucket: ${bucket})
        |> range(start: ${new Date(fromMs)}, stop: ${new Date(toMs)})
        |> filter(fn: (r) => r._measurement == "requests" and r.side == "destination")`;
}

/** The bucket that still has an instant, and the whole slots of it around the range. */
function topologyPlace(range: TimeRange): { bucket: string; range: TimeRange } {
  return range.fromMs >= keptFromMs(1)
    ? { bucket: "sidelight_10s", range: wholeSlots(range, 10_000) }
    : { bucket: "sidelight_1m", range: wholeSlots(range, MINUTE_MS) };
}

function wholeSlots({ fromMs, toMs }: TimeRange, slotMs: number): TimeRange {
  return { fromMs: Math.floor(fromMs / slotMs) * slotMs, toMs: Math.ceil(toMs / slotMs) * slotMs };
}
