import { test } from "uvu";
import * as assert from "uvu/assert";
import { PastPictures } from "../../../control/api/past-pictures.ts";
import type { RangeSums, TimeRange } from "../../../control/store/store.ts";

const NOTHING: RangeSums = { observations: [], nodes: [], losses: [], reporters: 0 };

function counting(): { asked: TimeRange[]; read: (range: TimeRange) => Promise<RangeSums> } {
  const asked: TimeRange[] = [];
  const read = (range: TimeRange): Promise<RangeSums> => {
    asked.push(range);
    return Promise.resolve(NOTHING);
  };
  return { asked, read };
}

const range = (second: number): TimeRange => ({ fromMs: second * 1_000, toMs: second * 1_000 + 30_000 });

test("the same range is read once in ten seconds", async () => {
  let nowMs = 0;
  const pictures = new PastPictures(() => nowMs);
  const { asked, read } = counting();
  const first = await pictures.at(range(1), read);
  nowMs = 9_999;
  assert.is(await pictures.at(range(1), read), first);
  nowMs = 10_000;
  assert.is.not(await pictures.at(range(1), read), first, "late counters may have come in");
  assert.equal(asked, [range(1), range(1)]);
});

test("only the newest few are kept", async () => {
  const pictures = new PastPictures(() => 0);
  const { asked, read } = counting();
  for (const second of [1, 2, 3, 4, 5]) await pictures.at(range(second), read);
  await pictures.at(range(2), read);
  assert.is(asked.length, 5);
  await pictures.at(range(1), read);
  assert.is(asked.length, 6);
});

test("what could not be read is asked for again", async () => {
  const pictures = new PastPictures(() => 0);
  const { asked, read } = counting();
  let message = "";
  await pictures
    .at(range(1), () => Promise.reject(new Error("busy")))
    .catch((error: Error) => (message = error.message));
  assert.is(message, "busy");
  await pictures.at(range(1), read);
  assert.is(asked.length, 1);
});

test.run();
