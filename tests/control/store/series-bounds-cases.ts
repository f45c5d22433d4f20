import * as assert from "uvu/assert";
import { StoreInputError } from "../../../control/store/errors.ts";
import { MAX_GROUPS, MAX_POINTS, MAX_SLOWER_MS, MAX_TOP } from "../../../control/store/questions.ts";
import type { SeriesQuestion } from "../../../control/store/store.ts";
import { TooMuchWork } from "../../../control/world/pattern.ts";
import { START_MS, observation, windowOf } from "../world/fixtures.ts";
import { MINUTE_OF_TEST, SECOND, requests, sum } from "./contract-case.ts";
import type { Contract } from "./contract-case.ts";

export function seriesBoundsCases(contract: Contract): void {
  const asked: SeriesQuestion = { range: MINUTE_OF_TEST, stepMs: 60 * SECOND, labelsOf: ({ route }) => [route] };

  contract("series that make no sense are refused with the field that is wrong", async (store) => {
    for (const [field, wrong] of [
      ["top", { top: 0 }],
      ["top", { top: 1.5 }],
      ["top", { top: MAX_TOP + 1 }],
      ["from", { firstMs: MINUTE_OF_TEST.fromMs + 1 }],
      ["from", { firstMs: MINUTE_OF_TEST.fromMs - asked.stepMs }],
      ["percentiles", { percentiles: [] }],
      ["percentiles", { percentiles: [0.5, 1] }],
      ["percentiles", { percentiles: [0] }],
      ["percentiles", { percentiles: [NaN] }],
      ["percentiles", { percentiles: Array.from({ length: 9 }, () => 0.5) }],
      ["slowerThan", { slowerThanMs: 0 }],
      ["slowerThan", { slowerThanMs: NaN }],
      ["slowerThan", { slowerThanMs: MAX_SLOWER_MS + 1 }],
    ] as const) {
      const error: unknown = await store.series({ ...asked, ...wrong }).catch((caught: unknown) => caught);
      assert.instance(error, StoreInputError, JSON.stringify(wrong));
      assert.is((error as StoreInputError).field, field);
    }
  });

  contract("more points in all than one answer may have are refused before anything is read", async (store) => {
    const toMs = START_MS + MAX_POINTS * SECOND;
    const long = { ...asked, range: { fromMs: START_MS, toMs }, stepMs: SECOND };
    await store.series({ ...long, top: 10 });
    const error: unknown = await store.series({ ...long, top: 50 }).catch((caught: unknown) => caught);
    assert.instance(error, TooMuchWork);
    assert.match((error as Error).message, "smaller top");
  });

  contract("groups without end are refused, and as many as there may be are ranked", async (store) => {
    const observations = Array.from({ length: MAX_GROUPS }, (_, at) => observation({ route: `/${at}`, count: at + 1 }));
    await store.append([windowOf(observations)], 1);
    const { series, groupCount } = await store.series({ ...asked, top: 2 });
    assert.equal([groupCount, series.map(({ labels }) => labels)], [MAX_GROUPS, [["/9999"], ["/9998"], []]]);
    assert.is(sum(series.map(({ total }) => requests(total))), (MAX_GROUPS * (MAX_GROUPS + 1)) / 2);
    await store.append([windowOf([observation({ route: "/one/more" })])], 2);
    const error: unknown = await store.series(asked).catch((caught: unknown) => caught);
    assert.instance(error, TooMuchWork);
    assert.match((error as Error).message, "more than 10000 groups; narrow");
    assert.is((await store.series({ ...asked, matches: ({ route }) => route !== "/0" })).groupCount, MAX_GROUPS);
  });

  contract("what a question throws, its reader gets; and the next one is answered", async (store) => {
    await store.append([windowOf([observation()])], 1);
    const matches = (): never => {
      throw new TooMuchWork("Too much");
    };
    const error: unknown = await store.series({ ...asked, matches }).catch((caught: unknown) => caught);
    assert.is((error as Error).message, "Too much");
    assert.is((await store.series(asked)).groupCount, 1);
  });

  contract(
    "a read that was given up ends, before its turn or within it, and the next one is answered",
    async (store) => {
      await store.append([windowOf([observation({ count: 5 })])], 1);
      const gone = AbortSignal.abort();
      for (const read of [
        (signal: AbortSignal) => store.series(asked, signal),
        (signal: AbortSignal) => store.series({ ...asked, labelsOf: () => [] }, signal),
        (signal: AbortSignal) => store.totals(MINUTE_OF_TEST, signal),
        (signal: AbortSignal) => store.sums(MINUTE_OF_TEST, signal),
      ]) {
        assert.is(await read(gone).catch((error: unknown) => error), gone.reason);
        const asker = new AbortController();
        const answer = read(asker.signal).catch((error: unknown) => error);
        setImmediate(() => asker.abort());
        const told = await answer;
        assert.ok(!(told instanceof Error) || told === asker.signal.reason, String(told));
      }
      assert.is(requests((await store.series(asked)).series[0]!.total), 5);
    },
  );
}
