import * as assert from "uvu/assert";
import { mergeObservations } from "../../../control/identity/merge-observations.ts";
import type { ReportedWindow } from "../../../control/identity/observation.ts";
import { StoreInputError } from "../../../control/store/errors.ts";
import type { HistoryStep, StepsQuestion } from "../../../control/store/history-step.ts";
import type { Store } from "../../../control/store/store.ts";
import { START_MS, connections, observation, timed, windowOf } from "../world/fixtures.ts";
import { randomOf } from "../world/random.ts";
import { HOUR, MINUTE_OF_TEST, SECOND, collect, sum } from "./contract-case.ts";
import type { Contract } from "./contract-case.ts";
import { expectedSteps, toldBy } from "./steps-model.ts";
import { randomWindows } from "./windows.ts";

const MINUTE = 60 * SECOND;
const DAY = 24 * HOUR;

/** So many days later the resolution is the finest that is kept, by default. */
const AGES = [
  [0, 10 * SECOND],
  [0.2, 10 * SECOND],
  [3, MINUTE],
  [50, HOUR],
] as const;

const stepsOf = (store: Store, question: StepsQuestion): Promise<HistoryStep[]> => collect(store.steps(question));

/** The requests of all steps. */
const counted = (steps: readonly HistoryStep[]): number =>
  sum(steps.flatMap(({ counts }) => counts.flatMap(({ outcomes }) => outcomes)));

/** As identity makes them: what is the same in one window is one counter. */
function distinctWindows(random: () => number): ReportedWindow[] {
  return randomWindows(random).map((window) => ({ ...window, observations: mergeObservations(window.observations) }));
}

