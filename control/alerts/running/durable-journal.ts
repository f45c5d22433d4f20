/**
 * What is kept of alerts on this machine's disk: their states, and the changes that the history has yet to get. A tick is written whole,
 * together with what is to be said of it, so that a control that is killed neither forgets a notification nor says it twice.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { AlertEvent } from "../../store/alert-event.ts";
import type { Store } from "../../store/store.ts";
import type { AlertDb, AlertTable } from "../alert-db.ts";
import type { EngineState, Tick } from "../engine.ts";
import type { AlertJournal } from "./alert-run.ts";
import { eventOf } from "./alert-events.ts";

/** Changes that wait for the history at most; past it the oldest are let go, and counted. */
const MAX_WAITING = 100_000;
/** Changes that the history is given at once. */
const EVENTS_PER_WRITE = 500;
const IDLE_MS = 1_000;
/** A history that refuses is asked again after this, doubling up to the second. */
const RETRY_MS = { first: 1_000, longest: 30_000 };

const STATE = "state";
const END = "end";

export interface DurableJournalDeps {
  readonly db: AlertDb;
  readonly store: Pick<Store, "recordAlerts">;
  /** Writes what is to be said of a tick, and what else is written, in one transaction. */
  readonly tell: (tick: Tick, alsoWrite: () => void) => Promise<void>;
  readonly warn: (message: string, error: Error) => void;
}

export class DurableJournal implements AlertJournal {
  readonly #deps: DurableJournalDeps;
  readonly #states: AlertTable<EngineState | number>;
  readonly #events: AlertTable<AlertEvent>;
  readonly #stopping = new AbortController();
  #next: number;
  #first: number;
  #dropped = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(deps: DurableJournalDeps) {
    this.#deps = deps;
    this.#states = deps.db.table("alert-states");
    this.#events = deps.db.table("alert-events");
    const keys = [...this.#events.getRange({})].map(({ key }) => Number(key));
    this.#first = keys[0] ?? 0;
    this.#next = (keys.at(-1) ?? -1) + 1;
  }

  /** Changes that wait for the history, and those that were let go since control started. */
  get status(): { readonly waiting: number; readonly dropped: number } {
    return { waiting: this.#next - this.#first, dropped: this.#dropped };
  }

  load(): { readonly endMs: number; readonly state: EngineState } | undefined {
    const endMs = this.#states.get(END) as number | undefined;
    const state = this.#states.get(STATE) as EngineState | undefined;
    return endMs === undefined ? undefined : { endMs, state: state ?? { alerts: [], incidents: [] } };
  }

  async commit(tick: Tick, state: EngineState | undefined): Promise<void> {
    const events = tick.changes.map((change) => eventOf(change, tick.endMs));
    const first = Math.max(this.#first, this.#next + events.length - MAX_WAITING);
    await this.#deps.tell(tick, () => {
      void this.#states.put(END, tick.endMs);
      if (state) void this.#states.put(STATE, state);
      events.forEach((event, at) => void this.#events.put(keyOf(this.#next + at), event));
      for (let old = this.#first; old < first; old++) void this.#events.remove(keyOf(old));
    });
    this.#dropped += first - this.#first;
    this.#first = first;
    this.#next += events.length;
  }

  /** Begins to give the history what it lacks. */
  start(): void {
    this.#loop = this.#drain();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #drain(): Promise<void> {
    let retryMs = RETRY_MS.first;
    while (!this.#stopping.signal.aborted) {
      try {
        while (await this.#drainSome()) retryMs = RETRY_MS.first;
        await this.#pause(IDLE_MS);
      } catch (error) {
        this.#deps.warn(`The history refused changes of alerts; trying again in ${retryMs} ms`, error as Error);
        await this.#pause(retryMs);
        retryMs = Math.min(retryMs * 2, RETRY_MS.longest);
      }
    }
  }

  /** Written twice they are one, so what is killed in between is no harm. @returns whether there may be more */
  async #drainSome(): Promise<boolean> {
    const some = [...this.#events.getRange({ limit: EVENTS_PER_WRITE })];
    if (some.length === 0 || this.#stopping.signal.aborted) return false;
    await this.#deps.store.recordAlerts(some.map(({ value }) => value));
    await this.#deps.db.write(() => some.forEach(({ key }) => void this.#events.remove(key)));
    this.#first = Math.max(this.#first, Number(some.at(-1)!.key) + 1);
    return some.length === EVENTS_PER_WRITE;
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

/** In the order of their numbers as texts too. */
function keyOf(number: number): string {
  return String(number).padStart(15, "0");
}
