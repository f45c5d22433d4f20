import { test } from "uvu";
import * as assert from "uvu/assert";
import { HttpError } from "../../../control/api/http-errors.ts";
import {
  parseExemplarsQuery,
  parseNoQuery,
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

test("every bad parameter is refused by its name", () => {
  const exemplars = (query: string) => () => parseExemplarsQuery(raw(query), nowMs);
  assertRefused(exemplars("sever=shop/b"), "sever", "there are client, server, protocol");
  assertRefused(exemplars("from=yesterday"), "from", "whole milliseconds");
  assertRefused(exemplars("from=-5"), "from", "whole milliseconds");
  assertRefused(exemplars("from=1.5"), "from", "whole milliseconds");
  assertRefused(exemplars("to=9999999999999999"), "to", "beyond what a date can name");
  assertRefused(exemplars("from=2000&to=1000"), "from", "must lie before");
  assertRefused(exemplars("from=2000&to=2000"), "from", "must lie before");
  assertRefused(exemplars("protocol=smtp"), "protocol", "one of http, grpc, tcp, dns");
  assertRefused(exemplars(`route=${"x".repeat(513)}`), "route", "longer than 512");
  assertRefused(exemplars("server=a&server=b"), "server", "2 times");
  assertRefused(() => parseTotalsQuery(raw("step=1000"), nowMs), "step", "there are from, to");
  assertRefused(() => parseEndpointsQuery(raw("method=GET"), nowMs), "method", "there are server, client");
  assertRefused(() => parseNoQuery(raw("limit=1")), "limit", "takes none");
  assertRefused(exemplars(`${"k".repeat(1000)}=1`), "k".repeat(64), "is not a parameter");
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
