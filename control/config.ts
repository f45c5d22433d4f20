import { z } from "zod";
import { DEFAULT_METRICS_EDGES } from "./api/metrics-page.ts";
import { filterEnvironment, filterSettings } from "./filter-settings.ts";
import type { FilterSettings } from "./filter-settings.ts";
import type { KubernetesSettings } from "./kubernetes/credentials.ts";
import { observeEnvironment, observeProblems, observeSettings } from "./observe-settings.ts";
import type { ObserveSettings } from "./observe-settings.ts";
import { wholeNumber } from "./setting-types.ts";
import { sinkEnvironment, sinkProblems, sinkSettings } from "./sink-settings.ts";
import type { SinkSettings } from "./sink-settings.ts";
import { SECRET, storeEnvironment, storeProblems, storeSettings } from "./store-settings.ts";
import type { StoreSettings } from "./store-settings.ts";
import { editDistance } from "./world/edit-distance.ts";

/** Where a server listens. Port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Control's settings, out of its environment. docs/settings.md says what each means. */
export interface Config {
  readonly grpcListen: ListenAddress;
  readonly httpListen: ListenAddress;
  readonly dataDir: string;
  /** The inventory file; undefined for none. */
  readonly inventory: string | undefined;
  /** Whether and how the API of a cluster is asked for the inventory. */
  readonly kubernetes: KubernetesSettings;
  /** The file of route rules; undefined for none. */
  readonly routes: string | undefined;
  /** The folder of OpenAPI documents; undefined for none. */
  readonly openApiDir: string | undefined;
  /** The folder of SLOs, alerts, receivers and so on; undefined for none. */
  readonly alertsDir: string | undefined;
  /** Under which address people reach the UI, without a slash at its end; undefined where nobody said. */
  readonly publicUrl: string | undefined;
  readonly uiDir: string;
  readonly filter: FilterSettings;
  /** How control writes what a mesh needs for what is annotated; undefined where it does not. */
  readonly observe: ObserveSettings | undefined;
  readonly logLevel: LogLevel;
  readonly inboxMaxBytes: number;
  readonly store: StoreSettings;
  /** What gets the traffic's numbers beside history; undefined for none. */
  readonly sink: SinkSettings | undefined;
  readonly maxEndpoints: number;
  readonly reportIntervalMs: number;
  /** Edges that get series of their own in /metrics at most; 0 for none. */
  readonly metricsEdges: number;
  /** Whether slow and failed requests are kept by name. */
  readonly exemplars: boolean;
  /** Whether live requests may be asked for. */
  readonly tap: boolean;
  /** The page of a trace, "{traceId}" standing for its id; undefined for none. */
  readonly traceUrl: string | undefined;
}

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const path = z.string().min(1);

const listen = z
  .string()
  .refine((text) => parseListen(text) !== undefined, {
    error: "must be HOST:PORT, such as 127.0.0.1:9400, [::1]:9400 or 0.0.0.0:0",
  })
  .transform((text): ListenAddress => parseListen(text) ?? { host: "", port: 0 });

const onOff = z.enum(["on", "off"], { error: "must be on or off" });

const traceUrl = z.string().refine((text) => isTraceUrl(text), {
  error:
    "must be an http or https address with {traceId} where the id goes, such as https://tempo.example/trace/{traceId}",
});

const publicUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    error: "must be an http or https address, such as https://sidelight.example",
  })
  .transform((text) => text.replace(/\/+$/, ""));

