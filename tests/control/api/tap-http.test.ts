import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { LiveEndEvent, LiveRequestsEvent } from "../../../control/api/tap-events.ts";
import { loud } from "../../loud.ts";
import { FakeStream, everything, tappedOf } from "../ingest/tap-fixture.ts";
import { until } from "../until.ts";
import { type ControlUnderTest, startControl } from "./fixture-control.ts";

const test = suite<{ control: ControlUnderTest; stream: FakeStream }>("live requests over HTTP");

test.before(
  loud(async (parts) => {
    parts.control = await startControl({ http: { stream: { heartbeatMs: 50 } } });
    parts.stream = new FakeStream("user");
    parts.control.taps.joined(parts.stream);
  }),
);
test.after(({ control }) => control.close());

/** An event stream as it comes in, block by block. */
async function open({ control }: { control: ControlUnderTest }, query: string) {
  const asker = new AbortController();
  const response = await fetch(`${control.http}/api/v1/tap?${query}`, { signal: asker.signal });
  const seen = { text: "", isOver: false };
  const reading = async (): Promise<void> => {
    const text = response.body!.pipeThrough(new TextDecoderStream()) as unknown as AsyncIterable<string>;
    for await (const part of text) seen.text += part;
    seen.isOver = true;
  };
  reading().catch(() => (seen.isOver = true));
  const dataOf = <Data>(event: string): Data[] => {
    const found = seen.text.matchAll(new RegExp(`event: ${event}\ndata: (.+)\n\n`, "g"));
    return [...found].map(([, data]) => JSON.parse(data!) as Data);
  };
  return { asker, response, seen, news: () => dataOf<LiveRequestsEvent>("requests"), end: () => dataOf("end") };
}

function show(control: ControlUnderTest, stream: FakeStream, paths: string[], skipped = 0): void {
  const bytes = tappedOf(stream.last!.id, paths, skipped);
  control.taps.take(stream, { bytes, receivedMs: 1_800_000_000_400, clockOffsetMs: 0 });
}

test("requests come as events, comments in between, and the last one says why it ended", async (parts) => {
  const { control, stream } = parts;
  const query =
    "workload=shop/user&seconds=1&rate=7&side=inbound&method=GET&path=/cards&failed=true&minMs=3&status=5xx";
  const tap = await open(parts, query);
  assert.is(tap.response.headers.get("content-type"), "text/event-stream");
  await until(() => tap.news().length === 1);
  assert.equal(tap.news()[0], { reporters: 1, requests: [], skipped: 0 });
  const { id, durationMillis, ...asked } = stream.last!;
  const filter = { ...everything, side: 1, method: "GET", pathPrefix: "/cards", onlyFailed: true };
  const statuses = { hasStatus: true, status: 500, statusTo: 599 };
  assert.equal(asked, { ...filter, ...statuses, minDurationMicros: 3000, perSecond: 7 });
  assert.ok(id > 0 && durationMillis <= 1000);
  show(control, stream, ["/cards/1", "/cards/2"], 5);
  await until(() => tap.news().length === 2);
  const { reporters, skipped, requests } = tap.news()[1]!;
  assert.equal([reporters, skipped], [1, 5]);
  assert.equal(requests[0], {
    ...{ reason: "tapped", atMs: 1_800_000_000_000, side: "destination", client: "unresolved/no-address" },
    ...{ server: "shop/user", protocol: "http", method: "GET", route: "/", outcome: "success", status: 200 },
    ...{ path: "/cards/1", durationMs: 1, flags: [], requestId: "", traceId: "" },
  });
  await until(() => tap.seen.isOver);
  assert.equal(tap.end(), [{ reason: "expired" } satisfies LiveEndEvent]);
  assert.match(tap.seen.text, "\n\n:\n\n", "comments keep a quiet stream alive");
  assert.is(control.taps.stats.taps, 0);
});

test("a client that goes away ends the tap; control that stops says so", async (parts) => {
  const { control, stream } = parts;
  const gone = await open(parts, "workload=shop/user");
  const stays = await open(parts, "workload=shop/user&seconds=600");
  await until(() => gone.news().length === 1 && stays.news().length === 1);
  assert.equal([control.taps.stats.taps, control.taps.stats.subscribers], [1, 2]);
  gone.asker.abort();
  await until(() => control.taps.stats.subscribers === 1);
  assert.ok(stream.last!.durationMillis > 0);
  stays.asker.abort();
  await until(() => control.taps.stats.taps === 0);
  assert.is(stream.last?.durationMillis, 0);
  const other = await startControl();
  const ended = await open({ control: other }, "workload=shop/user");
  await until(() => ended.news().length === 1);
  other.taps.stop();
  await until(() => ended.seen.isOver);
  assert.equal(ended.end(), [{ reason: "stopping" }]);
  await other.close();
});

test("what cannot be asked is an error with the parameter at fault, to HEAD too", async ({ control }) => {
  const cases: [string, number, string, string?][] = [
    ["", 400, "must be given", "workload"],
    ["workload=", 400, "must be given", "workload"],
    ["workload=shop/user&rate=1000", 400, "rate must be from 1 to 100", "rate"],
    ["workload=shop/user&seconds=-1", 400, "whole number", "seconds"],
    ["workload=shop/user&status=5x", 400, "looks like 404, 5xx or 500-504", "status"],
    ["workload=shop/user&status=504-500", 400, "status must be from 504", "status"],
    ["workload=shop/user&failed=yes", 400, "true or false", "failed"],
    ["workload=shop/user&path=cards", 400, "begin with", "path"],
    ["workload=shop/user&method=GET&method=PUT", 400, "2 times", "method"],
    ["workload=shop/user&pathPrefix=/", 400, "not a parameter here; there are workload, seconds", "pathPrefix"],
    ["workload=shop/usre", 404, "did you mean shop/user?", "workload"],
    ["workload=shop/user-db", 409, "ask a caller of it: shop/user"],
  ];
  for (const [query, status, message, field] of cases) {
    const response = await fetch(`${control.http}/api/v1/tap?${query}`);
    const { error } = (await response.json()) as { error: { message: string; field?: string } };
    assert.equal([response.status, error.field], [status, field], error.message);
    assert.match(error.message, message);
  }
  const head = (query: string) => fetch(`${control.http}/api/v1/tap?${query}`, { method: "HEAD" });
  assert.is((await head("workload=shop/user")).headers.get("content-type"), "text/event-stream");
  assert.is((await head("workload=shop/user&rate=1000")).status, 400);
  assert.is(control.taps.stats.taps, 0);
  const without = await startControl({ withoutTaps: true });
  const refused = await fetch(`${without.http}/api/v1/tap?workload=shop/user`);
  assert.is(refused.status, 403);
  assert.match(await refused.text(), "SIDELIGHT_TAP=on");
  await without.close();
});

test("past the limit: 503, and when to ask again", async (parts) => {
  const taps = await Promise.all([1, 2, 3, 4].map((rate) => open(parts, `workload=shop/user&rate=${rate}`)));
  const refused = await fetch(`${parts.control.http}/api/v1/tap?workload=shop/user&rate=5`);
  assert.equal([refused.status, refused.headers.get("retry-after")], [503, "2"]);
  assert.match(await refused.text(), "4 different taps of shop/user run already");
  for (const { asker } of taps) asker.abort();
  await until(() => parts.control.taps.stats.taps === 0);
  assert.equal(parts.control.errors, []);
});

test.run();
