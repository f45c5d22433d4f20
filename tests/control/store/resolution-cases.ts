import * as assert from "uvu/assert";
import { bucketsOf } from "../../../control/world/histogram.ts";
import { START_MS, connections, observation, timed, windowOf } from "../world/fixtures.ts";
import { randomOf } from "../world/random.ts";
import { HOUR, SECOND, byId, collect, requests, shifted, sum, total } from "./contract-case.ts";
import type { Contract } from "./contract-case.ts";
import { randomWindows } from "./windows.ts";

export function resolutionCases(contract: Contract): void {
  const range = { fromMs: START_MS, toMs: START_MS + 120 * SECOND };

  contract("rolled up to 10 s, every sum and percentile is the same", async (store) => {
    await store.append(randomWindows(randomOf(7)), 1);
    const before = await store.series({}, range, 10 * SECOND);
    const totals = await store.totals(range);
    await store.expire(START_MS + 61 * SECOND);
    assert.equal(await store.series({}, range, 10 * SECOND), before);
    await store.expire(START_MS + 3 * HOUR);
    assert.equal(await collect(store.windows(range)), [], "the seconds are gone");
    assert.equal(await store.series({}, range, 10 * SECOND), before);
    assert.equal(await store.totals(range), totals);
    assert.equal(sum((await store.series({}, range, SECOND)).map(requests)), sum(before.map(requests)));
  });

  contract("durations of every bucket, up to the last one of 50 days, are read and rolled up", async (store) => {
    const values = Array.from({ length: 260 }, (_, at) => Math.min(2 ** 42 - 1, 2 ** (at / 6)));
    const counts = { count: values.length, buckets: bucketsOf(values), requestBytes: 12_345, responseBytes: 1 };
    await store.append([windowOf([connections(counts)], { durationMs: 5_000 })], 1);
    const series = () => store.series({ protocol: "tcp" }, range, 10 * SECOND);
    const before = await series();
    assert.ok(before[0]!.p99Ms! > 40 * 24 * HOUR, `${before[0]!.p99Ms}`);
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
      const [point] = await store.series({}, range, 120 * SECOND);
      assert.equal([requests(point!), Math.round(point!.p50Ms!), Math.round(point!.p95Ms!)], [100, 10, 90]);
    };
    await both();
    await store.expire(START_MS + 3 * HOUR);
    await both();
  });

  contract("what is older than a day is dropped, what is younger stays", async (store) => {
    const day = 24 * HOUR;
    const old = windowOf([observation({ client: "old" })], { losses: [{ kind: "valuesCut", count: 1 }] });
    const young = windowOf([observation({ client: "young" })], { startMs: START_MS + 2 * day });
    await store.append([old, young], 1);
    await store.expire(START_MS + 2 * day + 2 * HOUR);
    const ever = { fromMs: 0, toMs: START_MS + 10 * day };
    assert.equal(
      (await store.totals(ever)).map(({ client }) => client),
      ["young"],
    );
    assert.equal(await store.losses(ever), []);
    assert.equal(
      byId(await store.nodes()).map(({ id }) => id),
      ["b", "young"],
    );
    assert.is(await store.cursor(), 1);
    await store.append([shifted(old, 3 * day)], 2);
    assert.is((await store.totals(ever)).length, 2, "names that were dropped can come again");
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
