/** The questions in PromQL. What would be one question with several answers is asked side by side. */
import { keptFromMs } from "./history.ts";
import { STEP_MS, TOP, stepsOf } from "./questions.ts";
import type { Endpoint, Question } from "./questions.ts";
import type { Victoria } from "./victoria.ts";

const PERCENTILES = ["p50_ms", "p95_ms", "p99_ms"];

/** Reads the whole answers to a question. Returns their length. */
export async function askPromQl(victoria: Victoria, question: Question): Promise<number> {
  const answers = await Promise.all(pathsOf(question).map((path) => victoria.ask(path)));
  return answers.reduce((length, text) => length + text.length, 0);
}

function pathsOf(question: Question): string[] {
  const { fromMs, toMs } = question.range;
  const steps = { start: stepsOf(question.range).firstMs + STEP_MS, end: toMs + STEP_MS, step: `${STEP_MS}ms` };
  switch (question.what) {
    case "edges":
      return [
        instant(
          `sum by (client, server, protocol, outcome) (${over("sum", "1h", { field: "count", resolution: "1m" })})`,
          toMs,
        ),
      ];
    case "endpoint": {
      const where = matching(question.endpoint);
      const { step } = steps;
      return [
        range(`sum by (outcome) (${over("sum", step, { field: "count", resolution: "1h", where })})`, steps),
        ...PERCENTILES.map((field) => range(`max(${over("max", step, { field, resolution: "1h", where })})`, steps)),
      ];
    }
    case "grouped": {
      const { step } = steps;
      const requests = (by: string): string =>
        `sum by (${by}) (${over("sum", step, { field: "count", resolution: "1h" })})`;
      const busiest = `and on (server) topk_avg(${TOP}, ${requests("server")})`;
      return [
        range(`${requests("server, outcome")} ${busiest}`, steps),
        ...PERCENTILES.map((field) => {
          const latency = `max by (server) (${over("max", step, { field, resolution: "1h" })})`;
          return range(`${latency} ${busiest}`, steps);
        }),
      ];
    }
    case "topology": {
      const by = "by (client, server, protocol, method, route, outcome)";
      const [resolution, window] = fromMs >= keptFromMs(1) ? ["10s", "30s"] : ["1m", "1m"];
      return [
        instant(`sum ${by} (${over("sum", window, { field: "count", resolution })})`, toMs),
        instant(`max ${by} (${over("max", window, { field: "p95_ms", resolution })})`, toMs),
      ];
    }
  }
}

interface Selected {
  readonly field: string;
  readonly resolution: string;
  /** Further matchers, each after a comma. */
  readonly where?: string;
}

/** What the servers' sidecars counted in a stretch of time before each instant. */
function over(fn: "sum" | "max", window: string, { field, resolution, where = "" }: Selected): string {
  return `${fn}_over_time(requests_${field}{resolution="${resolution}",side="destination"${where}}[${window}])`;
}

function matching({ server, method, route }: Endpoint): string {
  return `,server=${JSON.stringify(server)},method=${JSON.stringify(method)},route=${JSON.stringify(route)}`;
}

/** A slot's point lies at its start, and a window in PromQL has its end in it: so a moment before. */
function instant(query: string, atMs: number): string {
  return `/api/v1/query?${new URLSearchParams({ query, time: String((atMs - 1) / 1_000), nocache: "1" }).toString()}`;
}

function range(query: string, { start, end, step }: { start: number; end: number; step: string }): string {
  const times = { start: String((start - 1) / 1_000), end: String((end - 1) / 1_000), step };
  return `/api/v1/query_range?${new URLSearchParams({ query, ...times, nocache: "1" }).toString()}`;
}
