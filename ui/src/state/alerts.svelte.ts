/** Alerts as they are now, and as they were at the moment that is looked at. */
import type { AlertsNow, ShownAlert } from "../../../control/api/alert-source.ts";
import { AlertFeed } from "../data/alert-feed.ts";
import { fetchPastAlerts, type PastAlerts } from "../data/alerts-api.ts";
import { marksOf } from "../model/alert-marks.ts";
import { isOpen } from "../model/alerts.ts";
import { Poll } from "./poll.svelte.ts";

/** How long before a moment an alert that was open then may have changed last. */
const REACH_MS = 7 * 86_400_000;
const NONE: readonly ShownAlert[] = [];

export class Alerts {
  /** Undefined until it has come. Raw: replaced as a whole, never changed. */
  now = $state.raw<AlertsNow>();
  /** Why `now` may be out of date; undefined while it is not. */
  error = $state.raw<Error>();
  readonly #past: Poll<PastAlerts>;
  readonly #atMs: () => number | null;

  #feed = new AlertFeed({
    onNow: (now) => {
      this.now = now;
      this.error = undefined;
    },
    onFailed: (error) => (this.error = error),
  });

  /** Must be created while a component initialises; `atMs` is reactive, null for now. */
  constructor(atMs: () => number | null) {
    this.#atMs = atMs;
    this.#past = new Poll(
      () => String(atMs() ?? ""),
      (signal) => fetchPastAlerts({ fromMs: (atMs() ?? 0) - REACH_MS, toMs: (atMs() ?? 0) + 1 }, signal),
      { everyMs: 5000, isPast: () => true },
    );
  }

  /** Pending and firing ones of the moment that is looked at; undefined until they have come. */
  readonly open: readonly ShownAlert[] | undefined = $derived.by(() =>
    this.#atMs() === null ? this.now?.alerts : this.#past.data?.alerts.filter(isOpen),
  );

  /** What could not be learned of the moment that is looked at. */
  readonly problem: Error | undefined = $derived.by(() => (this.#atMs() === null ? this.error : this.#past.error));

  /** What the map and the lists show of them. */
  readonly marks = $derived(marksOf(this.open ?? NONE));

  /** Starts listening; the returned function ends it. */
  start(): () => void {
    this.#feed.start();
    return () => this.#feed.stop();
  }

  retry(): void {
    this.#feed.retry();
  }
}
