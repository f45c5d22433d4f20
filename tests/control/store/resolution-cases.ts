import * as assert from "uvu/assert";
import type { RangeSums, TimeRange } from "../../../control/store/store.ts";
import { bucketsOf } from "../../../control/world/histogram.ts";
import { START_MS, connections, observation, timed, windowOf } from "../world/fixtures.ts";
import { randomOf } from "../world/random.ts";
import { HOUR, SECOND, byId, collect, pointsOf, requests, shifted, sum, total } from "./contract-case.ts";
import type { Contract } from "./contract-case.ts";
import { randomWindows } from "./windows.ts";

const DAY = 24 * HOUR;
const MINUTE = 60 * SECOND;

/** So many days later the resolution is the finest that is kept, by default. */
const AGES = [
  [0.2, 10 * SECOND],
  [3, MINUTE],
  [50, HOUR],
] as const;
const STEPS = [10 * SECOND, MINUTE, HOUR] as const;

/** The whole hours that hold a range. */
function hoursAround({ fromMs, toMs }: TimeRange): TimeRange {
  return { fromMs: Math.floor(fromMs / HOUR) * HOUR, toMs: Math.ceil(toMs / HOUR) * HOUR };
}

/** Without what is known for a while only, and what depends on it. */
function sortedSums({ observations, nodes, losses }: RangeSums): unknown {
  const texts = observations
    .filter((one) => one.count + one.requestBytes + one.responseBytes + one.buckets.length > 0)
    .map((one) => JSON.stringify(one));
  return [texts.sort(), byId(nodes), losses];
}