export function stepsCases(contract: Contract): void {
  const hour = { fromMs: Math.floor(START_MS / HOUR) * HOUR, toMs: Math.ceil((START_MS + 1) / HOUR) * HOUR };

  contract(
    "steps are what the reporter rule shows of each, as long as their resolution is kept",
    async (store, reopen) => {
      const windows = distinctWindows(randomOf(31));
      await store.append(windows, 1);
      const matches: StepsQuestion["matches"] = ({ server, protocol }) => server !== "dark" && protocol !== "grpc";
      let reopened = store;
      for (const [days, finest] of AGES) {
        await reopened.expire(START_MS + days * DAY);
        reopened = await reopen();
        for (const stepMs of [10 * SECOND, MINUTE, HOUR].filter((step) => step >= finest)) {
          for (const question of [
            { range: hour, stepMs },
            { range: hour, stepMs, matches },
          ]) {
            const told = toldBy(await stepsOf(reopened, question));
            assert.equal(told, expectedSteps(windows, question), `steps of ${stepMs} ms after ${days} days`);
          }
        }
      }
    },
  );

  contract("random histories, whole and in part: steps are those of the model", async (store) => {
    for (let seed = 40; seed < 48; seed++) {
      const random = randomOf(seed);
      const byMs = (seed - 40) * DAY;
      const windows = distinctWindows(random).map((window) => ({ ...window, startMs: window.startMs + byMs }));
      await store.append(windows, seed);
      const [from, to] = [random(), random()].sort((a, b) => a - b) as [number, number];
      const range = {
        fromMs: START_MS + byMs + Math.floor(from * 60_000),
        toMs: START_MS + byMs + 60_000 + Math.ceil(to * 60_000),
      };
      for (const stepMs of [10 * SECOND, MINUTE, HOUR]) {
        const question = { range, stepMs };
        assert.equal(
          toldBy(await stepsOf(store, question)),
          expectedSteps(windows, question),
          `seed ${seed}, ${stepMs} ms`,
        );
      }
    }
  });

  contract("a server that falls silent is shown as its clients see it from the next step on", async (store) => {
    const asSource = observation({ side: "source", count: 3 });
    const refused = observation({ side: "source", outcome: "notReached", status: 0, count: 2 });
    await store.append(
      [
        windowOf([observation({ count: 5 }), asSource, refused]),
        windowOf([asSource, refused], { startMs: START_MS + 10 * SECOND }),
        windowOf([observation({ side: "wire", count: 7 })], { startMs: START_MS + 20 * SECOND }),
      ],
      1,
    );
    const steps = await stepsOf(store, { range: MINUTE_OF_TEST, stepMs: 10 * SECOND });
    assert.equal(
      steps.map(({ atMs, counts }) => [atMs, counts.map(({ side, outcomes }) => [side, outcomes])]),
      [
        [START_MS, [["destination", [5, 0, 0, 2, 0]]]],
        [START_MS + 10 * SECOND, [["source", [3, 0, 0, 2, 0]]]],
        [START_MS + 20 * SECOND, [["wire", [7, 0, 0, 0, 0]]]],
      ],
    );
    assert.is(new Set(steps.map(({ counts }) => counts[0]!.series)).size, 1, "one object for what is the same series");
  });

  contract("what went on as another protocol has no latency, and connections their lifetimes", async (store) => {
    const switched = timed(1, 70, { route: "/ws", status: 101 });
    const idle = connections({ count: 0, requestBytes: 10, client: "idle" });
    const silent = connections({ count: 0, active: 4, client: "silent" });
    const closed = connections({ count: 1, buckets: timed(2, 50).buckets });
    await store.append([windowOf([timed(3, 10), switched, closed, idle, silent])], 1);
    const [step] = await stepsOf(store, { range: MINUTE_OF_TEST, stepMs: MINUTE });
    const byName = step!.counts.map(({ series, outcomes, buckets }) => {
      const { protocol, client, route } = series;
      return [`${client} ${protocol}${route}`, outcomes[0], sum(buckets.filter((_, at) => at % 2 === 1))];
    });
    const expected = [
      ["a http/", 3, 3],
      ["a http/ws", 1, 0],
      ["a tcp", 1, 2],
      ["idle tcp", 0, 0],
    ];
    // The server is heard over HTTP, so nothing is shown of what its clients say of its connections.
    assert.equal(byName.sort(), expected.slice(0, 2));
    const tcp = { range: { ...MINUTE_OF_TEST, fromMs: START_MS + 30 * SECOND }, stepMs: MINUTE };
    await store.append([windowOf([closed, idle, silent], { startMs: START_MS + 40 * SECOND })], 2);
    const [later] = await stepsOf(store, tcp);
    const lifetimes = later!.counts.map(({ series, outcomes, buckets }) => [
      `${series.client} ${series.protocol}`,
      outcomes[0],
      sum(buckets.filter((_, at) => at % 2 === 1)),
    ]);
    assert.equal(lifetimes.sort(), expected.slice(2));
  });

  contract(
    "hours of steps come in order and whole, wherever the range is cut; routes are those of now",
    async (store) => {
      const range = { fromMs: hour.fromMs, toMs: hour.fromMs + 30 * HOUR };
      const random = randomOf(33);
      const windows = Array.from({ length: 600 }, (_, at) => {
        const one = timed(1 + Math.floor(random() * 9), 10, { route: `/users/${at % 3}` });
        const startMs = range.fromMs + Math.floor(random() * 29 * HOUR);
        return windowOf([one], { startMs, durationMs: 1 + Math.floor(random() * 90 * SECOND) });
      });
      const expected = sum(windows.map(({ observations }) => observations[0]!.count));
      await store.append(windows, 1);
      await store.moveRoutes(() => "/users/{id}");
      for (const stepMs of [10 * SECOND, MINUTE, HOUR]) {
        const steps = await stepsOf(store, { range, stepMs });
        const times = steps.map(({ atMs }) => atMs);
        assert.equal(
          times,
          [...new Set(times)].sort((a, b) => a - b),
        );
        assert.ok(times.every((atMs) => atMs % stepMs === 0));
        assert.equal(
          new Set(steps.flatMap(({ counts }) => counts.map(({ series }) => series.route))),
          new Set(["/users/{id}"]),
        );
        assert.is(counted(steps), expected);
        const cutMs = range.fromMs + Math.floor(random() * 29 * HOUR);
        const left = await stepsOf(store, { range: { ...range, toMs: cutMs }, stepMs });
        const right = await stepsOf(store, { range: { ...range, fromMs: cutMs }, stepMs });
        assert.is(counted(left) + counted(right), expected, `cut at ${cutMs}`);
      }
    },
  );

  contract("where nothing was counted there is no step, and a range may be wrong", async (store) => {
    assert.equal(await stepsOf(store, { range: { fromMs: START_MS, toMs: START_MS + 300 * DAY }, stepMs: HOUR }), []);
    for (const [field, question] of [
      ["step", { range: hour, stepMs: SECOND }],
      ["step", { range: hour, stepMs: 7 * MINUTE }],
      ["from", { range: { fromMs: 5, toMs: 5 }, stepMs: MINUTE }],
      ["to", { range: { fromMs: 0, toMs: NaN }, stepMs: MINUTE }],
    ] as const) {
      const error: unknown = await stepsOf(store, question).catch((caught: unknown) => caught);
      assert.instance(error, StoreInputError);
      assert.is((error as StoreInputError).field, field);
    }
  });

  contract("steps that nobody waits for end, with the reason; the history goes on", async (store) => {
    const windows = Array.from({ length: 60 }, (_, at) =>
      windowOf([observation()], { startMs: START_MS + at * MINUTE }),
    );
    await store.append(windows, 1);
    const question = { range: { fromMs: START_MS, toMs: START_MS + 2 * HOUR }, stepMs: 10 * SECOND };
    const asker = new AbortController();
    let told = 0;
    const reading = (async () => {
      for await (const { counts } of store.steps(question, asker.signal)) {
        told += counts.length;
        asker.abort();
      }
    })();
    assert.is(await reading.catch((error: unknown) => error), asker.signal.reason);
    assert.ok(told >= 1 && told < 60, `${told} steps were told`);
    const gone = AbortSignal.abort();
    assert.is(await collect(store.steps(question, gone)).catch((error: unknown) => error), gone.reason);
    for await (const { counts } of store.steps(question)) {
      assert.is(counts.length, 1);
      break;
    }
    await store.append([windowOf([observation()], { startMs: START_MS + HOUR })], 2);
    assert.is(counted(await stepsOf(store, question)), 61);
  });
}
