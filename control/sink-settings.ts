/** The settings of a sink: a server that takes InfluxDB's line protocol and gets what history gets, in numbers. */
import { z } from "zod";
import { isServerUrl, token } from "./store-settings.ts";

export interface SinkSettings {
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
  /** The token, the file that holds it, or none. */
  readonly token: { readonly text: string } | { readonly file: string } | undefined;
  /** Length of a slot. */
  readonly stepMs: number;
}

const STEPS_MS = { "10s": 10_000, "1m": 60_000 } as const;

const text = z.string().min(1);

/** The variables, for the schema of the whole environment. */
export const sinkEnvironment = {
  SIDELIGHT_SINK_URL: z
    .string()
    .refine((address) => isServerUrl(address), {
      error: "must be an http or https address without user, query or /api, such as http://victoria-metrics:8428",
    })
    .optional(),
  SIDELIGHT_SINK_TOKEN: token.optional(),
  SIDELIGHT_SINK_TOKEN_FILE: text.optional(),
  SIDELIGHT_SINK_ORG: text.default("sidelight"),
  SIDELIGHT_SINK_BUCKET: text.default("sidelight"),
  SIDELIGHT_SINK_STEP: z.enum(["10s", "1m"], { error: "must be 10s or 1m" }).default("1m"),
};

type Values = z.output<z.ZodObject<typeof sinkEnvironment>>;

/** What of these does not go together, a sentence each. */
export function sinkProblems(values: Values): string[] {
  const isTwice = values.SIDELIGHT_SINK_TOKEN && values.SIDELIGHT_SINK_TOKEN_FILE;
  return isTwice ? ["only one of SIDELIGHT_SINK_TOKEN and SIDELIGHT_SINK_TOKEN_FILE may be set"] : [];
}

/** Undefined where there is no sink. */
export function sinkSettings(values: Values): SinkSettings | undefined {
  const { SIDELIGHT_SINK_URL: url, SIDELIGHT_SINK_TOKEN: given, SIDELIGHT_SINK_TOKEN_FILE: file } = values;
  if (!url) return undefined;
  return {
    url,
    org: values.SIDELIGHT_SINK_ORG,
    bucket: values.SIDELIGHT_SINK_BUCKET,
    token: given ? { text: given } : file ? { file } : undefined,
    stepMs: STEPS_MS[values.SIDELIGHT_SINK_STEP],
  };
}
