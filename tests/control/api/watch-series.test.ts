/** Watches of series over both APIs: each step is told once, when it is complete, whatever happens in between. */
import { status } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Attribute, WatchRequest } from "#proto/stats.ts";
import type { DeepPartial, GetSeriesRequest, GetSeriesResponse, StatsClient, WatchResponse } from "#proto/stats.ts";
import { toSeriesResponse } from "../../../control/api/get-series.ts";
import type { SeriesTold } from "../../../control/api/series-answers.ts";
import { resumeToken } from "../../../control/api/watch-resume.ts";
import { StoreAwayError } from "../../../control/store/errors.ts";
import { MAX_POINTS } from "../../../control/store/questions.ts";
import { plain, violation } from "./fixture-both.ts";
import type { ControlUnderTest } from "./fixture-control.ts";
import { shopSecond } from "./fixture-shop.ts";
import { events, read, refused, second, startWatched } from "./fixture-watch.ts";
import type { WatchedControl } from "./fixture-watch.ts";
import { loud } from "../../loud.ts";
import { until } from "../until.ts";

const test = suite("Watches of series");
/** Requests and connections of each second of the shop. */
const REQUESTS = 81;
const STEP = { seconds: 1, nanos: 0 };
const groupBy = [{ attribute: Attribute.ATTRIBUTE_WORKLOAD }];

let watched: WatchedControl;
let control: ControlUnderTest;
let client: StatsClient;
/** Up to when the history is complete. */
let completedMs: number | undefined = 0;
let historyEndsMs: number;
let cursor = 1;
let isAway = false;
let storeReads = 0;

test.before(
  loud(async () => {
    watched = await startWatched({ completedMs: () => completedMs }, 120 * second);
    ({ control, client } = watched);
    completedMs = historyEndsMs = watched.filledToMs;
    const { store } = watched;
    const readSeries = store.series.bind(store);
    store.series = (...asked) => {
      storeReads += 1;
      return isAway ? Promise.reject(new StoreAwayError("It is away")) : readSeries(...asked);
    };
  }),
);

test.after(() => watched.close());
test.after.each(() => until(() => control.watches.size === 0));

/** The next seconds of the shop come, and are complete; they are still of the past. */
async function pass(seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 1) {
    cursor += 1;
    await watched.store.append(shopSecond(historyEndsMs), cursor);
    historyEndsMs += second;
  }
  completedMs = historyEndsMs;
}

function series(
  value: DeepPartial<GetSeriesRequest> = {},
  request: DeepPartial<WatchRequest> = {},
): DeepPartial<WatchRequest> {
  return { question: { $case: "series", value: { step: STEP, ...value } }, ...request };
}

function toldOf({ answer }: WatchResponse): GetSeriesResponse {
  assert.is(answer?.$case, "series");
  return answer!.value as GetSeriesResponse;
}

/** When each point of an answer begins, over all its series. */
function beginnings({ series: told }: GetSeriesResponse): number[] {
  return told[0]!.points.map(({ at }) => at!.getTime());
}

function assertNoneTwiceNoneMissing(answers: readonly GetSeriesResponse[]): void {
  const begun = answers.flatMap(beginnings);
  assert.equal(
    begun,
    begun.map((_each, index) => begun[0]! + index * second),
  );
  const requests = answers.flatMap(({ series: told }) => told[0]!.points.map((point) => point.requests));
  assert.ok(
    requests.every((count) => count === REQUESTS),
    `${requests.join(" ")}`,
  );
}

test("the newest complete step, and each one when it is complete, over gRPC", async () => {
  const call = client.watch(WatchRequest.create(series()));
  const answers: GetSeriesResponse[] = [];
  for await (const answer of call as AsyncIterable<WatchResponse>) {
    assert.equal([answer.isReplayed, answer.skipped], [false, 0]);
    const told = toldOf(answer);
    assert.equal([told.to!.getTime(), told.to!.getTime() - told.from!.getTime()], [historyEndsMs, second]);
    if (answers.push(told) === 3) break;
    await pass(1);
  }
  call.cancel();
  assertNoneTwiceNoneMissing(answers);
});

