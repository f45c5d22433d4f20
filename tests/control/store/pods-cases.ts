import * as assert from "uvu/assert";
import type { PodTraffic, ReportedWindow } from "../../../control/identity/observation.ts";
import { mergePods, podKeyText } from "../../../control/store/pod-keys.ts";
import type { Store, TimeRange } from "../../../control/store/store.ts";
import { pictureOfPods } from "../../../control/world/pod-picture.ts";
import { START_MS, identity, observation, windowOf } from "../world/fixtures.ts";
import { inPods, podEnd, podTraffic } from "../world/pod-fixtures.ts";
import { randomOf } from "../world/random.ts";
import { HOUR, MINUTE_OF_TEST, SECOND, byId, collect, sum } from "./contract-case.ts";
import type { Contract } from "./contract-case.ts";
import { expectedTotals, randomWindows } from "./windows.ts";

const DAY = 24 * HOUR;
/** Holds all that `randomWindows` makes, on whole minutes. */
const WHOLE = { fromMs: START_MS - 20 * SECOND, toMs: START_MS + 160 * SECOND };

/** In one order, without what counted nothing, so that two lists of the same traffic are equal. */
function sorted(traffic: readonly PodTraffic[]): PodTraffic[] {
  return mergePods(traffic)
    .filter((one) => one.count + one.requestBytes + one.responseBytes + one.buckets.length > 0)
    .sort((a, b) => (podKeyText(a) < podKeyText(b) ? -1 : 1));
}

async function podsIn(store: Store, range: TimeRange = WHOLE): Promise<PodTraffic[]> {
  return sorted((await store.pods(range)).traffic);
}

function randomPods(seed: number): ReportedWindow[] {
  const random = randomOf(seed);
  // Two counters of one window between the same pods are one thing that is counted.
  return inPods(randomWindows(random), random).map((window) => ({ ...window, pods: mergePods(window.pods) }));
}

