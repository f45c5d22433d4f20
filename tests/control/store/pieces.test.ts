import { suite } from "uvu";
import * as assert from "uvu/assert";
import { piecesOf } from "../../../control/store/pieces.ts";
import { RESOLUTIONS } from "../../../control/store/resolutions.ts";

const test = suite("pieces");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const levels = RESOLUTIONS.map(({ slotMs }) => ({ slotMs, expiredBeforeMs: 0 }));
/** From 17 minutes before an hour until 20 s after another. */
const range = { fromMs: 100 * HOUR - 17 * MINUTE, toMs: 190 * HOUR + 20_000 };
const inMinutes = { ...range, toMs: 190 * HOUR, level: 2 };
const seconds = { fromMs: 190 * HOUR, toMs: range.toMs, level: 1 };

test("whole slots are read in the middle, finer ones at both ends", () => {
  const hours = { fromMs: 100 * HOUR, toMs: 190 * HOUR, level: 3 };
  const expected = [{ ...inMinutes, toMs: hours.fromMs }, hours, seconds];
  assert.equal(piecesOf(range, levels), expected);
  assert.equal(piecesOf(range, levels, { firstMs: 99 * HOUR, stepMs: 4 * HOUR }), expected, "steps of whole hours");
  assert.equal(piecesOf(range, levels, { firstMs: range.fromMs, stepMs: 10 * HOUR }), expected, "long steps");
});

test("steps that slots do not fit are read from the next finer resolution", () => {
  const expected = [inMinutes, seconds];
  assert.equal(piecesOf(range, levels, { firstMs: range.fromMs, stepMs: 4 * HOUR }), expected, "steps within hours");
  assert.equal(
    piecesOf(range, levels, { firstMs: 99 * HOUR, stepMs: 90 * MINUTE }),
    expected,
    "steps of no whole hours",
  );
});

test("what has been dropped is read from the next coarser resolution", () => {
  const dropped = levels.map((level) => ({ ...level, expiredBeforeMs: level.slotMs < HOUR ? 100 * HOUR : 0 }));
  const [first] = piecesOf(range, dropped);
  assert.equal(first, { fromMs: range.fromMs, toMs: 190 * HOUR, level: 3 });
});

test.run();