test("as server-sent events, over both APIs the same, with groups and percentiles of their own", async () => {
  const url = `${control.http}/api/v1/watch/series?step=1000&groupBy=workload&top=1&percentile=0.9`;
  const [[event], [answer]] = await Promise.all([
    events<SeriesTold>(url, 1),
    read(client, series({ groupBy, top: 1, percentiles: [0.9] }), 1),
  ]);
  assert.is(event!.name, "series");
  assert.equal(plain(toSeriesResponse(event!.data.answer)), plain(toldOf(answer!)));
  assert.equal(
    event!.data.answer.series.map(({ labels, isRest }) => [...labels, isRest]),
    [["shop/front-end", false], [true]],
  );
  assert.is(event!.id, answer!.resume);
});

test("a step is ten seconds where none is said, and begins at a multiple of it", async () => {
  const [answer] = await read(client, { question: { $case: "series", value: {} } }, 1);
  const { from, to, step } = toldOf(answer!);
  assert.equal([step!.seconds, from!.getTime() % 10_000, to!.getTime() - from!.getTime()], [10, 0, 10_000]);
  const [event] = await events<SeriesTold>(`${control.http}/api/v1/watch/series?step=`, 1);
  assert.is(event!.data.answer.stepMs, 10_000);
});

test("nothing is told before it is complete; what came late to the store is told at once then", async () => {
  completedMs = undefined;
  const call = client.watch(WatchRequest.create(series()));
  const answers: WatchResponse[] = [];
  call.on("data", (answer: WatchResponse) => answers.push(answer));
  call.on("error", () => {});
  await until(() => control.watches.size === 1);
  await new Promise((resolve) => setTimeout(resolve, 1.2 * second));
  assert.is(answers.length, 0, "just after a start nothing is known to be complete");
  completedMs = historyEndsMs;
  await until(() => answers.length === 1);
  completedMs += 0.9 * second;
  await new Promise((resolve) => setTimeout(resolve, 1.2 * second));
  assert.is(answers.length, 1, "a step is not over before its end");
  await pass(3);
  await until(() => answers.length === 2);
  call.cancel();
  assert.is(beginnings(toldOf(answers[1]!)).length, 3);
  assertNoneTwiceNoneMissing(answers.map(toldOf));
  assert.equal([answers[1]!.isReplayed, answers[1]!.skipped], [false, 0]);
});

test("after a cut what was missed comes first, in one answer, over either API", async () => {
  const [first] = await read(client, series({ groupBy }), 1);
  await pass(5);
  const [later] = await read(client, series({ groupBy }, { resume: first!.resume }), 1);
  assert.equal([later!.isReplayed, later!.skipped], [true, 0]);
  const told = toldOf(later!);
  assert.is(told.from!.getTime(), toldOf(first!).to!.getTime());
  assert.is(beginnings(told).length, 5);
  const single = `${control.http}/api/v1/series?step=1000&groupBy=workload`;
  const response = await fetch(`${single}&from=${told.from!.getTime()}&to=${told.to!.getTime()}`);
  assert.equal(plain(toSeriesResponse((await response.json()) as SeriesTold)), plain(told), "as the past tells it");
  await pass(2);
  const url = `${control.http}/api/v1/watch/series?step=1000&groupBy=workload`;
  const [event] = await events<SeriesTold>(url, 1, { "Last-Event-ID": later!.resume });
  assert.ok(event!.data.isReplayed);
  assert.equal([event!.data.answer.fromMs, event!.data.answer.toMs], [told.to!.getTime(), historyEndsMs]);
});

test("who comes back in time waits for the next step, which is no replay", async () => {
  const [first] = await read(client, series(), 1);
  const next = read(client, series({}, { resume: first!.resume }), 1);
  await until(() => control.watches.size === 1);
  await pass(1);
  const [answer] = await next;
  assert.is(answer!.isReplayed, false);
  assertNoneTwiceNoneMissing([toldOf(first!), toldOf(answer!)]);
});

