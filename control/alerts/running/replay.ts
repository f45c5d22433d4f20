/** History through an engine, as the counters came: what a restart missed, and what rules would have done. */
import type { Store } from "../../store/store.ts";
import { SLOT_MS } from "../counting/slots.ts";
import type { AlertEngine, Tick } from "../engine.ts";
import type { Mute } from "../rule.ts";
import { Lessons } from "./lessons.ts";

export interface Replay {
  /** Half-open, milliseconds since the epoch, whole multiples of SLOT_MS. */
  readonly fromMs: number;
  readonly toMs: number;
  /** How fine the history is that it is judged by: ten seconds or a minute. */
  readonly stepMs: number;
  readonly mutes: readonly Mute[];
  /** Told of each tick, and waited for. */
  readonly onTick: (tick: Tick) => Promise<void> | void;
}

/** Begins an engine at an instant with all that its windows look back on. */
export async function fill(engine: AlertEngine, store: Store, endMs: number, signal: AbortSignal): Promise<void> {
  engine.name(await store.nodes());
  engine.begin(endMs);
  for (const [stepMs, depthMs] of engine.depths()) {
    const range = { fromMs: Math.max(0, endMs - depthMs), toMs: endMs };
    for await (const step of store.steps({ range, stepMs }, signal)) engine.load(step, stepMs);
  }
}

/** Judges each ten seconds of a range, of an engine that begins where it does. */
export async function replay(engine: AlertEngine, store: Store, what: Replay, signal: AbortSignal): Promise<void> {
  const { fromMs, toMs, stepMs, mutes, onTick } = what;
  const lessons = new Lessons(engine, store, fromMs);
  const tickTo = async (endMs: number): Promise<void> => {
    while (engine.endMs + SLOT_MS <= endMs) {
      await lessons.goOn(toMs, signal);
      await onTick(engine.tick(mutes));
    }
  };
  for await (const step of store.steps({ range: { fromMs, toMs }, stepMs }, signal)) {
    await tickTo(step.atMs);
    engine.replay(step, stepMs);
  }
  await tickTo(toMs);
}
