/**
 * Rules as they run: windows go in as they come, each ten seconds is judged once it is complete, and what was missed while control
 * was away is judged first, at its own time.
 *
 * Rules that change need an engine with other sums. It is filled from history up to an instant that lies a little ahead, takes
 * what is counted from there on as it comes, and takes over the states of the one before.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ReportedWindow } from "../../identity/observation.ts";
import type { Store } from "../../store/store.ts";
import { SLOT_MS, slotOf } from "../counting/slots.ts";
import { AlertEngine } from "../engine.ts";
import type { EngineState, Tick } from "../engine.ts";
import type { Mute, Rule } from "../rule.ts";
import { Lessons } from "./lessons.ts";
import { fill, replay } from "./replay.ts";

/** How often it is looked whether ten seconds more are complete. */
const LOOK_MS = 1_000;
/** Ticks that are judged in one go, so that control answers in between. */
const TICKS_PER_LOOK = 30;
/** What a restart missed is judged as far back as this; what lies before is history. */
const MAX_MISSED_MS = 6 * 3_600_000;
/** A disk that refuses is asked again after this. */
const COMMIT_RETRY_MS = 2_000;
/** The history takes this long at most to have what was counted; past it rules do without for now. */
const COMPLETE_WITHIN_MS = 60_000;
/** ... and it is asked again after this. */
const RETRY_MS = 30_000;

/** What is kept over a restart. */
export interface AlertJournal {
  /** Undefined at the first start. */
  load(): { readonly endMs: number; readonly state: EngineState } | undefined;
  /**
   * Keeps what a tick did, and the state after it where it is given: it has not changed otherwise. All of it or nothing. Resolves when
   * it is durable, and rejects where the disk refused.
   */
  commit(tick: Tick, state: EngineState | undefined): Promise<void>;
}

export interface AlertRunDeps {
  readonly store: Store;
  readonly journal: AlertJournal;
  readonly rules: () => readonly Rule[];
  readonly mutes: () => readonly Mute[];
  readonly ownerOf: (workload: string) => string;
  /** Up to when everything that was counted has come and is stored, milliseconds since the epoch; undefined while that is not known. */
  readonly completedMs: () => number | undefined;
  /** Up to when what was counted has come. */
  readonly arrivedMs: () => number;
  readonly now: () => number;
  readonly onTick: () => void;
  readonly warn: (message: string, error: Error) => void;
}

/** An engine that is being filled. */
interface Next {
  readonly engine: AlertEngine;
  /** What is counted from here on comes as it is counted, what lies before out of history. */
  readonly fromMs: number;
}

export class AlertRun {
  readonly #deps: AlertRunDeps;
  readonly #stopping = new AbortController();
  #engine: AlertEngine | undefined;
  #next: Next | undefined;
  #lessons: Lessons | undefined;
  #areRulesNew = false;
  /** Since when an engine goes on without history. */
  #sinceMs: number | undefined;
  #waits = "the history is being read";
  #loops: Promise<unknown> = Promise.resolve();

  constructor(deps: AlertRunDeps) {
    this.#deps = deps;
  }

  /** The engine that judges; undefined until the first one is filled. */
  get engine(): AlertEngine | undefined {
    return this.#engine;
  }

  /** Why rules cannot be judged, or not as they are stated now; empty where they are. */
  get waits(): string {
    return this.#waits;
  }

  start(): void {
    this.#loops = Promise.all([this.#build(), this.#judge()]);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loops;
  }

  /** Takes a window, the same that the world got. */
  add(window: ReportedWindow): void {
    this.#engine?.add(window);
    this.#next?.engine.add(window, this.#next.fromMs);
  }

  /** The rules have changed. */
  rulesChanged(): void {
    this.#areRulesNew = true;
  }

  /** Makes engines, the first and one each time that the rules have changed, and lets them learn meanwhile. */
  async #build(): Promise<void> {
    this.#areRulesNew = true;
    while (!this.#stopping.signal.aborted) {
      if (this.#areRulesNew) await this.#buildNext();
      else await this.#learn();
      await this.#pause(LOOK_MS);
    }
  }