export function resolutionCases(contract: Contract): void {
  const range = { fromMs: START_MS, toMs: START_MS + 120 * SECOND };

  contract("rolled up to 10 s, every sum and percentile is the same", async (store) => {
    await store.append(randomWindows(randomOf(7)), 1);
    const before = await pointsOf(store, {}, range, 10 * SECOND);
    const totals = await store.totals(range);
    await store.expire(START_MS + 61 * SECOND);
    assert.equal(await pointsOf(store, {}, range, 10 * SECOND), before);
    await store.expire(START_MS + 3 * HOUR);
    assert.equal(await collect(store.windows(range)), [], "the seconds are gone");
    assert.equal(await pointsOf(store, {}, range, 10 * SECOND), before);
    assert.equal(await store.totals(range), totals);
    assert.equal(sum((await pointsOf(store, {}, range, SECOND)).map(requests)), sum(before.map(requests)));
  });

  contract("durations of every bucket, up to the last one of 50 days, are read and rolled up", async (store) => {
    const values = Array.from({ length: 260 }, (_, at) => Math.min(2 ** 42 - 1, 2 ** (at / 6)));
    const counts = { count: values.length, buckets: bucketsOf(values), requestBytes: 12_345, responseBytes: 1 };
    await store.append([windowOf([connections(counts)], { durationMs: 5_000 })], 1);
    const series = () => pointsOf(store, { protocol: "tcp" }, range, 10 * SECOND);
    const before = await series();
    assert.ok(before[0]!.latencyMs[2]! > 40 * 24 * HOUR, `${before[0]!.latencyMs[2]}`);
    assert.equal([before[0]!.requestBytes, before[0]!.responseBytes], [12_345, 1]);
    await store.expire(START_MS + 3 * HOUR);
    assert.equal(await series(), before);
  });

  contract("a window that comes late, after its time was rolled up, is counted too", async (store) => {
    const window = windowOf([timed(50, 10)]);
    await store.append([window], 1);
    await store.expire(START_MS + 3 * HOUR);
    await store.append([windowOf([timed(50, 90)])], 2);
    const both = async (): Promise<void> => {
      const [point] = await pointsOf(store, {}, range, 120 * SECOND);
      assert.equal(
        [requests(point!), Math.round(point!.latencyMs[0]!), Math.round(point!.latencyMs[1]!)],
        [100, 10, 90],
      );
    };
    await both();
    await store.expire(START_MS + 3 * HOUR);
    await both();
  });

  contract("what is older than a year is dropped, what is younger stays", async (store) => {
    const old = windowOf([observation({ client: "old" })], { losses: [{ kind: "valuesCut", count: 1 }] });
    const young = windowOf([observation({ client: "young" })], { startMs: START_MS + 100 * DAY });
    await store.append([old, young], 1);
    const ever = { fromMs: 0, toMs: START_MS + 1_000 * DAY };
    const clients = async (): Promise<string[]> => (await store.totals(ever)).map(({ client }) => client).sort();
    await store.expire(START_MS + 300 * DAY);
    assert.equal(await clients(), ["old", "young"]);
    assert.equal(await store.losses(ever), [{ kind: "valuesCut", count: 1 }]);
    await store.expire(START_MS + 400 * DAY);
    assert.equal(await clients(), ["young"]);
    assert.equal(await store.losses(ever), []);
    assert.equal(
      byId(await store.nodes()).map(({ id }) => id),
      ["b", "young"],
    );
    assert.is(await store.cursor(), 1);
    await store.append([shifted(old, 300 * DAY)], 2);
    assert.is((await store.totals(ever)).length, 2, "names that were dropped can come again");
  });

  contract("at every resolution sums and percentiles are the same, as long as a year", async (store) => {
    await store.append(randomWindows(randomOf(8)), 1);
    const hour = hoursAround(range);
    const steps = [...STEPS];
    const before = await Promise.all(steps.map((step) => pointsOf(store, {}, hour, step)));
    const [totals, sums] = [await store.totals(hour), await store.sums(hour)];
    for (const [days, finest] of AGES) {
      await store.expire(START_MS + days * DAY);
      for (const [at, step] of steps.entries()) {
        const series = await pointsOf(store, {}, hour, step);
        if (step >= finest) assert.equal(series, before[at], `steps of ${step} ms after ${days} days`);
        assert.is(sum(series.map(requests)), sum(before[at]!.map(requests)), `after ${days} days`);
      }
      assert.equal(await store.totals(hour), totals, `after ${days} days`);
      assert.equal(sortedSums(await store.sums(hour)), sortedSums(sums), `after ${days} days`);
    }
  });

  contract("where only hours are kept, a part of one has its share", async (store) => {
    await store.append([windowOf([timed(600, 10)])], 1);
    await store.expire(START_MS + 50 * DAY);
    const { fromMs } = hoursAround(range);
    for (const [from, to, share] of [
      [0, 30, 300],
      [15, 45, 300],
      [45, 90, 150],
      [-30, 12, 120],
      [-90, 150, 600],
    ] as const) {
      const part = { fromMs: fromMs + from * MINUTE, toMs: fromMs + to * MINUTE };
      assert.is(await total(store, part), share, `from minute ${from} to ${to}`);
      const series = await pointsOf(store, {}, part, part.toMs - part.fromMs);
      assert.equal(series.map(requests), [share], `from minute ${from} to ${to}`);
    }
  });

  contract("a window that comes when its time is long rolled up is counted at every resolution", async (store) => {
    const hour = hoursAround(range);
    let expected = 0;
    for (const [at, [days]] of [[0, 0] as const, ...AGES].entries()) {
      const count = 10 ** at;
      await store.append([windowOf([timed(count, 10)])], at + 1);
      expected += count;
      assert.is(await total(store, hour), expected, `as it came after ${days} days`);
      await store.expire(START_MS + days * DAY);
      assert.is(await total(store, hour), expected, `rolled up after ${days} days`);
      const [point] = await pointsOf(store, {}, hour, HOUR);
      assert.is(requests(point!), expected);
      assert.is(point!.latencyMs.length, 3);
    }
  });

  contract("days of every resolution: nothing is lost or doubled where they meet", async (store) => {
    const random = randomOf(9);
    const nowMs = START_MS + 40 * DAY;
    let [cursor, counted] = [0, 0];
    for (let ageMs = 40 * DAY; ageMs > 0; ageMs -= Math.min(2 * DAY, ageMs / 4 + 60 * SECOND)) {
      const windows = [500, 1_000, 30_000, 90_000, 5_000_000].map((durationMs, at) => {
        const count = Math.floor(random() * 1_000);
        counted += count;
        const startMs = Math.floor(nowMs - ageMs + random() * 20_000) + at * 777;
        return windowOf([timed(count, 1 + random() * 100, { client: `c${at}` })], { startMs, durationMs });
      });
      await store.append(windows, ++cursor);
      if (random() < 0.3) await store.expire(nowMs - ageMs);
    }
    await store.expire(nowMs);
    const ever = { fromMs: START_MS - DAY, toMs: nowMs + DAY };
    assert.is(await total(store, ever), counted);
    for (let round = 0; round < 10; round++) {
      const cutMs = Math.floor(ever.fromMs + random() * (ever.toMs - ever.fromMs));
      const left = await total(store, { ...ever, toMs: cutMs });
      const right = await total(store, { ...ever, fromMs: cutMs });
      assert.is(left + right, counted, `cut at ${cutMs}`);
    }
    for (const step of [HOUR, 1.5 * HOUR, DAY + 7]) {
      const points = Math.ceil((ever.toMs - ever.fromMs) / step);
      const series = await pointsOf(store, {}, ever, step);
      assert.equal([series.length, sum(series.map(requests))], [points, counted], `steps of ${step} ms`);
    }
  });

  contract("the history expires while it is read", async (store) => {
    const young = shifted(windowOf([observation()]), 3 * HOUR);
    await store.append([windowOf([observation()]), young], 1);
    const reading = store.windows({ fromMs: START_MS, toMs: START_MS + 4 * HOUR })[Symbol.asyncIterator]();
    await reading.next();
    await store.expire(START_MS + 3 * HOUR);
    assert.is(((await reading.next()).value as { startMs: number }).startMs, young.startMs);
    assert.is((await reading.next()).done, true);
    assert.equal(await collect(store.windows(range)), [], "the seconds are gone");
  });

  contract("appending goes on while the history expires", async (store) => {
    const work: Promise<void>[] = [];
    for (let cursor = 1; cursor <= 30; cursor++) {
      const startMs = START_MS + cursor * 10 * 60 * SECOND;
      work.push(store.append([windowOf([observation({ client: `c${cursor}`, count: 2 })], { startMs })], cursor));
      if (cursor % 5 === 0) work.push(store.expire(startMs));
    }
    await Promise.all(work);
    assert.is(await total(store, { fromMs: START_MS, toMs: START_MS + 10 * HOUR }), 60);
  });
}
