import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HOUR_MS } from "../../../../control/alerts/baselines/hours.ts";
import { SLOT_MS } from "../../../../control/alerts/counting/slots.ts";
import { AlertRun } from "../../../../control/alerts/running/alert-run.ts";
import type { HistoryStep, StepsQuestion } from "../../../../control/store/history-step.ts";
import type { Store } from "../../../../control/store/store.ts";
import { timed, windowOf } from "../../world/fixtures.ts";
import { until } from "../../until.ts";
import { MONDAY_MS, baseline, timedStep } from "../baselines/fixtures.ts";

const test = suite("rules in operation");

/** Hours of a history, of which the questions are kept. */
class HoursOfStore {
  readonly questions: StepsQuestion[] = [];
  isAway = false;

  async *steps(question: StepsQuestion): AsyncGenerator<HistoryStep> {
    this.questions.push(question);
    await Promise.resolve();
    if (this.isAway) throw new Error("the history is away");
    if (question.stepMs !== HOUR_MS) return;
    const { fromMs, toMs } = question.range;
    for (
      let atMs = Math.max(Math.floor(fromMs / HOUR_MS) * HOUR_MS, MONDAY_MS - 23 * HOUR_MS);
      atMs < toMs;
      atMs += HOUR_MS
    ) {
      yield timedStep(atMs, [{ byMs: { 30: 100 } }]) as HistoryStep;
    }
  }

  nodes(): Promise<[]> {
    return Promise.resolve([]);
  }
}

test("an hour is learned once it is over; where the history is away then, rules are judged all the same", async () => {
  const store = new HoursOfStore();
  // Rules begin at the next slot, which is the full hour.
  const nowMs = MONDAY_MS - SLOT_MS;
  let arrivedMs = MONDAY_MS;
  const warnings: string[] = [];
  const run = new AlertRun({
    store: store as unknown as Store,
    journal: { load: () => undefined, commit: () => Promise.resolve() },
    rules: () => [baseline()],
    mutes: () => [],
    ownerOf: () => "",
    completedMs: () => arrivedMs,
    arrivedMs: () => arrivedMs,
    now: () => nowMs,
    onTick: () => undefined,
    warn: (message) => warnings.push(message),
  });
  run.start();
  try {
    await until(() => run.engine !== undefined);
    /** A slot of that hour in which the endpoint is asked: what nobody asks for waits for nothing. */
    const judgeAt = async (hours: number): Promise<void> => {
      const startMs = MONDAY_MS + hours * HOUR_MS;
      run.engine!.skipTo(startMs);
      const named = { client: "shop/front", server: "shop/user", route: "/cards" };
      run.add(windowOf([timed(50, 30, named)], { startMs, durationMs: 1_000 }));
      arrivedMs = startMs + SLOT_MS;
      await until(() => run.engine?.endMs === arrivedMs);
    };
    const filled = store.questions.length;
    await judgeAt(0);
    assert.is(run.engine?.waiting.length, 1);
    assert.is(store.questions.length, filled, "no hour is over");
    await judgeAt(1);
    await until(() => store.questions.length > filled);
    assert.equal(store.questions.at(-1)?.range, { fromMs: MONDAY_MS, toMs: MONDAY_MS + HOUR_MS });
    await judgeAt(2);
    // The first of the two hours is the last that was missing: nobody waits for the second one.
    await until(() => run.engine?.waiting.length === 0 && store.questions.length > filled + 1);
    assert.is(store.questions.length, filled + 2, "each hour is asked for once");
    store.isAway = true;
    await judgeAt(3);
    await until(() => warnings.length > 0);
    assert.equal(warnings, ["The hour that was finished teaches nothing yet"]);
  } finally {
    await run.stop();
  }
});

test.run();