  async #buildNext(): Promise<void> {
    const { rules, ownerOf, now, warn } = this.#deps;
    this.#areRulesNew = false;
    const fromMs = (slotOf(now()) + 1) * SLOT_MS;
    const engine = new AlertEngine({ rules: rules(), ownerOf });
    this.#next = { engine, fromMs };
    try {
      await this.#completed(fromMs);
      this.#waits ||= "the history is being read";
      await this.#fill(engine, fromMs);
      this.#engine = engine;
      this.#lessons = new Lessons(engine, this.#deps.store, fromMs);
      this.#waits = "";
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      warn("Rules wait for the history", error as Error);
      this.#goOnWithout(this.#next, error as Error);
      this.#areRulesNew = true;
      await this.#pause(RETRY_MS);
    } finally {
      this.#next = undefined;
    }
  }

  /** Hours that were finished. While the history is away rules go on with what is usual by the hours before. */
  async #learn(): Promise<void> {
    try {
      await this.#lessons?.goOn(this.#deps.completedMs() ?? 0, this.#stopping.signal);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#deps.warn("The hour that was finished teaches nothing yet", error as Error);
      await this.#pause(RETRY_MS);
    }
  }

  /** Waits until everything from before an instant is in the history. @throws where that takes too long */
  async #completed(fromMs: number): Promise<void> {
    const { completedMs, now } = this.#deps;
    while ((completedMs() ?? 0) < fromMs) {
      if (now() > fromMs + COMPLETE_WITHIN_MS) throw new Error("the history is behind");
      await this.#pause(LOOK_MS);
      this.#stopping.signal.throwIfAborted();
    }
  }

  /** While there is no history rules are judged by what came since. */
  #goOnWithout({ engine, fromMs }: Next, { message }: Error): void {
    if (!this.#engine) {
      engine.begin(fromMs);
      const kept = this.#deps.journal.load();
      if (kept) engine.restore(kept.state);
      this.#engine = engine;
    }
    this.#waits = `${message}; rules are judged by what was counted since ${new Date((this.#sinceMs ??= fromMs)).toISOString()}`;
  }

  /** Brings an engine to where the one before is, or to where it was when control stopped and from there to now. */
  async #fill(engine: AlertEngine, fromMs: number): Promise<void> {
    const { store, journal, mutes } = this.#deps;
    const { signal } = this.#stopping;
    if (this.#engine) {
      await fill(engine, store, fromMs, signal);
      const before = this.#engine;
      engine.skipTo(before.endMs);
      engine.restore(before.state());
      return;
    }
    const kept = journal.load();
    const beginMs = kept === undefined ? fromMs : Math.min(fromMs, Math.max(kept.endMs, fromMs - MAX_MISSED_MS));
    await fill(engine, store, beginMs, signal);
    if (kept) engine.restore(kept.state);
    const missed = { fromMs: beginMs, toMs: fromMs, stepMs: SLOT_MS, mutes: mutes() };
    const onTick = (tick: Tick): Promise<void> => this.#commit(engine, tick);
    if (beginMs < fromMs) await replay(engine, store, { ...missed, onTick }, signal);
  }

  /** Judges each ten seconds that are complete. */
  async #judge(): Promise<void> {
    const { arrivedMs, mutes, onTick } = this.#deps;
    while (!this.#stopping.signal.aborted) {
      await this.#pause(LOOK_MS);
      const engine = this.#engine;
      let ticks = 0;
      // Another engine may take over while a tick is made durable.
      while (engine && engine === this.#engine && engine.endMs + SLOT_MS <= arrivedMs() && ticks < TICKS_PER_LOOK) {
        await this.#commit(engine, engine.tick(mutes()));
        ticks++;
      }
      if (ticks > 0) onTick();
    }
  }

  /** What a tick did must be durable before the next one, however long the disk refuses. */
  async #commit(engine: AlertEngine, tick: Tick): Promise<void> {
    const state = tick.isStateChanged ? engine.state() : undefined;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#deps.journal.commit(tick, state);
        return;
      } catch (error) {
        this.#deps.warn("The journal of alerts refused a write; trying again", error as Error);
        await this.#pause(COMMIT_RETRY_MS);
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
