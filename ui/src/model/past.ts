/** The time line: how long a window of the past is, and where an instant lies on the line. Pure. */
import type { SeriesPoint } from "../../../control/store/store.ts";
import { instantText, type Selection, type Span } from "../state/address.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What the line shows at once: how far it reaches, a bar each stepMs, and how fine an instant can be chosen. */
export interface SpanOptions {
  readonly ms: number;
  readonly stepMs: number;
  readonly fineMs: number;
  readonly word: string;
}

export const SPANS: Readonly<Record<Span, SpanOptions>> = {
  "1h": { ms: HOUR_MS, stepMs: 30_000, fineMs: 5_000, word: "1 h" },
  "24h": { ms: DAY_MS, stepMs: 12 * MINUTE_MS, fineMs: MINUTE_MS, word: "24 h" },
  "7d": { ms: 7 * DAY_MS, stepMs: 2 * HOUR_MS, fineMs: 10 * MINUTE_MS, word: "7 d" },
  "30d": { ms: 30 * DAY_MS, stepMs: 6 * HOUR_MS, fineMs: HOUR_MS, word: "30 d" },
};

/**
 * The window that is shown of an instant: as long as the live one, and longer where history is coarser by then, so that
 * it never is a part of one of its slots.
 */
export function pastWindow(atMs: number, nowMs: number): { readonly atMs: number; readonly windowSeconds: number } {
  const ageMs = nowMs - atMs;
  const windowSeconds = ageMs < DAY_MS ? 30 : ageMs < 30 * DAY_MS ? 300 : 3600;
  return { atMs, windowSeconds };
}

/** The span to open the line with, so that the instant is on it. */
export function spanFor(atMs: number, nowMs: number): Span {
  const fitting = (Object.keys(SPANS) as Span[]).find((span) => nowMs - atMs < SPANS[span].ms * 0.98);
  return fitting ?? "30d";
}

/** A link to the map at a moment, with something selected where it is known what. */
export function linkToMoment(atMs: number, nowMs: number, selection?: Selection, endpoint = ""): string {
  const query = new URLSearchParams({ at: instantText(atMs), span: spanFor(atMs, nowMs) });
  if (selection) query.set(selection.kind, selection.id);
  if (selection && endpoint) query.set("endpoint", endpoint);
  return `/?${query}`;
}

/** The line's ends: up to the bar that holds now. */
export function lineOf(span: Span, nowMs: number): { readonly fromMs: number; readonly toMs: number } {
  const { ms, stepMs } = SPANS[span];
  const toMs = Math.ceil(nowMs / stepMs) * stepMs;
  return { fromMs: toMs - ms, toMs };
}

/** The instant at a share of the line, 0 to 1; null at its end, which is now. */
export function instantAt(share: number, span: Span, nowMs: number): number | null {
  const { fromMs, toMs } = lineOf(span, nowMs);
  const { fineMs } = SPANS[span];
  const at = Math.round((fromMs + share * (toMs - fromMs)) / fineMs) * fineMs;
  return at >= nowMs - fineMs ? null : Math.max(at, fromMs + fineMs);
}

/** The instant some fine steps away from another one; null where that is now. */
export function instantBeside(atMs: number | null, steps: number, span: Span, nowMs: number): number | null {
  const { fineMs } = SPANS[span];
  const from = atMs ?? Math.floor(nowMs / fineMs) * fineMs;
  const at = Math.round(from / fineMs) * fineMs + steps * fineMs;
  return at > nowMs - fineMs ? null : at;
}

/** A bar of the line: shares of its height, 0 to 1. */
export interface Bar {
  readonly atMs: number;
  readonly requests: number;
  readonly errorShare: number;
  readonly height: number;
  readonly errorHeight: number;
}

/** Part of a bar that errors have at least, so that a few among many are seen. */
const LEAST_ERROR = 0.12;

/** Bars by requests; what failed is drawn from below, in proportion, but never too small to be seen. */
export function barsOf(points: readonly SeriesPoint[]): Bar[] {
  const all = points.map(({ atMs, outcomes }) => {
    const errors = outcomes.serverError + outcomes.notReached + outcomes.noAnswer;
    return { atMs, errors, requests: errors + outcomes.success + outcomes.clientError };
  });
  const most = Math.max(1, ...all.map(({ requests }) => requests));
  return all.map(({ atMs, errors, requests }) => {
    const height = requests / most;
    const errorShare = requests === 0 ? 0 : errors / requests;
    const errorHeight = errors === 0 ? 0 : Math.max(LEAST_ERROR, height * errorShare);
    return { atMs, requests, errorShare, height: Math.max(height, errorHeight), errorHeight };
  });
}
