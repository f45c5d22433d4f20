import * as assert from "uvu/assert";
import type { ReportedWindow } from "../../../control/identity/observation.ts";
import { StoreInputError } from "../../../control/store/errors.ts";
import { MAX_POINTS } from "../../../control/store/questions.ts";
import { bucketsOf, quantile } from "../../../control/world/histogram.ts";
import { START_MS, connections, observation, timed, windowOf } from "../world/fixtures.ts";
import { randomOf } from "../world/random.ts";
import { HOUR, MINUTE_OF_TEST, SECOND, collect, pointsOf, requests, shifted, sum, total } from "./contract-case.ts";
import type { Contract } from "./contract-case.ts";
import { expectedTotals, randomWindows } from "./windows.ts";

export function readingCases(contract: Contract): void {
  contract("totals are exact, by the reporter rule of the world", async (store) => {
    for (let seed = 1; seed <= 8; seed++) {
      const windows = randomWindows(randomOf(seed)).map((window) => shifted(window, seed * HOUR));
      await store.append(windows, seed);
      const range = { fromMs: START_MS + seed * HOUR, toMs: START_MS + seed * HOUR + 200 * SECOND };
      assert.equal(await store.totals(range), expectedTotals(windows), `seed ${seed}`);
    }
  });

  contract("large counts stay exact", async (store) => {
    const count = 2 ** 32 - 1;
    const windows = Array.from({ length: 100 }, () => windowOf([observation({ count })], { durationMs: 86_400_000 }));
    await store.append(windows, 1);
    const range = { fromMs: START_MS, toMs: START_MS + 86_400_000 };
    assert.is((await store.totals(range))[0]!.outcomes.success, count * 100);
  });

  contract("adjoining ranges add up to the whole, wherever they are cut", async (store) => {
    const windows = randomWindows(randomOf(3)).map((window) => ({
      ...window,
      observations: window.observations.filter(({ side }) => side === "source"),
    }));
    await store.append(windows, 1);
    const whole = await total(store, { fromMs: START_MS, toMs: START_MS + 200 * SECOND });
    for (const cut of [1, 777, 10_000, 33_333, 61_234]) {
      const left = await total(store, { fromMs: START_MS, toMs: START_MS + cut });
      const right = await total(store, { fromMs: START_MS + cut, toMs: START_MS + 200 * SECOND });
      assert.is(left + right, whole, `cut at ${cut}`);
    }
  });

  contract("losses are summed by kind", async (store) => {
    const lost = (count: number, second: number): ReportedWindow =>
      windowOf([], { startMs: START_MS + second * SECOND, losses: [{ kind: "edgesFull", count }] });
    await store.append([lost(2, 0), lost(3, 30), lost(100, 60)], 1);
    assert.equal(await store.losses(MINUTE_OF_TEST), [{ kind: "edgesFull", count: 5 }]);
  });

  contract("a series has a point a step, gaps as zeros, and is selected by every field", async (store) => {
    const at = (second: number, differing: object): ReportedWindow =>
      windowOf([observation({ count: 1, ...differing })], { startMs: START_MS + second * SECOND });
    await store.append(
      [
        at(0, { count: 5 }),
        at(2, { outcome: "serverError", count: 2 }),
        at(2, { client: "other" }),
        at(2, { server: "other" }),
        at(2, { protocol: "grpc" }),
        at(2, { method: "POST" }),
        at(2, { route: "/other" }),
      ],
      1,
    );
    const range = { fromMs: START_MS, toMs: START_MS + 4 * SECOND };
    const one = { client: "a", server: "b", protocol: "http", method: "GET", route: "/" } as const;
    const points = await pointsOf(store, one, range, SECOND);
    assert.equal(points.map(requests), [5, 0, 2, 0]);
    assert.equal(
      points.map((point) => point.atMs - START_MS),
      [0, 1_000, 2_000, 3_000],
    );
    assert.is(points[2]!.outcomes.serverError, 2);
    for (const field of Object.keys(one)) {
      assert.equal(
        (await pointsOf(store, { ...one, [field]: "" }, range, SECOND)).map(requests),
        [5, 0, 3, 0],
        `any ${field}`,
      );
    }
    assert.is((await pointsOf(store, {}, range, SECOND)).map(requests)[2], 7, "everything");
    assert.is((await pointsOf(store, { client: "" }, range, SECOND)).map(requests)[2], 7, "empty matches everything");
  });

  contract("the sum of a series is the total", async (store) => {
    await store.append(randomWindows(randomOf(4)), 1);
    const range = { fromMs: START_MS + 333, toMs: START_MS + 70_000 };
    const expected = await total(store, range);
    for (const step of [500, 1_000, 7_000, 10_000, 100_000]) {
      const series = await pointsOf(store, {}, range, step);
      assert.is(sum(series.map(requests)), expected, `step ${step}`);
    }
  });

  contract("percentiles come from merged buckets", async (store) => {
    const random = randomOf(6);
    const values = Array.from({ length: 400 }, () => Math.exp(random() * 14));
    const windows = Array.from({ length: 40 }, (_, at) => {
      const part = values.slice(at * 10, at * 10 + 10);
      return windowOf([observation({ count: 10, buckets: bucketsOf(part) })], { startMs: START_MS + at * SECOND });
    });
    await store.append(windows, 1);
    const [point] = await pointsOf(store, {}, MINUTE_OF_TEST, 60 * SECOND);
    const expected = [0.5, 0.95, 0.99].map((q) => quantile(bucketsOf(values), q)! / 1_000);
    assert.equal(point!.latencyMs, expected);
    const empty = await pointsOf(store, { client: "nobody" }, MINUTE_OF_TEST, 60 * SECOND);
    assert.equal(empty[0]!.latencyMs, []);
  });

  contract(
    "bytes are in the step in which they moved, of connections that were opened long before too",
    async (store) => {
      const moved = [
        connections({ count: 3, active: 3 }),
        connections({ count: 0, requestBytes: 7, responseBytes: 2 ** 45 }),
      ];
      const closed = connections({ count: 0, requestBytes: 1, buckets: bucketsOf([36 * HOUR * SECOND]) });
      const windows = [...moved, closed].map((one, at) => windowOf([one], { startMs: START_MS + at * SECOND }));
      await store.append(windows, 1);
      const range = { fromMs: START_MS, toMs: START_MS + 3 * SECOND };
      const points = await pointsOf(store, { protocol: "tcp" }, range, SECOND);
      assert.equal(
        points.map((point) => [requests(point), point.requestBytes, point.responseBytes]),
        [
          [3, 0, 0],
          [0, 7, 2 ** 45],
          [0, 1, 0],
        ],
      );
      const hours = points[2]!.latencyMs[0]! / HOUR;
      assert.ok(Math.abs(hours - 36) < 0.36, `lived for ${hours} h`);
      const [edge] = await store.totals(range);
      assert.equal([edge!.requestBytes, edge!.responseBytes], [8, 2 ** 45]);
    },
  );

  contract("how long connections lived is no latency: told only where TCP alone is asked for", async (store) => {
    const upgraded = timed(50, 900_000, { status: 101 });
    const lived = connections({ side: "destination", count: 50, buckets: timed(50, 600_000).buckets });
    await store.append([windowOf([timed(50, 8), upgraded]), windowOf([lived])], 1);
    const p99 = async (selection: object): Promise<number> => {
      const [point] = await pointsOf(store, selection, MINUTE_OF_TEST, 60 * SECOND);
      return Math.round(point!.latencyMs[2]! / 10) * 10;
    };
    assert.is(await p99({}), 10);
    assert.is(await p99({ client: "a" }), 10);
    assert.ok(Math.abs((await p99({ protocol: "tcp" })) - 600_000) < 6_000);
  });

  contract("a window longer than a step is spread over it evenly", async (store) => {
    const values = Array.from({ length: 600 }, (_, at) => 1_000 + at);
    const long = observation({ count: 600, buckets: bucketsOf(values) });
    await store.append([windowOf([long], { durationMs: 60 * SECOND })], 1);
    const series = await pointsOf(store, {}, MINUTE_OF_TEST, SECOND);
    assert.equal(new Set(series.map(requests)), new Set([10]));
    assert.is(sum(series.map(requests)), 600);
    assert.ok(series.every(({ latencyMs }) => latencyMs.length === 3));
    const beyond = { fromMs: START_MS - 30 * SECOND, toMs: START_MS + 30 * SECOND };
    assert.equal((await pointsOf(store, {}, beyond, 30 * SECOND)).map(requests), [0, 300]);
  });

  contract("questions that make no sense are refused with the field that is wrong", async (store) => {
    const refused = async (field: string, ask: () => Promise<unknown>): Promise<void> => {
      const error: unknown = await ask().catch((caught: unknown) => caught);
      assert.instance(error, StoreInputError, field);
      assert.is((error as StoreInputError).field, field);
    };
    const { fromMs, toMs } = MINUTE_OF_TEST;
    await refused("from", () => store.totals({ fromMs: toMs, toMs: fromMs }));
    await refused("from", () => store.losses({ fromMs, toMs: fromMs }));
    await refused("from", () => store.sums({ fromMs, toMs: fromMs }));
    await refused("from", () => collect(store.windows({ fromMs: -1, toMs })));
    await refused("to", () => pointsOf(store, {}, { fromMs, toMs: NaN }, SECOND));
    await refused("step", () => pointsOf(store, {}, MINUTE_OF_TEST, 0));
    await refused("step", () => pointsOf(store, {}, MINUTE_OF_TEST, 0.5));
    await refused("step", () => pointsOf(store, {}, { fromMs, toMs: fromMs + MAX_POINTS * SECOND + 1 }, SECOND));
    await refused("cursor", () => store.append([], -1));
    assert.is((await pointsOf(store, {}, { fromMs, toMs: fromMs + MAX_POINTS * SECOND }, SECOND)).length, MAX_POINTS);
  });
}
