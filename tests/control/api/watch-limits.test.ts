/** What watches refuse, how many there may be, how they end, and that a caller who reads nothing costs nothing. */
import { once } from "node:events";
import http2 from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { credentials, type ServiceError, status } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Attribute, StatsClient, WatchRequest, WatchResponse } from "#proto/stats.ts";
import type { DeepPartial } from "#proto/stats.ts";
import { systemClock } from "../../../control/api/feed.ts";
import { violation } from "./fixture-both.ts";
import { type ControlUnderTest, startControl } from "./fixture-control.ts";
import { read, refused, resumeFrom, second, startWatched, topology } from "./fixture-watch.ts";
import type { WatchedControl } from "./fixture-watch.ts";
import { framed, unframed } from "./grpc-frames.ts";
import { loud } from "../../loud.ts";
import { until } from "../until.ts";

const test = suite("Limits of watches");

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

test("a hostile or foreign token is refused by its name", async () => {
  const [{ resume } = { resume: "" }] = await read(client, topology(), 1);
  const last = resume.endsWith("A") ? "E" : "A";
  const future = resumeFrom(await read(client, topology(), 1), -1e9 * second).resume;
  for (const wrong of [
    "x",
    `${resume.slice(0, -1)}${last}`,
    `B${resume.slice(1)}`,
    `${resume}AAAA`,
    "\u0000",
    "A".repeat(1e5),
  ]) {
    const error = await refused(client.watch(WatchRequest.create(topology({ resume: wrong }))));
    assert.is(error.code, status.INVALID_ARGUMENT, error.message);
    assert.is(violation(error.metadata)[0], "resume");
  }
  const other = { question: { $case: "topology" as const, value: { filters: [] } } };
  assert.is((await read(client, { ...other, resume }, 1)).length, 1, "the same question, in other words");
  const filters = [{ attribute: Attribute.ATTRIBUTE_HEALTH, value: "failing" }];
  for (const request of [
    { question: { $case: "topology" as const, value: { filters } }, resume },
    { question: { $case: "workloads" as const, value: {} }, resume },
  ]) {
    const error = await refused(client.watch(WatchRequest.create(request)));
    assert.equal([error.code, violation(error.metadata)[0]], [status.INVALID_ARGUMENT, "resume"]);
    assert.match(error.details, "another question");
  }
  const response = await fetch(`${control.http}/api/v1/watch/topology`, { headers: { "Last-Event-ID": "x" } });
  assert.equal(
    [response.status, ((await response.json()) as { error: { field: string } }).error.field],
    [400, "resume"],
  );
  // Of a time to come: as if it had been told just now.
  assert.is((await read(client, topology({ resume: future }), 1))[0]!.isReplayed, false);
});

test("what is wrong with the question is named by its path", async () => {
  const cases: readonly (readonly [DeepPartial<WatchRequest>, string])[] = [
    [{}, "question"],
    [topology({ interval: { seconds: 0, nanos: 5 } }), "interval"],
    [topology({ interval: { seconds: 3_601, nanos: 0 } }), "interval"],
    [{ question: { $case: "topology", value: { at: new Date() } } }, "topology.at"],
    [{ question: { $case: "workloads", value: { pageSize: 5 } } }, "workloads.page_size"],
    [
      { question: { $case: "endpoints", value: { filters: [{ attribute: Attribute.ATTRIBUTE_HEALTH, value: "x" }] } } },
      "endpoints.filters[0].value",
    ],
  ];
  for (const [request, field] of cases) {
    const error = await refused(client.watch(WatchRequest.create(request)));
    assert.equal([error.code, violation(error.metadata)[0]], [status.INVALID_ARGUMENT, field], error.message);
    assert.ok(error.details.includes(`"${field}"`), error.details);
  }
  const paths = { "topology?interval=0": 400, "topology?at=5": 400, "topology?interval=1&interval=2": 400, edges: 404 };
  for (const [path, expected] of Object.entries(paths)) {
    const response = await fetch(`${control.http}/api/v1/watch/${path}`);
    await response.text();
    assert.is(response.status, expected, path);
  }
  const unknown = await refused(
    client.watch(WatchRequest.create({ question: { $case: "endpoints", value: { server: "shop/nobody" } } })),
  );
  assert.is(unknown.code, status.NOT_FOUND);
  const pods = { question: { $case: "pods", value: { workload: "shop/nobody" } } } as const;
  assert.is((await refused(client.watch(WatchRequest.create(pods)))).code, status.NOT_FOUND);
});

