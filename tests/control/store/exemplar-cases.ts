import * as assert from "uvu/assert";
import type { Exemplar } from "../../../control/identity/observation.ts";
import { StoreInputError } from "../../../control/store/errors.ts";
import { MAX_EXEMPLARS } from "../../../control/store/questions.ts";
import type { Store } from "../../../control/store/store.ts";
import { START_MS, exemplar, observation, windowOf } from "../world/fixtures.ts";
import { HOUR, MINUTE_OF_TEST, SECOND, collect } from "./contract-case.ts";
import type { Contract } from "./contract-case.ts";

const DAY = 24 * HOUR;
const EVER = { fromMs: 0, toMs: START_MS + 30 * DAY };

/** One window a second, each with one request by name. */
function appendEach(store: Store, exemplars: readonly Exemplar[], cursor = 1): Promise<void> {
  const windows = exemplars.map((each) =>
    windowOf([observation()], { startMs: Math.floor(each.atMs / SECOND) * SECOND, exemplars: [each] }),
  );
  return store.append(windows, cursor);
}

const paths = (exemplars: readonly Exemplar[]): string[] => exemplars.map(({ path }) => path);
const second = (at: number): number => START_MS + at * SECOND + 500;

export function exemplarCases(contract: Contract): void {
  contract("requests by name come back as they were appended", async (store, reopen) => {
    const failed = exemplar({
      ...{ reason: "failed", atMs: START_MS + 999, side: "destination", protocol: "grpc", method: "", route: "/p.S/M" },
      ...{ outcome: "serverError", status: 14, path: "/p.S/M", durationMs: 1_234.567, flags: 2 ** 33 + 32 },
      ...{ requestId: "a'b\"c;--\u{1F600}", traceId: "4bf92f3577b34da6a3ce929d0e0e4736" },
    });
    const slow = exemplar({ path: "/orders/17" });
    await store.append([windowOf([observation()], { exemplars: [slow, failed] })], 1);
    assert.equal(await store.exemplars({}, MINUTE_OF_TEST, 50), [failed, slow]);
    assert.equal(await (await reopen()).exemplars({}, MINUTE_OF_TEST, 50), [failed, slow]);
    assert.equal((await collect((await reopen()).windows(MINUTE_OF_TEST)))[0]?.exemplars, [], "windows go without");
  });

  contract("failed requests come first, the newest first, then slow ones, the slowest first", async (store) => {
    const failed = [1, 2, 3].map((at) => exemplar({ reason: "failed", atMs: second(at), path: `/failed-${at}` }));
    const slow = [1, 2, 3].map((at) => exemplar({ atMs: second(at), path: `/slow-${at}`, durationMs: at * 100 }));
    await appendEach(store, [...slow, ...failed]);
    const all = ["/failed-3", "/failed-2", "/failed-1", "/slow-3", "/slow-2", "/slow-1"];
    assert.equal(paths(await store.exemplars({}, MINUTE_OF_TEST, 50)), all);
    assert.equal(paths(await store.exemplars({}, MINUTE_OF_TEST, 4)), ["/failed-3", "/failed-2", "/slow-3", "/slow-2"]);
    assert.equal(paths(await store.exemplars({}, MINUTE_OF_TEST, 1)), ["/failed-3"]);
  });

  contract("they are selected by edge, endpoint and the time at which they ended", async (store) => {
    await appendEach(store, [
      exemplar({ path: "/1", client: "front-end" }),
      exemplar({ path: "/2", method: "POST" }),
      exemplar({ path: "/3", route: "/orders/{id}", atMs: second(30) }),
      exemplar({ path: "/4", protocol: "grpc" }),
    ]);
    const found = async (selection: Parameters<Store["exemplars"]>[0], range = MINUTE_OF_TEST): Promise<string[]> =>
      paths(await store.exemplars(selection, range, 50)).sort();
    assert.equal(await found({ client: "front-end" }), ["/1"]);
    assert.equal(await found({ server: "b", method: "POST" }), ["/2"]);
    assert.equal(await found({ route: "/orders/{id}" }), ["/3"]);
    assert.equal(await found({ protocol: "grpc" }), ["/4"]);
    assert.equal(await found({ server: "c" }), []);
    assert.equal(await found({}, { fromMs: second(30), toMs: second(30) + 1 }), ["/3"]);
    assert.equal(await found({}, { fromMs: second(31), toMs: second(40) }), []);
  });

  contract("no request of two reporters is shown twice: the reporter rule holds for them too", async (store) => {
    const requestId = "one-and-the-same";
    await appendEach(store, [
      exemplar({ path: "/served", requestId, durationMs: 20 }),
      exemplar({ side: "source", path: "/served", requestId, durationMs: 22 }),
      exemplar({ side: "source", path: "/refused", outcome: "notReached", status: 503, reason: "failed" }),
      exemplar({ side: "source", server: "external/api", path: "/outside" }),
    ]);
    const found = await store.exemplars({}, MINUTE_OF_TEST, 50);
    assert.equal(
      found.map(({ path, side }) => [path, side]),
      [
        ["/refused", "source"],
        ["/served", "destination"],
        ["/outside", "source"],
      ],
    );
  });

  contract("one that is the slowest and the first that failed is shown once, as failed", async (store) => {
    const both = exemplar({ path: "/both", outcome: "serverError", status: 500, requestId: "r" });
    await store.append([windowOf([observation()], { exemplars: [both, { ...both, reason: "failed" }] })], 1);
    assert.equal(await store.exemplars({}, MINUTE_OF_TEST, 50), [{ ...both, reason: "failed" }]);
  });

  contract("of each endpoint and minute the slowest is there, and the first ten that failed", async (store) => {
    const durations = Array.from({ length: 50 }, (_, at) => (at * 37) % 51);
    const minuteStart = Math.ceil(START_MS / 60_000) * 60_000;
    const slow = durations.map((durationMs, at) => exemplar({ atMs: minuteStart + at * SECOND, durationMs }));
    const failed = Array.from({ length: 50 }, (_, at) =>
      exemplar({ reason: "failed", atMs: minuteStart + at * SECOND, path: `/failed-${at}` }),
    );
    const other = exemplar({ atMs: minuteStart + SECOND, route: "/other", durationMs: 1 });
    await appendEach(store, [...slow, ...failed, other]);
    const found = await store.exemplars({}, EVER, MAX_EXEMPLARS);
    const slowest = found.filter(({ reason, route }) => reason === "slowest" && route === "/");
    assert.is(slowest[0]?.durationMs, Math.max(...durations));
    assert.ok(slowest.length < 15, `${slowest.length} of 50 are kept`);
    assert.equal(
      paths(found.filter(({ reason }) => reason === "failed")),
      Array.from({ length: 10 }, (_, at) => `/failed-${9 - at}`),
    );
    assert.is(found.filter(({ route }) => route === "/other").length, 1, "an endpoint takes no room of another");
    assert.equal(await store.losses(EVER), [], "what was not promised is no loss");
  });

  contract("an append that fails takes no room", async (store) => {
    const window = windowOf([observation()], { exemplars: [exemplar({ durationMs: 7 })] });
    const bad = windowOf([observation({ count: NaN })]);
    const error: unknown = await store.append([window, bad], 1).catch((caught: unknown) => caught);
    assert.instance(error, Error);
    await store.append([window], 1);
    assert.is((await store.exemplars({}, MINUTE_OF_TEST, 50)).length, 1);
  });

  contract("an hour later the most telling ones of ten minutes are left, and of a week ago none", async (store) => {
    const hourStart = Math.ceil(START_MS / HOUR) * HOUR;
    const inMinute = (at: number, words: Partial<Exemplar>): Exemplar =>
      exemplar({ atMs: hourStart + at * 60 * SECOND, ...words });
    const minutes = [0, 1, 2, 3, 4];
    await appendEach(store, [
      ...minutes.map((at) => inMinute(at, { path: `/slow-${at}`, durationMs: 10 + ((at * 3) % 5) })),
      ...minutes.map((at) => inMinute(at, { path: `/failed-${at}`, reason: "failed" })),
      inMinute(12, { path: "/later", durationMs: 1 }),
    ]);
    const left = async (): Promise<string[]> => paths(await store.exemplars({}, EVER, 50));
    assert.is((await left()).length, 11);
    await store.expire(hourStart + 3 * HOUR);
    assert.equal(await left(), ["/failed-2", "/failed-1", "/failed-0", "/slow-3", "/later"]);
    await appendEach(store, [inMinute(3, { path: "/late", durationMs: 99 })], 2);
    await store.expire(hourStart + 3 * HOUR);
    assert.ok((await left()).includes("/late"), "a window that comes late has its place");
    await store.expire(hourStart + 6 * DAY);
    assert.is((await left()).length, 6);
    await store.expire(hourStart + 9 * DAY);
    assert.equal(await left(), []);
  });

  contract("an answer is bounded, and a wrong limit is refused", async (store) => {
    for (const limit of [0, -1, 1.5, NaN, MAX_EXEMPLARS + 1]) {
      const error: unknown = await store.exemplars({}, MINUTE_OF_TEST, limit).catch((caught: unknown) => caught);
      assert.instance(error, StoreInputError);
      assert.is((error as StoreInputError).field, "limit");
    }
    assert.equal(await store.exemplars({}, MINUTE_OF_TEST, MAX_EXEMPLARS), []);
  });
}
