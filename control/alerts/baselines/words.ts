/** How it reads that something is not as usual. */
import { duration, latency, percent, rate, subjectOf } from "../judging/words.ts";
import { dayName, timeName } from "./hours.ts";
import { LEAST_REQUESTS } from "./learner.ts";
import type { LearnedIndicator, Learning } from "./learner.ts";
import { LEAST_HOURS } from "./usual.ts";
import type { Usual } from "./usual.ts";

interface Figure {
  readonly indicator: LearnedIndicator;
  readonly value: number;
}

/** "p95 for GET /cards to shop/user is 310 ms over 10 min" */
export function asText({
  indicator,
  value,
  windowMs,
  labels,
}: Figure & { readonly windowMs: number; readonly labels: Readonly<Record<string, string>> }): string {
  const subject = subjectOf(labels);
  const over = `over ${duration(windowMs)}`;
  switch (indicator) {
    case "latency":
      return `p95 ${subject} is ${latency(rounded(value))} ${over}`;
    case "errors":
      return `${percent(value)} of requests ${subject} failed ${over}`;
    case "throughput":
      return `${rate(value)} ${subject} ${over}`;
  }
}

/** "3.4 times what is usual for a Monday 10:00 UTC (90 ms, from 4 Mondays)" */
export function againstUsual({
  indicator,
  value,
  usual,
  hour,
}: Figure & { readonly usual: Usual; readonly hour: number }): string {
  const when = usual.basis === "weeks" ? `for a ${dayName(hour)} ${timeName(hour)} UTC` : "here";
  const from = fromText(usual, hour);
  if (usual.value === 0) return `usually there is none ${when} (${from})`;
  return `${Number((value / usual.value).toPrecision(2))} times what is usual ${when} (${text({ indicator, value: usual.value })}, ${from})`;
}

/** What it was learned from, and how sure it is where that is little. */
function fromText({ basis, samples }: Usual, hour: number): string {
  switch (basis) {
    case "weeks":
      return `from ${samples} ${dayName(hour)}s`;
    case "days":
      return `from ${samples} days at ${timeName(hour)} UTC, so not very sure`;
    case "hours":
      return `from ${samples} hours of the last days, so not sure`;
  }
}

function text({ indicator, value }: Figure): string {
  if (indicator === "latency") return latency(rounded(value));
  return indicator === "errors" ? percent(rounded(value)) : rate(rounded(value));
}

/** Two digits that count: it is not known any better. */
function rounded(value: number): number {
  return Number(value.toPrecision(2));
}

/** What a rule still waits for; empty where it does not. */
export function learningText({ asked, known }: Learning, indicator: LearnedIndicator): string {
  if (known === asked) return "";
  const each = indicator === "throughput" ? "" : ` with ${LEAST_REQUESTS} requests or more`;
  const others = known === 0 ? "each needs" : "the others need";
  return `learning: knows what is usual for ${known} of ${asked}; ${others} ${LEAST_HOURS} hours${each} first`;
}
