import { test } from "uvu";
import * as assert from "uvu/assert";
import { HttpError } from "../../../control/api/http-errors.ts";
import { parseSeriesQuery } from "../../../control/api/series-queries.ts";
import { DEFAULT_PERCENTILES } from "../../../control/store/questions.ts";

const nowMs = 1_767_225_600_000;
const minute = 60_000;

function raw(query: string): Record<string, string[]> {
  const values = Object.create(null) as Record<string, string[]>;
  for (const [key, value] of new URLSearchParams(query)) (values[key] ??= []).push(value);
  return values;
}

const parsed = (query: string) => parseSeriesQuery(raw(query), nowMs);

function assertRefused(query: string, field: string, message: string): void {
  assert.throws(
    () => parsed(query),
    (error: unknown) => {
      if (!(error instanceof HttpError)) throw error;
      assert.equal([error.status, error.field], [400, field], error.message);
      assert.ok(error.message.includes(message), error.message);
      return true;
    },
  );
}

test("without parameters it is one series of the last quarter of an hour", () => {
  const { filters, ...wish } = parsed("");
  assert.ok(filters.isEmpty);
  assert.equal(wish, {
    range: { fromMs: nowMs - 15 * minute, toMs: nowMs },
    stepMs: 5_000,
    selection: {},
    groupBy: [],
    top: 10,
    rankBy: "requests",
    percentiles: DEFAULT_PERCENTILES,
    slowerThanMs: undefined,
  });
});

test("a step is chosen that suits the range, never finer than the store's second", () => {
  const step = (from: number) => parsed(`from=${from}&to=${nowMs}`).stepMs;
  assert.is(step(nowMs - minute), 1_000);
  assert.is(step(nowMs - 60 * minute), 20_000);
  assert.is(step(nowMs - 24 * 60 * minute), 480_000);
  assert.is(step(nowMs - 7 * 24 * 60 * minute), 3_600_000, "whole hours rather than 56 minutes");
  assert.is(step(nowMs - 30 * 24 * 60 * minute), 4 * 3_600_000);
});

test("a selection carries what was given and nothing else", () => {
  assert.equal(parsed("client=shop/a&server=shop/b&protocol=http&method=&route=/x/{id}").selection, {
    client: "shop/a",
    server: "shop/b",
    protocol: "http",
    route: "/x/{id}",
  });
});

test("what may be given several times is, and everything else once", () => {
  const query =
    "groupBy=client.namespace&groupBy=route&groupBy=&top=3&rankBy=errorShare&percentile=0.5&percentile=.999";
  const { groupBy, top, rankBy, percentiles } = parsed(`${query}&filter=namespace=shop&filter=route!~^/health`);
  assert.equal(groupBy, [
    { attribute: "namespace", end: "client" },
    { attribute: "route", end: undefined },
  ]);
  assert.equal([top, rankBy, percentiles], [3, "errorShare", [0.5, 0.999]]);
  assertRefused("top=3&top=4", "top", "2 times");
});

test("every bad parameter is refused by its name", () => {
  assertRefused("sever=shop/b", "sever", "there are client, server, protocol");
  assertRefused("step=999", "step", "1000 or more");
  assertRefused("step=0", "step", "1000 or more");
  assertRefused("top=0", "top", "from 1 to 100");
  assertRefused("top=101", "top", "from 1 to 100");
  for (const ms of ["0", "86400001", "300ms", "-1", "1e3", "0.0001"]) {
    assertRefused(`slowerThan=${ms}`, "slowerThan", "must be");
  }
  assert.is(parsed("slowerThan=0.5").slowerThanMs, 0.5);
  assertRefused("rankBy=speed", "rankBy", "errorShare, latency or bytes");
  for (const share of ["0", "1", "50", "-0.5", "NaN", "0.5e1", ".0"]) {
    assertRefused(`percentile=${share}`, "percentile", "above 0 and below 1");
  }
  assertRefused(Array.from({ length: 9 }, () => "percentile=0.5").join("&"), "percentile", "9 times; 8 is the limit");
  assertRefused(Array.from({ length: 5 }, () => "groupBy=route").join("&"), "groupBy", "5 times; 4 is the limit");
  assertRefused("groupBy=route&groupBy=colour", "groupBy", 'there is no attribute "colour"');
  assertRefused("groupBy=pod", "groupBy", "pod is known of pods only");
  assertRefused("groupBy=health", "groupBy", "health does not tell series apart");
  assertRefused("groupBy=client.route", "groupBy", `leave "client" out`);
  assertRefused("groupBy=constructor", "groupBy", "there is no attribute");
  assertRefused("filter=health=failing", "filter", "health does not tell series apart");
  assertRefused("filter=route~(", "filter", "it is no regular expression");
});

test("more points than the limit are refused, with a step that would do", () => {
  const from = nowMs - 2_001 * 1_000;
  assertRefused(`from=${from}&to=${nowMs}&step=1000`, "step", "use 1001 or more");
  assert.is(parsed(`from=${from}&to=${nowMs}&step=1001`).stepMs, 1_001);
  assertRefused(`from=${nowMs - 365 * 86_400_000}&to=${nowMs}&step=1000`, "step", "would make 31536000 points");
});

test.run();
