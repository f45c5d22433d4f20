import type { Exemplar, ReportedWindow } from "../identity/observation.ts";

/**
 * Which of the requests that reporters name are written, so that a history does not grow with the number of reporters
 * and their windows: of each endpoint, in each minute, those that were slower than all before them (so the slowest of
 * the minute is always among them) and the first ten that failed. What these leave out was never promised. Past a number
 * an hour nothing more is written, slow ones first; that is a loss, and counted.
 */
export interface ExemplarLimits {
  /** Requests by name an hour, over everything. */
  readonly perHour: number;
  /** Of them, slow ones. */
  readonly slowPerHour: number;
  /** Endpoints (by edge and reporter's side) with requests by name in a minute. */
  readonly endpoints: number;
}

/** At 150 bytes each an hour is 45 MB. */
export const EXEMPLAR_LIMITS: ExemplarLimits = { perHour: 300_000, slowPerHour: 200_000, endpoints: 20_000 };

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const FAILED_A_MINUTE = 10;
/** Windows are placed at most a week back (identity/time-line.ts). */
const MAX_HOURS = 8 * 24;

/** What was taken of one endpoint in one minute. */
interface Taken {
  readonly minute: number;
  readonly slowestMs: number;
  readonly failed: number;
}

/** What a choice would change; to be kept when what was chosen is written. */
export class ExemplarChoice {
  readonly taken = new Map<string, Taken>();
  readonly hours = new Map<number, number>();
}

/** The hour, since the epoch, in which a window ended. */
export function hourOf(endMs: number): number {
  return Math.floor((endMs - 1) / HOUR_MS);
}

/** Chooses what is written. What a choice adds is remembered only once it was written. */
export class ExemplarBudget {
  readonly #limits: ExemplarLimits;
  readonly #taken = new Map<string, Taken>();
  /** Written, by hour. */
  readonly #hours: Map<number, number>;
  #minute = 0;

  /** @param written how many there are already, by hour */
  constructor(written: ReadonlyMap<number, number> = new Map(), limits = EXEMPLAR_LIMITS) {
    this.#hours = new Map(written);
    this.#limits = limits;
  }

  /** The window with those of its requests by name that are to be written; a loss says how many found no room. */
  bounded(window: ReportedWindow, choice: ExemplarChoice): ReportedWindow {
    if (window.exemplars.length === 0) return window;
    this.#forgetBefore(Math.max(...window.exemplars.map(minuteOf)));
    const hour = hourOf(Math.floor(window.startMs) + Math.max(1, Math.round(window.durationMs)));
    let cut = 0;
    const exemplars = window.exemplars.filter((exemplar) => {
      if (!this.#isWanted(exemplar, choice)) return false;
      if (this.#take(exemplar, hour, choice)) return true;
      cut += 1;
      return false;
    });
    const losses = cut === 0 ? window.losses : [...window.losses, { kind: "exemplarsCut" as const, count: cut }];
    return { ...window, exemplars, losses };
  }

  /** Remembers what was written. */
  keep(choice: ExemplarChoice): void {
    for (const [hour, written] of choice.hours) this.#hours.set(hour, written);
    for (const [endpoint, taken] of choice.taken) this.#taken.set(endpoint, taken);
  }

  /** A minute that is over needs no place any more. What comes late of it may be written once more than it should. */
  #forgetBefore(newest: number): void {
    if (newest <= this.#minute) return;
    this.#minute = newest;
    for (const [endpoint, { minute }] of this.#taken) if (minute < newest) this.#taken.delete(endpoint);
    for (const hour of this.#hours.keys()) if (hour < newest / 60 - MAX_HOURS) this.#hours.delete(hour);
  }

  #isWanted(exemplar: Exemplar, { taken }: ExemplarChoice): boolean {
    const endpoint = endpointOf(exemplar);
    const before = taken.get(endpoint) ?? this.#taken.get(endpoint);
    if (before?.minute !== minuteOf(exemplar)) return true;
    return exemplar.reason === "slowest" ? exemplar.durationMs > before.slowestMs : before.failed < FAILED_A_MINUTE;
  }

  #take(exemplar: Exemplar, hour: number, { taken, hours }: ExemplarChoice): boolean {
    const isSlow = exemplar.reason === "slowest";
    const written = hours.get(hour) ?? this.#hours.get(hour) ?? 0;
    if (written >= (isSlow ? this.#limits.slowPerHour : this.#limits.perHour)) return false;
    const endpoint = endpointOf(exemplar);
    const before = taken.get(endpoint) ?? this.#taken.get(endpoint);
    if (!before && this.#taken.size + taken.size >= this.#limits.endpoints) return false;
    const minute = minuteOf(exemplar);
    const same = before?.minute === minute ? before : { slowestMs: -1, failed: 0 };
    hours.set(hour, written + 1);
    taken.set(endpoint, {
      minute,
      slowestMs: isSlow ? exemplar.durationMs : same.slowestMs,
      failed: same.failed + (isSlow ? 0 : 1),
    });
    return true;
  }
}

function minuteOf({ atMs }: Exemplar): number {
  return Math.floor(atMs / MINUTE_MS);
}

function endpointOf({ side, client, server, protocol, method, route }: Exemplar): string {
  return JSON.stringify([side, client, server, protocol, method, route]);
}
