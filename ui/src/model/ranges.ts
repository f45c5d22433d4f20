/** How much of the history charts and lists show, and a step that makes some 180 points of it. */
import type { Range } from "../state/address.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export interface RangeOptions {
  readonly ms: number;
  readonly stepMs: number;
  readonly word: string;
}

export const RANGES: Readonly<Record<Range, RangeOptions>> = {
  "15m": { ms: 15 * MINUTE_MS, stepMs: 5_000, word: "15 min" },
  "1h": { ms: HOUR_MS, stepMs: 20_000, word: "1 h" },
  "6h": { ms: 6 * HOUR_MS, stepMs: 2 * MINUTE_MS, word: "6 h" },
  "24h": { ms: 24 * HOUR_MS, stepMs: 8 * MINUTE_MS, word: "24 h" },
  "7d": { ms: 7 * 24 * HOUR_MS, stepMs: HOUR_MS, word: "7 d" },
  "30d": { ms: 30 * 24 * HOUR_MS, stepMs: 4 * HOUR_MS, word: "30 d" },
};
