/** How a receiver has fared since control started. */
export interface Tally {
  sent: number;
  /** Tries that failed. */
  failed: number;
  /** Milliseconds since the epoch; null for never. */
  lastSentMs: number | null;
  /** When the first try failed after the last that did not; null where the last one did not. */
  failingSinceMs: number | null;
  /** Why the last try failed; empty where it did not. */
  why: string;
}

/** When a receiver hears next. */
export interface Pace {
  /** When what waits is tried, milliseconds since the epoch; null where nothing waits, or it is being sent. */
  readonly nextTryMs: number | null;
  /** Whether it waits since there were as many in the last minute as may be. */
  readonly isRateLimited: boolean;
}

export const NO_PACE: Pace = { nextTryMs: null, isRateLimited: false };
