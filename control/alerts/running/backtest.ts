/** What rules would have done in a range of the past. */
import type { Store, TimeRange } from "../../store/store.ts";
import type { Alert } from "../alert.ts";
import { SLOT_MS, slotOf } from "../counting/slots.ts";
import { AlertEngine } from "../engine.ts";
import type { Refused } from "../judging/compile.ts";
import type { Rule } from "../rule.ts";
import { fill, replay } from "./replay.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Alerts that are told at most. */
const MAX_ALERTS = 1_000;

export interface Backtest {
  /** The newest first, at most 1,000: as they were when they were resolved, or at the end of the range. */
  readonly alerts: readonly Alert[];
  /** How often rules would have fired, and how often people would have been told. */
  readonly total: number;
  readonly told: number;
  /** How fine the history was, milliseconds. */
  readonly stepMs: number;
  /** Since when anything is known of what was counted, which may be before the range; null where nothing is. */
  readonly sinceMs: number | null;
  readonly refused: readonly Refused[];
}

export interface BacktestOptions {
  readonly rules: readonly Rule[];
  readonly range: TimeRange;
  readonly nowMs: number;
  /** Told now and then how far it is, 0 to 1. */
  readonly onProgress: (share: number) => void;
  readonly signal: AbortSignal;
}

/** Throws a StoreAwayError where the history cannot be read. Nothing is muted: a test asks what the rules say. */
export async function backtest(store: Store, options: BacktestOptions): Promise<Backtest> {
  const { rules, range, nowMs, onProgress, signal } = options;
  const engine = new AlertEngine({ rules });
  const fromMs = slotOf(range.fromMs) * SLOT_MS;
  const toMs = slotOf(range.toMs) * SLOT_MS;
  const stepMs = nowMs - fromMs <= DAY_MS ? SLOT_MS : MINUTE_MS;
  const fired = new Map<string, Alert>();
  let total = 0;
  let told = 0;
  await fill(engine, store, fromMs, signal);
  const onTick: Parameters<typeof replay>[2]["onTick"] = ({ endMs, changes, tellings }) => {
    for (const { alert } of changes) {
      if (alert.firedMs === null) continue;
      if (alert.state === "firing") total++;
      fired.delete(alert.id);
      fired.set(alert.id, alert);
      const oldest = fired.keys().next();
      if (fired.size > MAX_ALERTS && !oldest.done) fired.delete(oldest.value);
    }
    told += tellings.filter(({ incident }) => incident.state === "firing").length;
    onProgress((endMs - fromMs) / (toMs - fromMs));
  };
  await replay(engine, store, { fromMs, toMs, stepMs, mutes: [], onTick }, signal);
  const sinceMs = Number.isFinite(engine.sinceMs) ? engine.sinceMs : null;
  return {
    alerts: [...fired.values()].reverse(),
    total,
    told,
    stepMs,
    sinceMs,
    refused: [...engine.refused, ...withoutStarts(rules)],
  };
}

/** Rules on what history does not keep. */
function withoutStarts(rules: readonly Rule[]): Refused[] {
  const why = "history does not keep when pods began, so it is judged only as it happens";
  return rules.flatMap((rule) =>
    rule.kind === "topology" && rule.event === "restartedIntoErrors" ? [{ rule: rule.name, why }] : [],
  );
}
