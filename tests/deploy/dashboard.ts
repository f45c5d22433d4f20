/** The dashboards of deploy/grafana as Grafana reads them: every question they ask, with its variables put in. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../provision/build.ts";

export const DASHBOARDS = ["sidelight-influxdb.json", "sidelight-prometheus.json"] as const;

export interface DataSource {
  readonly type: string;
  readonly uid: string;
}

export interface Target {
  readonly refId: string;
  readonly datasource: DataSource;
  /** PromQL. */
  readonly expr?: string;
  /** Flux. */
  readonly query?: string;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: DataSource;
  /** The least that lies between two points, where it is not the data source's. */
  readonly interval?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly query: string | { readonly query: string };
  readonly datasource?: DataSource;
}

export interface Dashboard {
  readonly id: null;
  readonly uid: string;
  readonly schemaVersion: number;
  readonly tags: readonly string[];
  readonly refresh: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly templating: { readonly list: readonly Variable[] };
  readonly panels: readonly Panel[];
}

/** What a panel or a variable asks. */
export interface Question {
  /** "Requests, by service A", "$namespace". */
  readonly name: string;
  readonly text: string;
  /** Of a panel: the least that lies between two points. */
  readonly interval?: string;
}

export function textOf(file: string): string {
  return readFileSync(join(projectRoot, "deploy/grafana", file), "utf8");
}

export function readDashboard(file: string): Dashboard {
  return JSON.parse(textOf(file)) as Dashboard;
}

export function questionsOfPanels({ panels }: Dashboard): Question[] {
  return panels.flatMap(({ title, targets = [], interval = "" }) =>
    targets.map(({ refId, expr, query }) => ({ name: `${title} ${refId}`, text: expr ?? query ?? "", interval })),
  );
}

/** Those of variables that a data source is asked for. */
export function questionsOfVariables({ templating }: Dashboard): Question[] {
  return templating.list
    .filter(({ type }) => type === "query")
    .map(({ name, query }) => ({ name: `$${name}`, text: typeof query === "string" ? query : query.query }));
}

/** The text with `${name}`, `$name` or, as in Flux, `v.name` replaced. Throws where one is left that nobody knows. */
export function putIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)\}|\$(\w+)|\b(v\.[a-zA-Z]+)\b/g, (_, ...names: (string | undefined)[]) => {
    const name = names.slice(0, 3).find((one) => one !== undefined)!;
    const value = values[name];
    if (value === undefined) throw new Error(`No value for the variable ${name} of: ${text}`);
    return value;
  });
}
