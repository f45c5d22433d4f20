import { test } from "uvu";
import * as assert from "uvu/assert";
import { DEFAULT_KEPT, finestStepMs } from "../../../control/store/resolutions.ts";
import { StepWindows } from "../../../control/store/step-windows.ts";

const STEP = 60_000;
const HOUR = 60 * STEP;
const DAY = 24 * HOUR;

test("windows follow each other without a gap, on whole steps, and grow and shrink with what is in them", () => {
  const range = { fromMs: 90_001, toMs: 3 * DAY + 1 };
  const windows = new StepWindows({ range, stepMs: STEP }, 1_000);
  const lengths: number[] = [];
  let reachedMs = range.fromMs;
  for (let { window } = windows; window; { window } = windows) {
    assert.is(window.fromMs, reachedMs);
    if (window.toMs < range.toMs) assert.is(window.toMs % STEP, 0);
    assert.is(windows.firstMs(window) % STEP, 0);
    lengths.push(Math.ceil(window.toMs / STEP) - Math.floor(window.fromMs / STEP));
    reachedMs = window.toMs;
    // Ten a step, and nothing on the second day.
    windows.advance(window.fromMs >= DAY && window.toMs < 2 * DAY ? 0 : lengths.at(-1)! * 10);
  }
  assert.is(reachedMs, range.toMs);
  assert.is(lengths[0], 10);
  assert.ok(lengths.every((length, at) => at === 0 || length <= 4 * lengths[at - 1]!));
  assert.ok(lengths.includes(100), "as much as was wanted");
  assert.ok(Math.max(...lengths) > 300 && Math.max(...lengths) <= 1_440, "longer in the gap, with a limit");
});

test("a window that has too much becomes shorter, until it is one step", () => {
  const windows = new StepWindows({ range: { fromMs: 0, toMs: DAY }, stepMs: STEP }, 1_000);
  const lengths: number[] = [];
  while (!windows.isShortest) {
    windows.shorten(4_000);
    const { fromMs, toMs } = windows.window!;
    assert.is(fromMs, 0);
    lengths.push(toMs / STEP);
  }
  assert.equal(lengths, [2, 1]);
});

test("the finest steps are those in which everything is still kept", () => {
  const nowMs = 1_000 * DAY;
  const ago = (ms: number): number => finestStepMs(nowMs - ms, nowMs);
  assert.equal([0, HOUR, DAY, DAY + 1, 30 * DAY, 30 * DAY + 1, 365 * DAY, 500 * DAY].map(ago), [
    10_000,
    10_000,
    10_000,
    STEP,
    STEP,
    HOUR,
    HOUR,
    HOUR,
  ]);
  assert.is(finestStepMs(nowMs - 2 * DAY, nowMs, { ...DEFAULT_KEPT, "10s": 3 * DAY }), 10_000);
});

test.run();
