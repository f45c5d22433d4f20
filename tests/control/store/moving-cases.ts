import * as assert from "uvu/assert";
import type { RouteOf } from "../../../control/routes/route-of.ts";
import { bucketsOf, quantile } from "../../../control/world/histogram.ts";
import { START_MS, exemplar, observation, timed, windowOf } from "../world/fixtures.ts";
import { MINUTE_OF_TEST, SECOND, collect, pointsOf, requests, total } from "./contract-case.ts";
import type { Contract } from "./contract-case.ts";

/** Everything below "/users" of the server "b" is one endpoint. */
const routeOf: RouteOf = ({ server, protocol, route }) =>
  server === "b" && protocol === "http" && /^\/users\/[^/]+$/.test(route) ? "/users/{id}" : route;

export function movingCases(contract: Contract): void {
  contract(
    "routes that have become the same are read as one, exactly, and nothing else moves",
    async (store, reopen) => {
      const names = ["ann", "bob", "cid"];
      const observations = names.map((name, at) => timed(at + 1, 10 ** at, { route: `/users/${name}` }));
      const others = [
        timed(5, 3, { route: "/users/ann", server: "c" }),
        timed(6, 3, { route: "/users/ann", protocol: "grpc" }),
        timed(7, 3, { route: "/users" }),
      ];
      await store.append([windowOf([...observations, ...others])], 1);
      const [before, totals] = [await total(store), await store.totals(MINUTE_OF_TEST)];
      for (let round = 0; round < 2; round++) {
        await store.moveRoutes(routeOf, new Set(["b"]));
        assert.is(await total(store), before);
        assert.equal(await store.totals(MINUTE_OF_TEST), totals);
        const of = async (selection: object): Promise<number> =>
          requests((await pointsOf(store, selection, MINUTE_OF_TEST, 60 * SECOND))[0]!);
        assert.is(await of({ server: "b", route: "/users/{id}" }), 6);
        assert.is(await of({ server: "b", protocol: "http", route: "/users/ann" }), 0);
        assert.is(await of({ server: "c", route: "/users/ann" }), 5);
        assert.is(await of({ protocol: "grpc", route: "/users/ann" }), 6);
        assert.is(await of({ route: "/users" }), 7);
      }
      const [point] = await pointsOf(store, { route: "/users/{id}" }, MINUTE_OF_TEST, 60 * SECOND);
      const merged = bucketsOf([1_000, 10_000, 10_000, 100_000, 100_000, 100_000]);
      assert.is(point!.latencyMs[0], quantile(merged, 0.5)! / 1_000);
      assert.is(point!.latencyMs[2], quantile(merged, 0.99)! / 1_000);
      store = await reopen();
      assert.is(await total(store), before);
      const [window] = await collect(store.windows(MINUTE_OF_TEST));
      const moved = window!.observations.filter(({ server, protocol }) => server === "b" && protocol === "http");
      assert.equal(
        moved.map(({ route, count, buckets }) => [route, count, buckets]),
        [
          ["/users/{id}", 6, merged],
          ["/users", 7, others[2]!.buckets],
        ],
      );
    },
  );

  contract("what comes after a move counts with what was moved, before and after a restart", async (store, reopen) => {
    const append = (cursor: number, route: string): Promise<void> =>
      store.append([windowOf([observation({ route, count: 2 })], { startMs: START_MS + cursor * SECOND })], cursor);
    for (const [at, name] of ["ann", "bob", "cid"].entries()) await append(at + 1, `/users/${name}`);
    await store.moveRoutes(routeOf);
    await append(4, "/users/{id}");
    store = await reopen();
    await append(5, "/users/{id}");
    await append(6, "/users/dan");
    await store.moveRoutes(routeOf);
    const [point] = await pointsOf(store, { route: "/users/{id}" }, MINUTE_OF_TEST, 60 * SECOND);
    assert.is(requests(point!), 12);
  });

  contract("what was rolled up and what expired moves along", async (store) => {
    for (let at = 0; at < 30; at++) {
      const route = `/users/${"abc"[at % 3]}`;
      await store.append([windowOf([timed(1, 5, { route })], { startMs: START_MS + at * 10 * SECOND })], at + 1);
      if (at === 15) await store.moveRoutes(routeOf);
    }
    await store.expire(START_MS + 3 * 3_600_000);
    await store.moveRoutes(routeOf);
    const range = { fromMs: START_MS, toMs: START_MS + 300 * SECOND };
    const [point] = await pointsOf(store, { route: "/users/{id}" }, range, 300 * SECOND);
    assert.is(requests(point!), 30);
    assert.is(await total(store, range), 30);
  });

  contract("requests by name move along", async (store) => {
    const exemplars = [
      exemplar({ route: "/users/ann", path: "/users/ann" }),
      exemplar({ route: "/users", path: "/users" }),
    ];
    await store.append([windowOf([observation({ route: "/users/ann" })], { exemplars })], 1);
    await store.moveRoutes(routeOf, new Set(["b"]));
    const found = await store.exemplars({ route: "/users/{id}" }, MINUTE_OF_TEST, 10);
    assert.equal(
      found.map(({ path }) => path),
      ["/users/ann"],
    );
  });

  contract("many routes, with anything in them, in one move", async (store) => {
    const odd = "'\"\\;--\u0000é\u{1F600}";
    const observations = Array.from({ length: 5_000 }, (_, at) => observation({ route: `/users/${odd}${at}` }));
    await store.append([windowOf(observations)], 1);
    await store.moveRoutes(routeOf);
    const [point] = await pointsOf(store, { route: "/users/{id}" }, MINUTE_OF_TEST, 60 * SECOND);
    assert.is(requests(point!), 5_000);
  });
}
