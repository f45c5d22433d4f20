/** `kind: SLO`: what share of requests is to be good over a rolling window. Alerts follow from it. */
import { z } from "zod";
import type { BurnRule } from "../rule.ts";
import { BURN_NAMES, changedSpans } from "./burn-windows.ts";
import type { BurnChange, BurnChanges } from "./burn-windows.ts";
import { groupBy, where } from "./conditions.ts";
import { fields, formOf, readBy, word } from "./fields.ts";
import type { Kind } from "./kind.ts";
import { count, duration, pause, severity, text, webAddress } from "./parts.ts";
import { durationText, parseObjective } from "./quantities.ts";

const DAY_MS = 86_400_000;

const underTime = duration({ least: 1, most: 3_600_000, like: "300ms" });
const latency = fields({ latency: fields({ under: underTime }) }).transform(
  ({ latency: { under } }): BurnRule["indicator"] => ({ kind: "latency", overMs: under }),
);
const named = word(["availability", "connect"]).transform((name): BurnRule["indicator"] => ({
  kind: name === "connect" ? "connectFailures" : "errors",
}));
const HOW = "{ latency: { under: 300ms } }";
const neither = z.unknown().transform((given, context): BurnRule["indicator"] => {
  const message =
    given === "latency"
      ? `latency needs a limit; write ${HOW}`
      : `must be availability, connect, or how long a request may take, such as ${HOW}`;
  context.issues.push({ code: "custom", message, input: given });
  return z.NEVER;
});
export const indicator = formOf<BurnRule["indicator"]>((given) => {
  if (typeof given === "object" && given !== null) return latency;
  return typeof given === "string" && given !== "latency" ? named : neither;
});

const off = z.literal(["off", false]).transform((): "off" => "off");
const isOff = (given: unknown): boolean => given === "off" || given === false;
const change: z.ZodType<BurnChange> = fields({
  severity: severity.optional(),
  burnRate: z.number({ error: "must be a number, such as 14.4" }).positive("must be above 0").optional(),
  long: duration({ least: 60_000, most: 30 * DAY_MS, like: "1h" }).optional(),
  short: duration({ least: 60_000, most: 30 * DAY_MS, like: "5m" }).optional(),
});
const changeOrOff = formOf<BurnChange | "off">((given) => (isOff(given) ? off : change));
const changes: z.ZodType<BurnChanges> = fields({
  fast: changeOrOff.optional(),
  medium: changeOrOff.optional(),
  slow: changeOrOff.optional(),
}).superRefine((given, context) => {
  for (const name of BURN_NAMES) {
    const { [name]: changed = {} } = given;
    if (changed === "off") continue;
    const { longMs, shortMs } = changedSpans(name, changed);
    if (shortMs < longMs) continue;
    const message = `must have a short window shorter than its long one; they are ${durationText(shortMs)} and ${durationText(longMs)}`;
    context.addIssue({ code: "custom", path: [name], message });
  }
});

const sloSpec = fields({
  description: text.optional(),
  runbook: webAddress.optional(),
  where: where.optional(),
  groupBy: groupBy.optional(),
  indicator,
  objective: readBy(parseObjective, "99.9"),
  window: duration({ least: 7 * DAY_MS, most: 90 * DAY_MS, like: "30d" }).optional(),
  minRequests: count.optional(),
  alerts: formOf<BurnChanges | "off">((given) => (isOff(given) ? off : changes)).optional(),
  for: pause.optional(),
  keep: pause.optional(),
});

export type SloSpec = z.infer<typeof sloSpec>;

export const SLO: Kind<SloSpec> = { name: "SLO", family: "rule", spec: sloSpec };