test("places are bounded over both APIs, and free when their watchers go or run out of time", async () => {
  const gone = new AbortController();
  const calls = [1, 2].map(() => client.watch(WatchRequest.create(topology())));
  for (const call of calls) call.on("error", () => {});
  const page = await fetch(`${control.http}/api/v1/watch/workloads`, { signal: gone.signal });
  assert.is(page.status, 200);
  await until(() => control.watches.size === 3);
  const full = await refused(client.watch(WatchRequest.create(topology())));
  assert.is(full.code, status.RESOURCE_EXHAUSTED);
  assert.match(full.details, /All 3 places .* end one/);
  const fullPage = await fetch(`${control.http}/api/v1/watch/topology`);
  assert.equal([fullPage.status, fullPage.headers.get("Retry-After")], [503, "2"]);
  await fullPage.text();
  const metrics = await (await fetch(`${control.http}/metrics`)).text();
  assert.match(metrics, /^sidelight_watches 3$/m);
  assert.match(metrics, /^sidelight_watches_refused_total 2$/m);
  for (const call of calls) call.cancel();
  gone.abort();
  await until(() => control.watches.size === 0);
  const late = client.watch(WatchRequest.create(topology()), { deadline: Date.now() + 300 });
  late.on("data", () => {});
  const error = await new Promise<ServiceError>((resolve) => late.on("error", resolve));
  assert.is(error.code, status.DEADLINE_EXCEEDED);
});

test("for a caller who takes no bytes nothing is asked again, and what was left out is told once some are taken", async () => {
  // HTTP/2 lets a receiver say how many bytes it takes: none, of this one.
  const session = http2.connect(`http://${control.grpc}`, { settings: { initialWindowSize: 0 } });
  const call = session.request({
    ":method": "POST",
    ":path": "/sidelight.v1.Stats/Watch",
    "content-type": "application/grpc",
    te: "trailers",
  });
  call.end(framed(WatchRequest.encode(WatchRequest.create(topology())).finish()));
  await until(() => control.watches.size === 1);
  await sleep(3.5 * second);
  session.settings({ initialWindowSize: 1 << 20 });
  const answers = unframed(call, (bytes) => WatchResponse.decode(bytes));
  const first = (await answers.next()).value!;
  const next = (await answers.next()).value!;
  assert.is(first.skipped, 0, "the first answer is the one that could not be sent");
  assert.ok(next.skipped >= 2, `what was not asked meanwhile is left out: ${next.skipped}`);
  session.destroy();
  await once(session, "close");
});

test("HEAD takes no place", async () => {
  const response = await fetch(`${control.http}/api/v1/watch/topology`, { method: "HEAD" });
  assert.equal([response.status, response.headers.get("Content-Type")], [200, "text/event-stream"]);
  assert.is(control.watches.size, 0);
});

test("where the history cannot be read a watch goes on with what is now, and says how much is left out", async () => {
  const { resume } = resumeFrom(await read(client, topology(), 1), 5 * second);
  const forgetful = await startControl({ feed: { clock: systemClock } });
  const watcher = new StatsClient(forgetful.grpc, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  const [next] = await read(watcher, topology({ resume }), 1);
  assert.is(next!.isReplayed, false);
  assert.ok(next!.skipped >= 4, `${next!.skipped}`);
  watcher.close();
  await forgetful.close();
});

test("control that stops says so to watchers", async () => {
  const passing = await startControl();
  const watcher = new StatsClient(passing.grpc, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  const call = watcher.watch(WatchRequest.create(topology()));
  const ended = new Promise<ServiceError>((resolve) => call.on("error", resolve));
  const page = await fetch(`${passing.http}/api/v1/watch/topology`);
  await until(() => passing.watches.size === 2);
  call.once("data", () => passing.watches.stop());
  const text = page.text();
  const error = await ended;
  assert.equal([error.code, error.details], [status.UNAVAILABLE, "control is stopping"]);
  assert.match(await text, /event: end\ndata: \{"reason":"stopping"\}\n\n$/);
  watcher.close();
  await passing.close();
});

test.run();