/** One field a variable; the name of each is SIDELIGHT_ and the key. */
const environment = z.object({
  SIDELIGHT_GRPC_LISTEN: listen.default({ host: "127.0.0.1", port: 9400 }),
  SIDELIGHT_HTTP_LISTEN: listen.default({ host: "127.0.0.1", port: 9480 }),
  SIDELIGHT_DATA_DIR: path.default("./data"),
  SIDELIGHT_INVENTORY: path.optional(),
  SIDELIGHT_KUBERNETES: z.enum(["auto", "on", "off"], { error: "must be auto, on or off" }).default("auto"),
  SIDELIGHT_KUBECONFIG: path.optional(),
  SIDELIGHT_ROUTES: path.optional(),
  SIDELIGHT_OPENAPI_DIR: path.optional(),
  SIDELIGHT_ALERTS_DIR: path.optional(),
  SIDELIGHT_PUBLIC_URL: publicUrl.optional(),
  SIDELIGHT_UI_DIR: path.default("build/ui"),
  ...filterEnvironment,
  ...observeEnvironment,
  SIDELIGHT_LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(", ")}` }).default("info"),
  SIDELIGHT_INBOX_MAX_MB: wholeNumber(16, 1_000_000).default(1_024),
  ...storeEnvironment,
  ...sinkEnvironment,
  SIDELIGHT_MAX_ENDPOINTS: wholeNumber(1, 1_000).default(200),
  SIDELIGHT_REPORT_INTERVAL_MS: wholeNumber(100, 60_000).default(1_000),
  SIDELIGHT_METRICS_EDGES: wholeNumber(0, 5_000).default(DEFAULT_METRICS_EDGES),
  SIDELIGHT_EXEMPLARS: onOff.default("on"),
  SIDELIGHT_TAP: onOff.optional(),
  SIDELIGHT_TRACE_URL: traceUrl.optional(),
});

/** Variables of the same prefix that other parts of Sidelight read. */
const OF_OTHER_PARTS = ["SIDELIGHT_API", "SIDELIGHT_CACHE", "SIDELIGHT_SERVER", "SIDELIGHT_TEST_VERBOSE"];
/** What Kubernetes puts into every pod beside a Service called "sidelight" or "sidelight-...". */
const OF_KUBERNETES = /^SIDELIGHT_([A-Z0-9]+_)*(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\d+_(TCP|UDP|SCTP)(_.*)?)?)$/;

/** The configuration, and what looks like a mistake without being one for sure. */
export interface ConfigReading {
  readonly config: Config;
  readonly warnings: readonly string[];
}

/**
 * Reads the settings out of an environment. A variable that is set to nothing counts as not set.
 *
 * Throws one error that names every variable with a wrong value, what was given, and what it must be.
 */
export function readConfig(env: NodeJS.ProcessEnv): ConfigReading {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const result = environment.safeParse(given);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return SECRET.has(name) ? `${name} ${issue.message}` : `${name} is "${given[name]}"; it ${issue.message}`;
    });
    throw unusable(problems);
  }
  const values = result.data;
  const filter = filterSettings(values);
  const filtering = { kubernetes: values.SIDELIGHT_KUBERNETES, filter: filter.url };
  const problems = [...storeProblems(values), ...sinkProblems(values), ...observeProblems(values, filtering)];
  if (problems.length > 0) throw unusable(problems);
  const config: Config = Object.freeze({
    grpcListen: values.SIDELIGHT_GRPC_LISTEN,
    httpListen: values.SIDELIGHT_HTTP_LISTEN,
    dataDir: values.SIDELIGHT_DATA_DIR,
    inventory: values.SIDELIGHT_INVENTORY,
    kubernetes: { mode: values.SIDELIGHT_KUBERNETES, kubeconfig: values.SIDELIGHT_KUBECONFIG },
    routes: values.SIDELIGHT_ROUTES,
    openApiDir: values.SIDELIGHT_OPENAPI_DIR,
    alertsDir: values.SIDELIGHT_ALERTS_DIR,
    publicUrl: values.SIDELIGHT_PUBLIC_URL,
    uiDir: values.SIDELIGHT_UI_DIR,
    filter,
    observe: observeSettings(values),
    logLevel: values.SIDELIGHT_LOG_LEVEL,
    inboxMaxBytes: values.SIDELIGHT_INBOX_MAX_MB * 1024 * 1024,
    store: storeSettings(values),
    sink: sinkSettings(values),
    maxEndpoints: values.SIDELIGHT_MAX_ENDPOINTS,
    reportIntervalMs: values.SIDELIGHT_REPORT_INTERVAL_MS,
    metricsEdges: values.SIDELIGHT_METRICS_EDGES,
    exemplars: values.SIDELIGHT_EXEMPLARS === "on",
    tap: (values.SIDELIGHT_TAP ?? values.SIDELIGHT_EXEMPLARS) === "on",
    traceUrl: values.SIDELIGHT_TRACE_URL,
  });
  return { config, warnings: unknownVariables(given).map(describeUnknown) };
}

function unusable(problems: readonly string[]): Error {
  return new Error(`The settings cannot be used: ${problems.join("; ")}. docs/settings.md lists them all`);
}

function unknownVariables(given: Readonly<Record<string, unknown>>): string[] {
  const known = new Set([...Object.keys(environment.shape), ...OF_OTHER_PARTS]);
  return Object.keys(given).filter(
    (name) => name.startsWith("SIDELIGHT_") && !known.has(name) && !OF_KUBERNETES.test(name),
  );
}

function describeUnknown(name: string): string {
  const [nearest] = Object.keys(environment.shape)
    .map((known) => ({ known, distance: editDistance(name, known) }))
    .sort((a, b) => a.distance - b.distance);
  const isNear = nearest !== undefined && nearest.distance <= 4;
  const hint = isNear ? `did you mean ${nearest.known}?` : "docs/settings.md lists those there are";
  return `There is no setting ${name}, so it has no effect; ${hint}`;
}

function isTraceUrl(text: string): boolean {
  return text.includes("{traceId}") && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function parseListen(text: string): ListenAddress | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host && port <= 65_535 ? { host, port } : undefined;
}
