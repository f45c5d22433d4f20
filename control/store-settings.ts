/** The settings that say where history is kept. */
import { z } from "zod";
import { wholeNumber } from "./setting-types.ts";
import { DEFAULT_KEPT, parseKept } from "./store/resolutions.ts";
import type { Kept } from "./store/resolutions.ts";

/** Where history is kept, and what that needs. */
export type StoreSettings = DuckDbSettings | InfluxSettings;

interface AnyEngine {
  /** How long the history keeps each resolution. */
  readonly kept: Kept;
}

export interface DuckDbSettings extends AnyEngine {
  readonly engine: "duckdb";
  readonly memoryMb: number;
  /** What it may take on disk. */
  readonly maxBytes: number;
}

export interface InfluxSettings extends AnyEngine {
  readonly engine: "influxdb";
  readonly url: string;
  readonly org: string;
  /** What the names of its buckets begin with. */
  readonly bucket: string;
  /** The token, or the file that holds it. */
  readonly token: { readonly text: string } | { readonly file: string };
}

const text = z.string().min(1);

export const token = z
  .string()
  .regex(/^[\x21-\x7e]+$/, { error: "must be a token: letters, digits and signs without spaces" });

const kept = z.string().transform((value, context): Kept => {
  try {
    return parseKept(value);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
    return z.NEVER;
  }
});

/** The variables, for the schema of the whole environment. */
export const storeEnvironment = {
  SIDELIGHT_STORE: z.enum(["duckdb", "influxdb"], { error: "must be duckdb or influxdb" }).default("duckdb"),
  SIDELIGHT_HISTORY: kept.default(DEFAULT_KEPT),
  SIDELIGHT_HISTORY_MAX_MB: wholeNumber(64, 100_000_000).default(20_480),
  SIDELIGHT_STORE_MEMORY_MB: wholeNumber(64, 1_000_000).default(192),
  SIDELIGHT_INFLUX_URL: z
    .string()
    .refine(isServerUrl, {
      error: "must be an http or https address without user, query or /api, such as http://influxdb:8086",
    })
    .optional(),
  SIDELIGHT_INFLUX_TOKEN: token.optional(),
  SIDELIGHT_INFLUX_TOKEN_FILE: text.optional(),
  SIDELIGHT_INFLUX_ORG: text.optional(),
  SIDELIGHT_INFLUX_BUCKET: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, {
      error: "must be up to 64 letters, digits, _ and -, beginning with a letter",
    })
    .default("sidelight"),
};

/** Variables whose values are never shown. */
export const SECRET: ReadonlySet<string> = new Set(["SIDELIGHT_INFLUX_TOKEN", "SIDELIGHT_SINK_TOKEN"]);

type Values = z.output<z.ZodObject<typeof storeEnvironment>>;

/** What of these does not go together, a sentence each. */
export function storeProblems(values: Values): string[] {
  if (values.SIDELIGHT_STORE !== "influxdb") return [];
  const problems: string[] = [];
  if (!values.SIDELIGHT_INFLUX_URL) {
    problems.push("SIDELIGHT_INFLUX_URL is not set; with SIDELIGHT_STORE=influxdb it must be InfluxDB's address");
  }
  if (!values.SIDELIGHT_INFLUX_ORG) {
    problems.push("SIDELIGHT_INFLUX_ORG is not set; with SIDELIGHT_STORE=influxdb it must be the organisation's name");
  }
  if (!values.SIDELIGHT_INFLUX_TOKEN === !values.SIDELIGHT_INFLUX_TOKEN_FILE) {
    problems.push(
      "one of SIDELIGHT_INFLUX_TOKEN and SIDELIGHT_INFLUX_TOKEN_FILE must be set with SIDELIGHT_STORE=influxdb",
    );
  }
  return problems;
}

/** The settings out of values that go together. */
export function storeSettings(values: Values): StoreSettings {
  const { SIDELIGHT_HISTORY: kept, SIDELIGHT_HISTORY_MAX_MB: maxMb, SIDELIGHT_STORE_MEMORY_MB: memoryMb } = values;
  if (values.SIDELIGHT_STORE !== "influxdb") return { engine: "duckdb", kept, memoryMb, maxBytes: maxMb * 2 ** 20 };
  const { SIDELIGHT_INFLUX_TOKEN: token, SIDELIGHT_INFLUX_TOKEN_FILE: file = "" } = values;
  return {
    engine: "influxdb",
    kept,
    url: values.SIDELIGHT_INFLUX_URL ?? "",
    org: values.SIDELIGHT_INFLUX_ORG ?? "",
    bucket: values.SIDELIGHT_INFLUX_BUCKET,
    token: token ? { text: token } : { file },
  };
}

/** Whether it is an http or https address with nothing in it but host, port and perhaps a path. */
export function isServerUrl(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, username, password, search, hash, pathname } = new URL(address);
  const isPlain = username + password + search + hash === "" && !pathname.includes("/api");
  return isPlain && /^https?:$/.test(protocol);
}
