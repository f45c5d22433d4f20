import { test } from "uvu";
import * as assert from "uvu/assert";

import type { SeriesPoint } from "../../control/store/store.ts";
import { errorShareRow, isSilent, latencyRows, lonely, rateRows, withoutBaseline } from "../../ui/src/charts/rows.ts";
import { PLOTS, readingOf } from "../../ui/src/charts/specs.ts";
import type { Series } from "../../ui/src/data/api.ts";
import { connectionFigures } from "../../ui/src/model/figures.ts";
import { chartedConnections, chartedFigures, faultFigures } from "../../ui/src/panel/endpoints.ts";
import { findFaults } from "../../ui/src/model/trouble.ts";
import { indexSnapshot } from "../../ui/src/model/world.ts";
import { endpoint, red, tcpEdge } from "./fixtures/red.ts";
import { connectionSeries } from "./fixtures/series.ts";
import { shop } from "./fixtures/shop.ts";

/** Steps of 5 s from "successes+errors" words; "0" is a silent step. */
function seriesOf(text: string): Series {
  const points = text.split(" ").map((word, at): SeriesPoint => {
    const [success = 0, serverError = 0] = word.split("+").map(Number);
    const latencyMs = success + serverError === 0 ? [] : [12, 12, 12];
    const outcomes = { success, clientError: 0, serverError, notReached: 0, noAnswer: 0 };
    return { atMs: at * 5000, outcomes, requestBytes: 0, responseBytes: 0, latencyMs };
  });
  return { fromMs: 0, toMs: points.length * 5000, stepMs: 5000, points };
}

test("before the first request nothing is drawn; a silence after it is a true zero", () => {
  const [all, errors] = rateRows(seriesOf("0 0 10 15+5 0 0 5"));
  assert.equal(all, [null, null, 2, 4, 0, 0, 1]);
  assert.equal(errors, [null, null, 0, 1, 0, 0, 0]);
});

test("a range without any request is all gaps, and known as silent", () => {
  assert.equal(rateRows(seriesOf("0 0 0")), [
    [null, null, null],
    [null, null, null],
  ]);
  assert.ok(isSilent(seriesOf("0 0")));
  assert.not.ok(isSilent(seriesOf("0 1")));
});

test("a step without requests has neither a share of errors nor a latency", () => {
  const series = seriesOf("0 3+1 0 4");
  assert.equal(errorShareRow(series), [null, 0.25, null, 0]);
  assert.equal(latencyRows(series)[1], [null, 12, null, 12]);
});

test("errors are drawn where there are some, with the way up and down, and not along the ground", () => {
  assert.equal(withoutBaseline([0, 0, 0, 2, 1, 0, 0, null, 0]), [null, null, 0, 2, 1, 0, null, null, null]);
  assert.equal(withoutBaseline([0, 0, 0]), [null, null, null]);
});

test("a value between gaps is drawn as a point", () => {
  assert.equal(lonely([null, 3, null, 4, 5, undefined, 6]), [1, 6]);
  assert.equal(lonely([]), []);
});

test("without a pointer the figures are the window's; what cannot be merged is not told", () => {
  const figures = { ...red(8, 20, 0.25), p99Ms: null };
  assert.equal(
    readingOf(PLOTS.rate, PLOTS.rate.now(figures)).map(({ name, value }) => `${name} ${value}`),
    ["all 8/s", "errors 2/s"],
  );
  assert.is(readingOf(PLOTS.errors, PLOTS.errors.now(red(0, null)))[0]!.value, "–", "no request, no share");
  const { requests, rate, errorShare } = figures;
  assert.equal(
    readingOf(PLOTS.latency, PLOTS.latency.now({ requests, rate, errorShare })).map(({ value }) => value),
    ["", "", ""],
  );
});

test("the window's figures are those of what is charted", () => {
  const rows = [endpoint({ method: "GET", route: "/a", rate: 3, p95Ms: 9 })];
  const all = red(50, 20);
  assert.is(chartedFigures(rows, "", all), all);
  assert.is(chartedFigures(rows, "GET /a", all), rows[0]!.red);
  assert.is(chartedFigures(rows, "GET /gone", all), undefined);
  const [fault] = findFaults(indexSnapshot(shop({ atMs: 0, faults: true })));
  assert.is(faultFigures(fault!), fault!.endpoint.red);
  const shared = faultFigures({ ...fault!, edges: [...fault!.edges, ...fault!.edges] });
  assert.is(shared.p95Ms, undefined, "two callers' latencies cannot be merged");
});

test("connections: what they carry, how many were opened, and how long those lived that closed", () => {
  const points = connectionSeries({ fromMs: 0, toMs: 30_000, stepMs: 5000, active: 2 }).map((point, at) =>
    at < 2
      ? { ...point, requestBytes: 0, responseBytes: 0, outcomes: { ...point.outcomes, success: 0 } }
      : { ...point, requestBytes: 500 * at, responseBytes: 10_000, outcomes: { ...point.outcomes, success: 0 } },
  );
  points[4]!.outcomes = { ...points[4]!.outcomes, success: 10, notReached: 5, noAnswer: 5 };
  const series: Series = { fromMs: 0, toMs: 30_000, stepMs: 5000, points };
  assert.equal(PLOTS.bytes.rows(series), [
    [null, null, 200, 300, 400, 500],
    [null, null, 2000, 2000, 2000, 2000],
  ]);
  assert.equal(
    PLOTS.opened.rows(series),
    [
      [null, null, 0, 0, 4, 0],
      [null, null, 0, 0, 1, 0],
    ],
    "bytes tell that somebody counts; who left while it was connected is no failure",
  );
  assert.not.ok(isSilent(series));
  assert.is(PLOTS.lifetime.none(series), "No connection closed in this range");
  assert.is(PLOTS.latency.none(seriesOf("0 0")), "", "where the first chart says that nothing was asked");
});

test("the window's figures of connections are sums; lifetimes are those of one edge", () => {
  const edges = [tcpEdge(["a", "db"], 4, 0), tcpEdge(["b", "db"], 6, 0)];
  const both = connectionFigures(edges);
  assert.equal(both, { open: 10, requestBytesRate: 4_200, responseBytesRate: 53_000, lifetime: undefined });
  const told = readingOf(PLOTS.bytes, PLOTS.bytes.now(chartedConnections(red(1, null), both)));
  assert.equal(
    told.map(({ name, value }) => `${name} ${value.replaceAll("\u00a0", " ")}`),
    ["to 4.2 kB/s", "from 53 kB/s"],
  );
  const lived = PLOTS.lifetime.now(chartedConnections(red(1, null), connectionFigures(edges.slice(0, 1))));
  assert.equal(lived, [95_000, 2_400_000, 9_900_000]);
  assert.equal(PLOTS.lifetime.now(chartedConnections(red(1, null), both)), [undefined, undefined, undefined]);
});

test.run();
