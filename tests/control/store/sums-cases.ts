import * as assert from "uvu/assert";
import { mergeObservations } from "../../../control/identity/merge-observations.ts";
import type { Observation } from "../../../control/identity/observation.ts";
import type { RouteOf } from "../../../control/routes/route-of.ts";
import type { Store, TimeRange } from "../../../control/store/store.ts";
import { START_MS, connections, identity, observation, timed, windowOf } from "../world/fixtures.ts";
import { randomOf } from "../world/random.ts";
import { HOUR, MINUTE_OF_TEST, SECOND, byId, sum } from "./contract-case.ts";
import type { Contract } from "./contract-case.ts";
import { randomWindows } from "./windows.ts";

/** In one order, so that two lists of the same observations are equal. */
function sorted(observations: readonly Observation[]): Observation[] {
  return mergeObservations(observations)
    .map((one) => ({ ...one, active: 0 }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

async function sumsIn(store: Store, range: TimeRange): Promise<Observation[]> {
  return sorted((await store.sums(range)).observations);
}

export function sumsCases(contract: Contract): void {
  const whole = { fromMs: START_MS, toMs: START_MS + 120 * SECOND };

  contract("sums of a range are all that was counted, by what it counts, whatever the resolution", async (store) => {
    const windows = randomWindows(randomOf(11));
    await store.append(windows, 1);
    const expected = sorted(windows.flatMap(({ observations }) => observations));
    assert.equal(await sumsIn(store, whole), expected);
    await store.expire(START_MS + 61 * SECOND);
    assert.equal(await sumsIn(store, whole), expected, "rolled up");
    await store.expire(START_MS + 3 * HOUR);
    assert.equal(await sumsIn(store, whole), expected, "the seconds are gone");
  });

  contract("sums of adjoining ranges add up to those of the whole, wherever they are cut", async (store) => {
    await store.append(randomWindows(randomOf(12)), 1);
    const present = (observations: readonly Observation[]): Observation[] =>
      sorted(observations).filter((one) => one.count + one.requestBytes + one.responseBytes + one.buckets.length > 0);
    const expected = present(await sumsIn(store, whole));
    for (const cut of [1, 777, 10_000, 33_333, 61_234]) {
      const left = await sumsIn(store, { ...whole, toMs: START_MS + cut });
      const right = await sumsIn(store, { ...whole, fromMs: START_MS + cut });
      assert.equal(present([...left, ...right]), expected, `cut at ${cut}`);
    }
  });

  contract("sums keep the views of both ends apart, and tell no open connections", async (store) => {
    const asSource = timed(7, 30, { side: "source" });
    await store.append([windowOf([timed(5, 10), asSource, connections({ count: 2, active: 2, requestBytes: 9 })])], 1);
    assert.equal(
      await sumsIn(store, MINUTE_OF_TEST),
      sorted([timed(5, 10), asSource, connections({ count: 2, requestBytes: 9 })]),
    );
  });

  contract("sums know the nodes that they name as they were at the end of the range", async (store) => {
    const kinds = ["unmeshed", "workload", "store"] as const;
    for (const [at, kind] of kinds.entries()) {
      const nodes = [identity("a"), identity("b", kind)];
      await store.append([windowOf([observation()], { nodes, startMs: START_MS + at * 20 * SECOND })], at + 1);
    }
    await store.append([windowOf([observation({ client: "other" })], { startMs: START_MS + HOUR })], 4);
    for (const [at, kind] of kinds.entries()) {
      const { nodes } = await store.sums({ fromMs: START_MS, toMs: START_MS + (at + 1) * 20 * SECOND });
      assert.equal(byId(nodes), [identity("a"), identity("b", kind)]);
    }
  });

  contract("sums tell the losses of the range, and its reporters while their windows are kept", async (store) => {
    const windows = ["one", "two", "two"].map((instance, at) =>
      windowOf([observation()], {
        instance,
        startMs: START_MS + at * 40 * SECOND,
        losses: [{ kind: "valuesCut", count: 10 ** at }],
      }),
    );
    await store.append(windows, 1);
    const told = async (range: TimeRange): Promise<[number, number | null]> => {
      const { losses, reporters } = await store.sums(range);
      return [sum(losses.map(({ count }) => count)), reporters];
    };
    assert.equal(await told(whole), [111, 2]);
    assert.equal(await told({ ...whole, toMs: START_MS + 40 * SECOND }), [1, 1]);
    assert.equal(await told({ fromMs: START_MS + HOUR, toMs: START_MS + 2 * HOUR }), [0, 0]);
    await store.expire(START_MS + 3 * HOUR);
    assert.equal(await told(whole), [111, null]);
  });

  contract("sums of endpoints whose routes have become the same are one", async (store) => {
    const routeOf: RouteOf = ({ route }) => (route.startsWith("/users/") ? "/users/{id}" : route);
    const observations = ["/users/ann", "/users/bob", "/else"].map((route, at) => timed(at + 1, 10 ** at, { route }));
    await store.append([windowOf(observations)], 1);
    await store.moveRoutes(routeOf);
    assert.equal(
      await sumsIn(store, MINUTE_OF_TEST),
      sorted(observations.map((one) => ({ ...one, route: routeOf(one) }))),
    );
  });

  contract("sums of a time of which nothing is known are empty", async (store) => {
    const nothing = { observations: [], nodes: [], losses: [], reporters: 0 };
    assert.equal(await store.sums(MINUTE_OF_TEST), nothing);
    await store.append([windowOf([observation()])], 1);
    assert.equal(await store.sums({ fromMs: START_MS + HOUR, toMs: START_MS + 2 * HOUR }), nothing);
  });
}
