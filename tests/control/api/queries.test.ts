import { test } from "uvu";
import * as assert from "uvu/assert";
import { HttpError } from "../../../control/api/http-errors.ts";
import {
  parseExemplarsQuery,
  parseNoQuery,
  parseSeriesQuery,
  parseSnapshotQuery,
  parseTotalsQuery,
} from "../../../control/api/queries.ts";
import { parseEndpointsQuery } from "../../../control/api/topology-queries.ts";

const nowMs = 1_767_225_600_000;
const minute = 60_000;

function raw(query: string): Record<string, string[]> {
  const values = Object.create(null) as Record<string, string[]>;
  for (const [key, value] of new URLSearchParams(query)) (values[key] ??= []).push(value);
  return values;
}

function assertRefused(parse: () => unknown, field: string, message: string): void {
  assert.throws(parse, (error: unknown) => {
    if (!(error instanceof HttpError)) throw error;
    assert.is(error.status, 400);
    assert.is(error.field, field);
    assert.ok(error.message.includes(message), error.message);
    return true;
  });
}

test("without parameters a series is the last quarter of an hour", () => {
  const query = parseSeriesQuery({}, nowMs);
  assert.equal(query, { selection: {}, range: { fromMs: nowMs - 15 * minute, toMs: nowMs }, stepMs: 5_000 });
});

test("a step is chosen that suits the range, never finer than the store's second", () => {
  const step = (from: number) => parseSeriesQuery(raw(`from=${from}&to=${nowMs}`), nowMs).stepMs;
  assert.is(step(nowMs - minute), 1_000);
  assert.is(step(nowMs - 60 * minute), 20_000);
  assert.is(step(nowMs - 24 * 60 * minute), 480_000);
});

test("a selection carries what was given and nothing else", () => {
  const query = "client=shop/a&server=shop/b&protocol=http&method=&route=/x/{id}";
  assert.equal(parseSeriesQuery(raw(query), nowMs).selection, {
    client: "shop/a",
    server: "shop/b",
    protocol: "http",
    route: "/x/{id}",
  });
});

test("every bad parameter is refused by its name", () => {
  const series = (query: string) => () => parseSeriesQuery(raw(query), nowMs);
  assertRefused(series("sever=shop/b"), "sever", "there are client, server, protocol");
  assertRefused(series("from=yesterday"), "from", "whole milliseconds");
  assertRefused(series("from=-5"), "from", "whole milliseconds");
  assertRefused(series("from=1.5"), "from", "whole milliseconds");
  assertRefused(series("to=9999999999999999"), "to", "beyond what a date can name");
  assertRefused(series("from=2000&to=1000"), "from", "must lie before");
  assertRefused(series("from=2000&to=2000"), "from", "must lie before");
  assertRefused(series("step=999"), "step", "1000 or more");
  assertRefused(series("step=0"), "step", "1000 or more");
  assertRefused(series("protocol=smtp"), "protocol", "http, grpc or tcp");
  assertRefused(series(`route=${"x".repeat(513)}`), "route", "longer than 512");
  assertRefused(series("server=a&server=b"), "server", "2 times");
  assertRefused(() => parseTotalsQuery(raw("step=1000"), nowMs), "step", "there are from, to");
  assertRefused(() => parseEndpointsQuery(raw("method=GET"), nowMs), "method", "there are server, client");
  assertRefused(() => parseNoQuery(raw("limit=1")), "limit", "takes none");
  assertRefused(series(`${"k".repeat(1000)}=1`), "k".repeat(64), "is not a parameter");
});

test("more points than the limit are refused, with a step that would do", () => {
  const to = nowMs;
  const from = nowMs - 2_001 * 1_000;
  assertRefused(() => parseSeriesQuery(raw(`from=${from}&to=${to}&step=1000`), nowMs), "step", "use 1001 or more");
  assert.is(parseSeriesQuery(raw(`from=${from}&to=${to}&step=1001`), nowMs).stepMs, 1_001);
});

test("prototype names are no parameters", () => {
  assertRefused(() => parseEndpointsQuery(raw("constructor=1"), nowMs), "constructor", "is not a parameter");
  assertRefused(() => parseEndpointsQuery(raw("toString=1"), nowMs), "toString", "is not a parameter");
});

test("a past instant is a window that ends at a whole second, half a minute long unless said otherwise", () => {
  const past = (query: string): unknown => parseSnapshotQuery(raw(query), nowMs);
  assert.is(past(""), undefined);
  assert.equal(past(`at=${nowMs - 5_000}`), {
    fromMs: Math.floor((nowMs - 5_000) / 1_000) * 1_000 - 30_000,
    toMs: Math.floor((nowMs - 5_000) / 1_000) * 1_000,
  });
  assert.equal(past("at=7200999&window=3600"), { fromMs: 3_600_000, toMs: 7_200_000 });
  assert.equal(past("at=9000&window=86400"), { fromMs: 0, toMs: 9_000 });
  assert.equal(parseEndpointsQuery(raw("server=shop/b&at=40000"), nowMs).past, { fromMs: 10_000, toMs: 40_000 });
  assertRefused(() => past(`at=${nowMs + 1}`), "at", "lies in the future");
  assertRefused(() => past("at=999"), "at", "before everything");
  assertRefused(() => past("at=noon"), "at", "whole milliseconds");
  assertRefused(() => past("window=30"), "window", `give "at" too`);
  assertRefused(() => past("at=5000&window=0"), "window", "from 1 to");
  assertRefused(() => past("at=5000&window=3000000"), "window", "31 days");
});

test("requests by name: the last quarter of an hour, fifty of them, unless said otherwise", () => {
  const range = { fromMs: nowMs - 15 * minute, toMs: nowMs };
  assert.equal(parseExemplarsQuery({}, nowMs), { selection: {}, range, limit: 50 });
  const query = `server=shop/b&route=/x&limit=500&from=5&to=9`;
  assert.equal(parseExemplarsQuery(raw(query), nowMs), {
    selection: { server: "shop/b", route: "/x" },
    range: { fromMs: 5, toMs: 9 },
    limit: 500,
  });
  for (const limit of ["0", "501", "-1", "1.5", "many", "1e2"]) {
    assertRefused(() => parseExemplarsQuery(raw(`limit=${limit}`), nowMs), "limit", "must be");
  }
  assertRefused(() => parseExemplarsQuery(raw("step=1000"), nowMs), "step", "is not a parameter here");
});

test.run();
