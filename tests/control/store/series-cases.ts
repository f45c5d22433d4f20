import * as assert from "uvu/assert";
import type { RouteOf } from "../../../control/routes/route-of.ts";
import type { Series, SeriesQuestion, Store } from "../../../control/store/store.ts";
import { MEASURES } from "../../../control/store/store.ts";
import { ENDPOINTS } from "../../../control/world/attributes.ts";
import { SERIES, factsOfCounted, labelsBy } from "../../../control/world/counted.ts";
import type { Grouping } from "../../../control/world/counted.ts";
import { Filters } from "../../../control/world/filters.ts";
import { START_MS, connections, identity, observation, timed, windowOf } from "../world/fixtures.ts";
import { randomOf } from "../world/random.ts";
import { HOUR, MINUTE_OF_TEST, SECOND, requests, sum } from "./contract-case.ts";
import type { Contract } from "./contract-case.ts";
import { added, assertPoint, countsOf, expectedGroups, measured, randomEvents, windowsOf } from "./series-model.ts";
import { randomWindows } from "./windows.ts";

const DAY = 24 * HOUR;
const PERCENTILES = [0.5, 0.9, 0.999];

const by = (...words: string[]): Pick<SeriesQuestion, "labelsOf"> => ({
  labelsOf: labelsBy(
    words.map((word) => {
      const [attribute, end] = word.split(".").reverse() as [Grouping["attribute"], Grouping["end"]];
      return { attribute, end };
    }),
  ),
});

const GROUPINGS = [
  ["namespace"],
  ["client.workload", "service", "kind"],
  ["protocol", "method", "route"],
  ["client.namespace", "client.kind", "server.workload", "route"],
];

/** Every series is what the model says of its labels, and every group of the model is a series. */
async function assertSeries(
  store: Store,
  events: Parameters<typeof expectedGroups>[0],
  question: SeriesQuestion,
): Promise<void> {
  const { firstMs = question.range.fromMs } = question;
  const expected = expectedGroups(events, question);
  const { series, groupCount } = await store.series(question);
  assert.is(groupCount, expected.size);
  const told = series.map(({ labels }) => JSON.stringify(labels));
  assert.equal([...told].sort(), [...expected.keys()].sort());
  for (const { labels, total, points, isRest } of series) {
    const steps = expected.get(JSON.stringify(labels))!;
    assert.not(isRest);
    assertPoint(total, steps.get(-1), question);
    for (const [at, point] of points.entries()) {
      assert.is(point.atMs, firstMs + at * question.stepMs);
      assertPoint(point, steps.get(at), question);
    }
  }
}

const allOf = (series: readonly Series[]): number[] => added(series).flat();

