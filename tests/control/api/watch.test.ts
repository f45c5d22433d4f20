/** Watches over both APIs: the same answers, one after the other, and after a cut those that were missed. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Attribute } from "#proto/stats.ts";
import type { ListPodsResponse, StatsClient } from "#proto/stats.ts";
import { MAX_REPLAYED } from "../../../control/api/watch.ts";
import { EDGES } from "../../../control/world/attributes.ts";
import { Filters } from "../../../control/world/filters.ts";
import type { ControlUnderTest } from "./fixture-control.ts";
import {
  assertGapless,
  atOf,
  events,
  read,
  resumeFrom,
  second,
  startWatched,
  toldOf,
  topology,
} from "./fixture-watch.ts";
import type { WatchedControl } from "./fixture-watch.ts";
import { loud } from "../../loud.ts";
import { until } from "../until.ts";

const test = suite("Watch");
const WHOLE_PAGE = { size: undefined, token: undefined, tokenField: "" };

let watched: WatchedControl;
let control: ControlUnderTest;
let client: StatsClient;

test.before(
  loud(async () => {
    watched = await startWatched();
    ({ control, client } = watched);
  }),
);

test.after(() => watched.close());
test.after.each(() => until(() => control.watches.size === 0));

test("the answer now and again each second, over gRPC", async () => {
  const answers = await read(client, topology(), 3);
  assertGapless(toldOf(answers));
  const value = answers[0]!.answer!.value as { topology: { edges: unknown[] } };
  assert.is(value.topology.edges.length, 4);
  assert.ok(answers.every(({ isReplayed }) => !isReplayed));
});

test("the same as server-sent events", async () => {
  const found = await events(`${control.http}/api/v1/watch/endpoints?server=shop/user&interval=1`, 2);
  assert.equal(
    found.map(({ name }) => name),
    ["endpoints", "endpoints"],
  );
  const at = found.map(({ data }) => ({ atMs: data.answer.atMs, skipped: data.skipped }));
  assertGapless(at);
});

test("every question that can be watched, with its filters", async () => {
  const filters = [{ attribute: Attribute.ATTRIBUTE_WORKLOAD, value: "shop/user" }];
  const [workloads] = await read(client, { question: { $case: "workloads", value: { filters } } }, 1);
  assert.equal(
    (workloads!.answer!.value as { workloads: { id: string }[] }).workloads.map(({ id }) => id),
    ["shop/user"],
  );
  const [endpoints] = await read(client, { question: { $case: "endpoints", value: { server: "shop/user" } } }, 1);
  assert.ok((endpoints!.answer!.value as { endpoints: unknown[] }).endpoints.length > 0);
  const [pods] = await read(client, { question: { $case: "pods", value: { workload: "shop/user" } } }, 1);
  const namesOf = ({ pods }: { readonly pods: readonly { readonly id: string }[] }) => pods.map(({ id }) => id).sort();
  assert.equal(namesOf(pods!.answer!.value as ListPodsResponse), ["shop/user-0", "shop/user-1"]);
});

test("pods that were missed are told out of the history", async () => {
  const question = { $case: "pods", value: { workload: "shop/user" } } as const;
  const [first] = await read(client, { question }, 1);
  await new Promise((resolve) => setTimeout(resolve, 2 * second));
  const later = await read(client, { question, resume: first!.resume }, 2);
  assert.ok(later[0]!.isReplayed);
  assert.equal(
    (later[0]!.answer!.value as ListPodsResponse).at?.getTime(),
    (first!.answer!.value as ListPodsResponse).at!.getTime() + second,
  );
});

test("after a cut what was missed comes first, none twice and none missing, over gRPC", async () => {
  const [first] = await read(client, topology(), 1);
  const cutFor = 3 * second;
  await new Promise((resolve) => setTimeout(resolve, cutFor));
  const later = await read(client, topology({ resume: first!.resume }), 5);
  assertGapless(toldOf([first!, ...later]));
  assert.is(later[0]!.skipped, 0);
  assert.ok(later[0]!.isReplayed);
  assert.is(later.at(-1)!.isReplayed, false, "then it goes on as before");
  const replayed = later[0]!.answer!.value as { topology: { edges: unknown[]; windowSeconds: number } };
  assert.ok(replayed.topology.edges.length > 0, "out of the history");
});

test("after a cut over HTTP Last-Event-ID says where to go on, also for a watch of the other API", async () => {
  const [first] = await read(client, topology(), 1);
  await new Promise((resolve) => setTimeout(resolve, 2.5 * second));
  const later = await events(`${control.http}/api/v1/watch/topology`, 4, { "Last-Event-ID": first!.resume });
  assert.ok(later[0]!.data.isReplayed);
  assertGapless([
    { atMs: atOf(first!), skipped: 0 },
    ...later.map(({ data }) => ({ atMs: data.answer.atMs, skipped: data.skipped })),
  ]);
  const [again] = await events(`${control.http}/api/v1/watch/topology?resume=${later.at(-1)!.id}`, 1);
  assert.is(again!.data.answer.atMs - later.at(-1)!.data.answer.atMs, (again!.data.skipped + 1) * second);
});

test("a watch that is taken up at once waits for its next answer", async () => {
  const [first] = await read(client, topology(), 1);
  const [next] = await read(client, topology({ resume: first!.resume }), 1);
  assertGapless(toldOf([first!, next!]));
});

test("of a long time the newest are told, and how many are left out", async () => {
  const { resume, atMs } = resumeFrom(await read(client, topology(), 1), 90 * second);
  const answers = await read(client, topology({ resume }), MAX_REPLAYED + 1);
  assert.ok(answers[0]!.skipped >= 29, `${answers[0]!.skipped}`);
  assertGapless([{ atMs, skipped: 0 }, ...toldOf(answers)]);
  assert.is(answers.filter(({ isReplayed }) => isReplayed).length, MAX_REPLAYED);
  assert.is(answers.at(-1)!.isReplayed, false);
});

test("those who ask the same share the answer, and without watchers nothing is computed", async () => {
  const { stats } = control.feed;
  const before = stats.computed;
  const [left, right] = await Promise.all([
    events(`${control.http}/api/v1/watch/topology`, 3),
    events(`${control.http}/api/v1/watch/topology`, 3),
  ]);
  assert.equal(left.map(({ id }) => id).at(-1), right.map(({ id }) => id).at(-1));
  await until(() => control.watches.size === 0);
  const after = stats.computed;
  assert.ok(after - before <= 8, `${after - before} snapshots for 3 seconds of 2 watches`);
  await new Promise((resolve) => setTimeout(resolve, 1.5 * second));
  assert.is(stats.computed, after);
});

test("a reader who is slow skips to the newest and is told how many; nothing was queued", async () => {
  const watch = control.watches.open({
    watched: { kind: "topology", question: { past: undefined, filters: Filters.of([], EDGES), page: WHOLE_PAGE } },
    ...{ intervalSeconds: 1, resume: "" },
  });
  const first = await watch.next(10 * second);
  await new Promise((resolve) => setTimeout(resolve, 3.2 * second));
  const next = await watch.next(10 * second);
  watch.end("closed");
  assert.is(next!.isReplayed, false);
  assert.ok(next!.skipped >= 1);
  assertGapless([first!, next!].map(({ answer, skipped }) => ({ atMs: answer.atMs, skipped })));
  assert.is(await watch.next(10 * second), undefined, "an ended one answers at once");
});

test.run();
