import * as assert from "uvu/assert";
import { START_MS, identity, observation, timed, windowOf } from "../world/fixtures.ts";
import { randomOf } from "../world/random.ts";
import { MINUTE_OF_TEST, SECOND, byId, collect, pointsOf, requests, total } from "./contract-case.ts";
import type { Contract } from "./contract-case.ts";
import { randomWindows } from "./windows.ts";

export function writingCases(contract: Contract): void {
  contract("an empty history answers with nothing", async (store) => {
    assert.is(await store.cursor(), 0);
    assert.equal(await store.totals(MINUTE_OF_TEST), []);
    assert.equal(await store.losses(MINUTE_OF_TEST), []);
    assert.equal(await store.nodes(), []);
    assert.equal(await collect(store.windows(MINUTE_OF_TEST)), []);
    const series = await pointsOf(store, {}, MINUTE_OF_TEST, 20 * SECOND);
    assert.equal(series.map(requests), [0, 0, 0]);
  });

  contract("what is appended up to a cursor that was applied is not written again", async (store) => {
    const windows = [windowOf([observation({ count: 7 })])];
    await store.append(windows, 5);
    await store.append(windows, 5);
    await store.append(windows, 3);
    assert.is(await total(store), 7);
    assert.is(await store.cursor(), 5);
    await store.append(windows, 6);
    assert.is(await total(store), 14);
  });

  contract("appends that are asked for at once are all applied, in order", async (store) => {
    const appends = Array.from({ length: 20 }, (_, at) =>
      store.append([windowOf([observation({ route: `/${at}` })])], at + 1),
    );
    await Promise.all(appends);
    assert.is(await store.cursor(), 20);
    assert.is(await total(store), 20);
  });

  contract("an append that fails leaves nothing behind, and the next one is applied", async (store) => {
    const good = windowOf([observation({ count: 3 })]);
    const bad = windowOf([observation({ client: "bad" }), observation({ client: "bad", count: NaN })]);
    const many = windowOf(Array.from({ length: 5_000 }, () => observation({ client: "many" })));
    for (const windows of [[bad], [good, bad], [many, bad]]) {
      const error: unknown = await store.append(windows, 1).catch((caught: unknown) => caught);
      assert.instance(error, Error);
    }
    assert.is(await store.cursor(), 0);
    assert.equal(await store.totals(MINUTE_OF_TEST), []);
    await store.append([good], 1);
    assert.is(await total(store), 3);
    assert.equal(
      byId(await store.nodes()).map(({ id }) => id),
      ["a", "b"],
    );
  });

  contract("a history that is closed and opened again is the same", async (store, reopen) => {
    await store.append(randomWindows(randomOf(1)), 9);
    const [totals, nodes] = [await store.totals(MINUTE_OF_TEST), await store.nodes()];
    const again = await reopen();
    assert.is(await again.cursor(), 9);
    assert.equal(await again.totals(MINUTE_OF_TEST), totals);
    assert.equal(byId(await again.nodes()), byId(nodes));
    await again.append([windowOf([observation({ count: 5, client: "late" })])], 10);
    assert.is((await again.totals(MINUTE_OF_TEST)).find(({ client }) => client === "late")?.outcomes.success, 5);
  });

  contract("windows come back as they were appended, in order of time", async (store) => {
    const later = windowOf(
      [
        timed(3, 12, { requestBytes: 2 ** 40, responseBytes: 17 }),
        observation({
          protocol: "tcp",
          side: "source",
          method: "",
          route: "",
          status: 0,
          active: 4,
          outcome: "noAnswer",
        }),
      ],
      { startMs: START_MS + 5 * SECOND, durationMs: 1_003, losses: [{ kind: "valuesCut", count: 2 }] },
    );
    const earlier = windowOf([], { instance: "quiet", losses: [{ kind: "requestsLost", count: 9 }] });
    await store.append([later, earlier], 1);
    assert.equal(await collect(store.windows(MINUTE_OF_TEST)), [earlier, later]);
    assert.equal(await collect(store.windows({ fromMs: START_MS + 1_000, toMs: START_MS + 5_000 })), []);
    const overlapping = { fromMs: START_MS + 6_002, toMs: START_MS + 9_000 };
    assert.equal(await collect(store.windows(overlapping)), [later]);
  });

  contract("a reader of windows may stop early", async (store) => {
    await store.append(randomWindows(randomOf(2)), 1);
    for await (const window of store.windows(MINUTE_OF_TEST)) if (window) break;
    await store.append([windowOf([observation()])], 2);
    assert.is(await store.cursor(), 2);
  });

  contract("nodes have their last identity, windows that of their time", async (store) => {
    const before = identity("b", "unmeshed");
    const after = identity("b", "workload");
    await store.append([windowOf([observation()], { nodes: [identity("a"), before] })], 1);
    const later = START_MS + 30 * SECOND;
    await store.append([windowOf([observation()], { nodes: [identity("a"), after], startMs: later })], 2);
    assert.equal(byId(await store.nodes()), [identity("a"), after]);
    const windows = await collect(store.windows(MINUTE_OF_TEST));
    assert.equal(
      windows.map(({ nodes }) => byId(nodes)[1]),
      [before, after],
    );
  });

  contract("names may hold anything", async (store) => {
    const odd = "a'b\"c;--\u0000é\u{1F600}";
    await store.append([windowOf([observation({ method: odd, route: odd, count: 3 })])], 1);
    const [point] = await pointsOf(store, { method: odd, route: odd }, MINUTE_OF_TEST, 60 * SECOND);
    assert.is(requests(point!), 3);
  });
}
