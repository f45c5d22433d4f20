import { suite } from "uvu";
import * as assert from "uvu/assert";

import { barsOf, instantAt, instantBeside, lineOf, pastWindow, spanFor } from "../../ui/src/model/past.ts";
import { instantText, linkTo, readAddress } from "../../ui/src/state/address.ts";

const test = suite("time line");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 2, 4, 12, 0, 10);

test("a moment stands in the address to the second, and what is no time means now", () => {
  const at = Date.UTC(2026, 2, 3, 3, 14, 0);
  assert.is(instantText(at + 400), "2026-03-03T03:14:00Z");
  const address = readAddress(`http://x/?at=${instantText(at)}&span=7d`);
  assert.equal([address.atMs, address.span], [at, "7d"]);
  for (const text of ["", "yesterday", "-1", "0"]) assert.is(readAddress(`http://x/?at=${text}`).atMs, null, text);
  assert.is(readAddress("http://x/?span=7y").span, null);
  assert.is(linkTo(`http://x/?at=${instantText(at)}`, "/services"), `/services?at=2026-03-03T03%3A14%3A00Z`);
});

test("the window is the live one's, and longer where history is coarser", () => {
  assert.is(pastWindow(NOW - HOUR, NOW).windowSeconds, 30);
  assert.is(pastWindow(NOW - 3 * DAY, NOW).windowSeconds, 300);
  assert.is(pastWindow(NOW - 90 * DAY, NOW).windowSeconds, 3600);
});

test("the line opens as long as it takes to have the moment on it", () => {
  assert.equal(
    [MINUTE, 59 * MINUTE, 2 * HOUR, 3 * DAY, 20 * DAY, 90 * DAY].map((ago) => spanFor(NOW - ago, NOW)),
    ["1h", "24h", "24h", "7d", "30d", "30d"],
  );
});

test("a point of the line is a moment, and its end is now", () => {
  const { fromMs, toMs } = lineOf("1h", NOW);
  assert.equal([toMs - fromMs, toMs % 30_000], [HOUR, 0]);
  assert.ok(toMs >= NOW && toMs - NOW < 30_000);
  assert.is(instantAt(0.5, "1h", NOW), fromMs + HOUR / 2);
  assert.is(instantAt(1, "1h", NOW), null);
  assert.is(instantAt(0, "1h", NOW), fromMs + 5_000, "never before the line");
});

test("keys go by fine steps, from now too, and never into the future", () => {
  assert.is(instantBeside(null, -1, "1h", NOW), NOW - 5_000 - (NOW % 5_000));
  assert.is(instantBeside(NOW - 60_000, 2, "1h", NOW), NOW - 50_000);
  assert.is(instantBeside(NOW - 7_000, 1, "1h", NOW), null);
});

test("few errors among many requests are still seen, and none where there are none", () => {
  const point = (success: number, serverError: number) => ({
    atMs: 0,
    outcomes: { success, clientError: 0, serverError, notReached: 0, noAnswer: 0 },
    ...{ requestBytes: 0, responseBytes: 0, latencyMs: [] },
  });
  const [busy, few, only, silent] = barsOf([point(1000, 0), point(999, 1), point(0, 10), point(0, 0)]);
  assert.equal([busy!.height, busy!.errorHeight], [1, 0]);
  assert.equal([few!.errorHeight, few!.errorShare], [0.12, 0.001]);
  assert.ok(only!.errorHeight === only!.height && only!.height === 0.12);
  assert.equal([silent!.height, silent!.errorHeight], [0, 0]);
});

test.run();