export function podsCases(contract: Contract): void {
  contract(
    "what pods said in a range is there as it was counted, whatever the resolution, for 30 days",
    async (store) => {
      const windows = randomPods(21);
      await store.append(windows, 1);
      const expected = sorted(windows.flatMap(({ pods }) => pods));
      assert.equal(await podsIn(store), expected);
      for (const days of [0.001, 0.2, 3, 29]) {
        await store.expire(START_MS + days * DAY);
        assert.equal(await podsIn(store), expected, `after ${days} days`);
      }
      await store.expire(START_MS + 40 * DAY);
      assert.equal(await podsIn(store), []);
      assert.ok((await store.totals(WHOLE)).length > 0, "their workloads are kept longer");
    },
  );

  contract("pods of adjoining ranges add up to those of the whole, wherever they are cut", async (store) => {
    await store.append(randomPods(22), 1);
    const expected = await podsIn(store);
    for (const cut of [1, 777, 10_000, 33_333, 61_234]) {
      const left = await podsIn(store, { ...WHOLE, toMs: START_MS + cut });
      const right = await podsIn(store, { ...WHOLE, fromMs: START_MS + cut });
      assert.equal(sorted([...left, ...right]), expected, `cut at ${cut}`);
    }
  });

  contract("the pods of a workload add up to its totals, by the reporter rule", async (store) => {
    const windows = randomPods(23);
    await store.append(windows, 1);
    const counted = new Map<string, number>();
    for (const { client, server, protocol, sums } of pictureOfPods(await store.pods(WHOLE), WHOLE).edges) {
      const edge = [client.workload, server.workload, protocol].join(" ");
      counted.set(edge, (counted.get(edge) ?? 0) + sums.requests);
    }
    const expected = expectedTotals(windows).map(({ client, server, protocol, outcomes }): [string, number] => {
      return [[client, server, protocol].join(" "), sum(Object.values(outcomes))];
    });
    assert.equal([...counted].sort(), expected.sort());
  });

  contract("pods appended up to a cursor that was applied are not written again", async (store, reopen) => {
    const windows = [windowOf([observation({ count: 7 })], { pods: [podTraffic({ count: 7 })] })];
    await store.append(windows, 5);
    await store.append(windows, 5);
    assert.equal(await podsIn(store), [podTraffic({ count: 7 })]);
    const again = await reopen();
    await again.append(windows, 5);
    await again.append(windows, 6);
    assert.equal(await podsIn(again), [podTraffic({ count: 14 })]);
  });

  contract("a pod that has gone, moved or got a new version is what it was then", async (store) => {
    const at = (second: number, ends: Partial<PodTraffic>): ReportedWindow =>
      windowOf([observation()], { pods: [podTraffic(ends)], startMs: START_MS + second * SECOND });
    const moved = podEnd("b", "1", { node: "n-9", version: "v2" });
    const unknown = podEnd("b");
    const windows = [at(0, {}), at(20, { server: moved }), at(40, { server: unknown })];
    await store.append(windows, 1);
    for (const days of [0, 2]) {
      await store.expire(START_MS + days * DAY);
      assert.equal(await podsIn(store), sorted(windows.flatMap(({ pods }) => pods)), `after ${days} days`);
    }
    const { nodes } = await store.pods(MINUTE_OF_TEST);
    assert.equal(byId(nodes), [identity("a"), identity("b")]);
  });

  contract("of 20 s of a past minute only the pods of these are told", async (store) => {
    for (let second = 0; second < 60; second++) {
      const pods = [podTraffic({ server: podEnd("b", `${Math.floor(second / 20)}`) })];
      await store.append([windowOf([observation()], { pods, startMs: START_MS + second * SECOND })], second + 1);
    }
    const middle = { fromMs: START_MS + 20 * SECOND, toMs: START_MS + 40 * SECOND };
    for (const days of [0, 0.2]) {
      await store.expire(START_MS + days * DAY);
      assert.equal(await podsIn(store, middle), [podTraffic({ server: podEnd("b", "1"), count: 20 })]);
    }
  });

  contract("windows come back with their pods", async (store) => {
    const pods = [
      podTraffic({ count: 3, buckets: [7, 1, 900, 2], requestBytes: 2 ** 40, responseBytes: 17 }),
      podTraffic({ side: "source", client: podEnd("b", "2"), server: podEnd("c"), outcome: "noAnswer" }),
    ];
    const window = windowOf([observation({ count: 3 }), observation({ client: "b", server: "c" })], { pods });
    const quiet = windowOf([], { instance: "quiet", startMs: START_MS + SECOND });
    await store.append([window, quiet], 1);
    assert.equal(await collect(store.windows(MINUTE_OF_TEST)), [window, quiet]);
  });

  contract("a window that comes when its time is rolled up brings its pods all the same", async (store) => {
    const window = windowOf([observation({ count: 5 })], { pods: [podTraffic({ count: 5, buckets: [9, 5] })] });
    for (const [at, days] of [0, 0.2, 3].entries()) {
      await store.append([window], at + 1);
      await store.expire(START_MS + days * DAY);
      const count = 5 * (at + 1);
      assert.equal(await podsIn(store), [podTraffic({ count, buckets: [9, count] })], `after ${days} days`);
    }
  });

  contract("names of pods may hold anything", async (store) => {
    const odd = "a'b\"c;--\u0000é\u{1F600}\\, =";
    const end = podEnd(odd, "x", { pod: odd, node: odd, version: odd });
    const pods = [podTraffic({ client: end })];
    await store.append([windowOf([observation({ client: odd })], { pods })], 1);
    assert.equal(await podsIn(store), pods);
  });

  contract("pods of a time of which nothing is known are none", async (store) => {
    assert.equal(await store.pods(MINUTE_OF_TEST), { traffic: [], nodes: [] });
  });
}
