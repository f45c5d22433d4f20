/** Fields that specs of several kinds have. */
import { z } from "zod";
import { SEVERITIES, WINDOWS_MS } from "../rule.ts";
import { readBy, word } from "./fields.ts";
import { MAX_TEXT_LENGTH } from "./limits.ts";
import { durationText, parseDuration } from "./quantities.ts";

export const severity = word(SEVERITIES);

export const text = z
  .string({ error: ({ input }) => (input === undefined ? "must be there" : "must be a text") })
  .max(MAX_TEXT_LENGTH, `must be ${MAX_TEXT_LENGTH} characters long at most`);

export const webAddress = text.refine((given) => URL.canParse(given) && /^https?:$/.test(new URL(given).protocol), {
  error: "must be an http or https address, such as https://wiki.example/user-is-down",
});

/** From nothing to a week. */
export const pause = duration({ least: 0, most: 7 * 86_400_000, like: "2m" });

/** Of threshold and baseline rules. */
export const ruleWindow = readBy((given) => {
  const ms = parseDuration(given);
  if (WINDOWS_MS.includes(ms)) return ms;
  throw new Error(`must be one of ${WINDOWS_MS.map(durationText).join(", ")}, not ${given}`);
}, "5m");

export const count = z
  .int({ error: "must be a whole number, such as 20" })
  .min(0, "must be 0 or more")
  .max(1_000_000_000, "must be 1000000000 or less");

export const factor = z
  .number({ error: "must be a number, such as 3" })
  .gt(1, "must be above 1")
  .max(1_000_000, "must be 1000000 or less");

/** @param most milliseconds, as `least` */
export function duration({ least, most, like }: { least: number; most: number; like: string }): z.ZodType<number> {
  return readBy((given) => {
    const ms = given === "0" ? 0 : parseDuration(given);
    if (ms >= least && ms <= most) return ms;
    throw new Error(`must be from ${durationText(least)} to ${durationText(most)}, not ${given}`);
  }, like);
}
