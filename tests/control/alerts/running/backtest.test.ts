import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SLOT_MS } from "../../../../control/alerts/counting/slots.ts";
import type { Rule } from "../../../../control/alerts/rule.ts";
import { backtest } from "../../../../control/alerts/running/backtest.ts";
import type { Backtest } from "../../../../control/alerts/running/backtest.ts";
import type { HistoryStep, StepsQuestion } from "../../../../control/store/history-step.ts";
import type { Store } from "../../../../control/store/store.ts";
import { RecordingStore } from "../../recording-store.ts";
import { BEGIN_MS, HOUR_MS, MINUTE_MS, stepOf, threshold } from "../fixtures.ts";

const test = suite("rules on the past");

/** A store whose history are these steps. */
function storeOf(past: readonly HistoryStep[]): Store {
  return Object.assign(new RecordingStore(), {
    async *steps({ range, stepMs }: StepsQuestion): AsyncGenerator<HistoryStep> {
      await Promise.resolve();
      // Only ten seconds are kept; windows of coarser steps find nothing of before.
      if (stepMs === SLOT_MS) yield* past.filter(({ atMs }) => atMs >= range.fromMs && atMs < range.toMs);
    },
  });
}

/** A slot of requests, of which so many failed. */
const slot = (atMs: number, failed: number): HistoryStep => ({
  atMs,
  counts: stepOf(atMs, [{ good: 100 - failed, failed }]).counts.map(({ series, outcomes, buckets }) => ({
    ...{ series, buckets },
    outcomes: [...(outcomes as number[])],
    side: "destination" as const,
    by: { client: true, server: true },
  })),
});

/** Three hours of history that begin an hour after the range; half of its last hour fails. */
function tried(rules: readonly Rule[], past: readonly HistoryStep[]): Promise<Backtest> {
  const range = { fromMs: BEGIN_MS, toMs: BEGIN_MS + 4 * HOUR_MS };
  const signal = new AbortController().signal;
  return backtest(storeOf(past), { rules, range, nowMs: range.toMs, onProgress: () => undefined, signal });
}

const bad = (atMs: number): boolean => atMs >= BEGIN_MS + 3 * HOUR_MS && atMs < BEGIN_MS + 3.5 * HOUR_MS;
const history = Array.from({ length: (3 * HOUR_MS) / SLOT_MS }, (_, at) => {
  const atMs = BEGIN_MS + HOUR_MS + at * SLOT_MS;
  return slot(atMs, bad(atMs) ? 50 : 0);
});

test("what would have fired is told with since when anything was counted", async () => {
  const { total, told, alerts, sinceMs, refused } = await tried([threshold()], history);
  assert.equal([total, told, refused], [1, 1, []]);
  const [alert] = alerts;
  assert.is(alert?.state, "resolved");
  const afterMs = alert!.firedMs! - (BEGIN_MS + 3 * HOUR_MS);
  assert.ok(afterMs > 0 && afterMs < 2 * MINUTE_MS, `fired ${afterMs} ms after`);
  assert.is(sinceMs, BEGIN_MS + HOUR_MS);
});

test("a history that holds nothing of that time is told apart from one without trouble", async () => {
  const { total, sinceMs } = await tried([threshold()], []);
  assert.equal([total, sinceMs], [0, null]);
});

test("a rule that cannot be judged is named, so that its silence is not taken for calm", async () => {
  const broken = threshold({ name: "broken", windowMs: 1_234 });
  const { total, refused } = await tried([threshold(), broken], history);
  assert.is(total, 1);
  assert.equal(
    refused.map(({ rule }) => rule),
    ["broken"],
  );
});

test.run();