export function seriesCases(contract: Contract): void {
  const range = { fromMs: START_MS, toMs: START_MS + 120 * SECOND };
  const hour = { fromMs: Math.floor(START_MS / HOUR) * HOUR, toMs: Math.ceil(range.toMs / HOUR) * HOUR };

  contract("series by group are exact at every resolution, percentiles within 1 %", async (store) => {
    const events = randomEvents(randomOf(21));
    await store.append(windowsOf(events), 1);
    const isOfTcp = (labels: readonly string[]): boolean => labels.includes("tcp");
    const asked = { isOfTcp, top: 90, percentiles: PERCENTILES, slowerThanMs: 2.5 };
    const ask = (words: string[]) => ({ ...by(...words), ...asked });
    for (const [at, words] of GROUPINGS.entries()) {
      await assertSeries(store, events, { ...ask(words), range, stepMs: [1, 7, 10, 60][at]! * SECOND });
    }
    for (const [days, finest] of [
      [0.2, 10 * SECOND],
      [3, 60 * SECOND],
      [50, HOUR],
    ] as const) {
      await store.expire(START_MS + days * DAY);
      const words = GROUPINGS[Math.floor(days) % GROUPINGS.length]!;
      await assertSeries(store, events, { ...ask(words), range: hour, stepMs: Math.max(finest, 60 * SECOND) });
    }
  });

  contract(
    "the first step may begin before the range, of which it then counts a part, as the last one",
    async (store) => {
      const events = randomEvents(randomOf(25));
      await store.append(windowsOf(events), 1);
      const asked = { range: { fromMs: START_MS + 20 * SECOND, toMs: START_MS + 110 * SECOND }, stepMs: 60 * SECOND };
      const firstMs = Math.floor(asked.range.fromMs / asked.stepMs) * asked.stepMs;
      for (const days of [0, 0.2]) {
        await store.expire(START_MS + days * DAY);
        await assertSeries(store, events, { ...asked, firstMs, ...by("workload"), percentiles: PERCENTILES });
      }
    },
  );

  contract(
    "the first by each measure, in order; with the rest they add up to the whole, point by point",
    async (store) => {
      const events = randomEvents(randomOf(22));
      await store.append(windowsOf(events), 1);
      const asked = { range, stepMs: 10 * SECOND, percentiles: PERCENTILES, slowerThanMs: 10 };
      const whole = await store.series(asked);
      const question = { ...asked, ...by("client.workload", "server.workload", "method", "route") };
      const groups = expectedGroups(events, question).size;
      assertPoint(whole.series[0]!.total, expectedGroups(events, asked).get("[]")?.get(-1), asked);
      for (const rankBy of MEASURES) {
        const all = (await store.series({ ...question, rankBy, top: 100 })).series;
        const values = all.map((series) => measured(series, rankBy));
        assert.equal(
          values,
          [...values].sort((a, b) => b - a),
          rankBy,
        );
        const { series, groupCount } = await store.series({ ...question, rankBy, top: 3 });
        assert.equal([groupCount, series.length, series.filter(({ isRest }) => isRest).length], [groups, 4, 1]);
        assert.equal(series.slice(0, 3), all.slice(0, 3), rankBy);
        assert.equal([series[3]!.isRest, series[3]!.labels], [true, []]);
        assert.equal(added(series), added(whole.series), rankBy);
        const totals = series.map(({ total }) => countsOf(total));
        assert.equal(sum(totals.flat()), sum(countsOf(whole.series[0]!.total)));
        assert.ok(
          series[3]!.points.some(({ latencyMs }) => latencyMs.length === 3),
          "the rest has percentiles",
        );
      }
    },
  );

  contract("what matches and what does not share out the whole", async (store) => {
    await store.append(windowsOf(randomEvents(randomOf(23))), 1);
    const asked = { range, stepMs: 30 * SECOND };
    const whole = added((await store.series(asked)).series);
    const conditions = [
      ["namespace", undefined, "=", "pay"],
      ["workload", "client", "=", "cart"],
      ["workload", "client", "=", "shop/cart"],
      ["route", undefined, "~", "^/items/"],
      ["kind", "client", "~", "^ext"],
      ["protocol", undefined, "=", "tcp"],
    ] as const;
    for (const [attribute, end, operator, value] of conditions) {
      const parts: Series[] = [];
      for (const not of [operator, `!${operator}`] as const) {
        const filters = Filters.of([{ attribute, end, operator: not, value }], SERIES);
        const matches: SeriesQuestion["matches"] = (counted) => filters.match(factsOfCounted(counted));
        const { series, groupCount } = await store.series({ ...asked, matches });
        assert.equal([series.length, groupCount], [1, 1]);
        assert.ok(sum(allOf(series)) > 0, `${attribute} ${not} ${value}`);
        parts.push(...series);
        const grouped = await store.series({ ...asked, matches, ...by("client.workload", "protocol"), top: 2 });
        assert.equal(added(grouped.series), added(series), "by group too");
      }
      assert.equal(added(parts), whole, `${attribute} ${operator} ${value}`);
    }
    const selected = { selection: { client: "shop/cart", method: "GET" } };
    const one = await store.series({ ...asked, ...selected });
    const grouped = await store.series({ ...asked, ...selected, ...by("route", "server.workload"), top: 2 });
    assert.equal(added(grouped.series), added(one.series), "of a selection");
  });

  contract("windows of any length, ranges that end within slots: groups add up to the whole", async (store) => {
    await store.append(randomWindows(randomOf(24)), 1);
    for (const days of [0, 3]) {
      if (days > 0) await store.expire(START_MS + days * DAY);
      for (const [fromMs, toMs, stepMs] of [
        [START_MS + 333, START_MS + 70_001, 7_000],
        [START_MS - 45_678, START_MS + 99_999, 60_000],
        [hour.fromMs, hour.toMs, HOUR],
      ] as const) {
        const asked = { range: { fromMs, toMs }, stepMs };
        const whole = await store.series(asked);
        const groups = await store.series({ ...asked, ...by("client.workload", "workload", "protocol"), top: 2 });
        assert.equal(added(groups.series), added(whole.series), `${days} days, steps of ${stepMs} ms`);
      }
    }
  });

  contract("groups follow routes that have moved, and windows that come late", async (store) => {
    const routeOf: RouteOf = ({ route }) => (route.startsWith("/users/") ? "/users/{id}" : route);
    const routes = ["/users/ann", "/users/bob", "/else"];
    await store.append([windowOf(routes.map((route, at) => timed(10 ** at, 10 ** at, { route })))], 1);
    await store.moveRoutes(routeOf);
    const told = async (top: number): Promise<unknown[]> => {
      const { series } = await store.series({ range: hour, stepMs: HOUR, ...by("route"), top });
      return series.map(({ labels, total }) => [labels.join(), requests(total)]);
    };
    assert.equal(await told(9), [
      ["/else", 100],
      ["/users/{id}", 11],
    ]);
    await store.expire(START_MS + 3 * HOUR);
    await store.append([windowOf([timed(1_000, 5, { route: "/users/{id}" })])], 2);
    const later = [
      ["/users/{id}", 1_011],
      ["/else", 100],
    ];
    assert.equal(await told(9), later);
    await store.expire(START_MS + 3 * DAY);
    assert.equal(await told(9), later);
    assert.equal(await told(1), [later[0], ["", 100]]);
  });

  contract("both ends are who they were at the end of the range", async (store) => {
    for (const [at, service] of ["before", "after"].entries()) {
      const nodes = [identity("a"), { ...identity("b"), service }];
      await store.append([windowOf([observation()], { nodes, startMs: START_MS + at * 20 * SECOND })], at + 1);
    }
    const services = async (seconds: number): Promise<unknown[]> => {
      const asked = { range: { ...range, toMs: START_MS + seconds * SECOND }, stepMs: HOUR };
      const { series } = await store.series({ ...asked, ...by("server.service") });
      return series.map(({ labels, total }) => [...labels, requests(total)]);
    };
    assert.equal(await services(20), [["before", 1]]);
    assert.equal(await services(60), [["after", 2]]);
  });

  contract(
    "lifetimes of connections are told of series of TCP alone, and never mixed with latencies",
    async (store) => {
      const lived = connections({ side: "destination", count: 90, buckets: timed(90, 600_000).buckets });
      await store.append([windowOf([timed(50, 8), timed(20, 30, { protocol: "grpc" })]), windowOf([lived])], 1);
      const asked = { range: MINUTE_OF_TEST, stepMs: 60 * SECOND, percentiles: [0.5] };
      const told = async (more: Partial<SeriesQuestion>): Promise<unknown[]> => {
        const { series } = await store.series({ ...asked, ...more });
        return series.map(({ labels, total }) => [labels.join(), ...total.latencyMs.map((ms) => Math.round(ms / 10))]);
      };
      const isOfTcp = ([protocol]: readonly string[]): boolean => protocol === "tcp";
      const [tcp, http, grpc] = await told({ ...by("protocol"), isOfTcp });
      assert.equal(
        [http, grpc],
        [
          ["http", 1],
          ["grpc", 3],
        ],
      );
      assert.ok(Math.abs((tcp as number[])[1]! - 60_000) < 600);
      assert.equal(await told({ ...by("protocol"), isOfTcp, top: 1 }), [tcp, ["", 1]]);
      assert.equal((await told({ ...by("protocol"), isOfTcp, top: 1, rankBy: "latency" }))[0], tcp);
      assert.equal(await told({ ...by("server.workload") }), [["b", 1]]);
      const rest = await told({ ...by("protocol"), isOfTcp, top: 1, rankBy: "bytes" });
      assert.equal(rest[1], ["", 1], "connections in the rest have no latency");
    },
  );

  contract("of nothing there is no group; and one series of zeros where none are asked for", async (store) => {
    const asked = { range: MINUTE_OF_TEST, stepMs: 20 * SECOND, slowerThanMs: 1 };
    for (const windows of [[], [windowOf([observation()])]]) {
      await store.append(windows, windows.length + 1);
      const away = { ...asked, selection: { server: "nobody" } };
      assert.equal(await store.series({ ...away, ...by("route") }), { series: [], groupCount: 0 });
      for (const question of [away, { ...asked, matches: () => false }]) {
        const { series, groupCount } = await store.series(question);
        assert.is(groupCount, 1);
        assert.ok(allOf(series).every((count) => count === 0));
        const { latencyMs, slow } = series[0]!.total;
        assert.equal([series[0]!.points.length, latencyMs, slow], [3, [], { timed: 0, slower: 0 }]);
      }
    }
    assert.ok(SERIES.attributes.length === ENDPOINTS.attributes.length - 1, "everything but health groups");
  });
}