test("of a long time as many steps as an answer has room for are told, and how many are left out", async () => {
  for (const [question, room] of [
    [{}, MAX_POINTS],
    [{ groupBy, top: 100 }, 247],
  ] as const) {
    const [now] = await read(client, series(question), 1);
    const digest = Buffer.from(now!.resume, "base64url").subarray(9, 25);
    const resume = resumeToken(historyEndsMs - 2_500 * second, digest);
    const { replayed, skipped } = control.watches.stats;
    const [answer] = await read(client, series(question, { resume }), 1);
    assert.equal([answer!.isReplayed, answer!.skipped], [true, 2_500 - room]);
    assert.is(beginnings(toldOf(answer!)).length, room);
    assert.is(toldOf(answer!).to!.getTime(), historyEndsMs);
    const { stats } = control.watches;
    assert.equal([stats.replayed - replayed, stats.skipped - skipped], [1, 2_500 - room]);
  }
});

test("a token of a time to come is as if it had been given out just now", async () => {
  const [now] = await read(client, series(), 1);
  const digest = Buffer.from(now!.resume, "base64url").subarray(9, 25);
  const next = read(client, series({}, { resume: resumeToken(historyEndsMs + 1e9 * second, digest) }), 1);
  await until(() => control.watches.size === 1);
  await new Promise((resolve) => setTimeout(resolve, 0.7 * second));
  await pass(1);
  assert.is(beginnings(toldOf((await next)[0]!))[0], historyEndsMs - second);
});

test("a history that cannot be read makes a watch wait, and refuses who begins", async () => {
  const [first] = await read(client, series(), 1);
  isAway = true;
  // Others than the first, whose answer is shared for a second.
  const refusal = await refused(client.watch(WatchRequest.create(series({ top: 2 }))));
  assert.is(refusal.code, status.UNAVAILABLE);
  const response = await fetch(`${control.http}/api/v1/watch/series?step=1000&top=3`);
  assert.is(response.status, 503, await response.text());
  await pass(2);
  const back = read(client, series({}, { resume: first!.resume }), 1);
  const asked = storeReads;
  await until(() => storeReads >= asked + 2);
  await pass(1);
  isAway = false;
  const [later] = await back;
  assert.is(later!.skipped, 0);
  assert.is(beginnings(toldOf(later!)).length, 3);
  assertNoneTwiceNoneMissing([first!, later!].map(toldOf));
});

test("those who ask the same share the question to the store", async () => {
  const before = storeReads;
  const url = `${control.http}/api/v1/watch/series?step=1000&filter=route=/`;
  const [left, right] = await Promise.all([events<SeriesTold>(url, 1), events<SeriesTold>(url, 1)]);
  assert.equal(left[0]!.data, right[0]!.data);
  assert.ok(storeReads - before <= 2, `${storeReads - before}`);
});

test("what is wrong is named, in either words", async () => {
  const day = { seconds: 86_400, nanos: 0 };
  const other = (await read(client, series({ groupBy }), 1))[0]!.resume;
  const wrong: readonly (readonly [DeepPartial<WatchRequest>, string, string, string])[] = [
    [series({ from: new Date(5) }), "series.from", "from=5", "from"],
    [series({ to: new Date() }), "series.to", "to=5", "to"],
    [series({ step: day }), "series.step", "step=86400000", "step"],
    [series({ step: { seconds: 0, nanos: 5e8 } }), "series.step", "step=1500", "step"],
    [series({}, { interval: STEP }), "interval", "interval=1", "interval"],
    [series({ top: 101 }), "series.top", "top=101", "top"],
    [
      series({ filters: [{ attribute: Attribute.ATTRIBUTE_HEALTH, value: "failing" }] }),
      "series.filters[0].attribute",
      "filter=health=failing",
      "filter",
    ],
    [series({}, { resume: other }), "resume", `resume=${other}`, "resume"],
  ];
  for (const [request, field, parameter, name] of wrong) {
    const error = await refused(client.watch(WatchRequest.create(request)));
    assert.equal([error.code, violation(error.metadata)[0]], [status.INVALID_ARGUMENT, field], error.message);
    const response = await fetch(`${control.http}/api/v1/watch/series?${parameter}`);
    const { error: told } = (await response.json()) as { error: { field: string } };
    assert.equal([response.status, told.field], [400, name], parameter);
  }
});

test.run();
