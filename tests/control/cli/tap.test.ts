import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loud } from "../../loud.ts";
import { type ControlUnderTest, startControl } from "../api/fixture-control.ts";
import { FakeStream, tappedOf } from "../ingest/tap-fixture.ts";
import { until } from "../until.ts";
import { type Result, type RunOptions, command, run } from "./run.ts";

interface Parts {
  control: ControlUnderTest;
  stream: FakeStream;
}

const test = suite<Parts>("sidelight tap");
const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";

function sidelight({ control }: Parts, args: readonly string[], options: RunOptions = {}): Promise<Result> {
  return run(process.execPath, [command, "tap", ...args], { ...options, env: { SIDELIGHT_SERVER: control.grpc } });
}

test.before.each(
  loud(async (parts) => {
    parts.control = await startControl();
    parts.stream = new FakeStream("user");
    parts.control.taps.joined(parts.stream);
  }),
);
test.after.each(({ control }) => control.close());

/** Shows requests once the command has asked for them. */
async function show({ control, stream }: Parts, skipped = 0): Promise<void> {
  await until(() => control.taps.stats.subscribers > 0, 4000);
  const slow = { path: "/cards/17", durationMicros: 1_250_000, requestId: "0b6f8a60" };
  const failed = { path: "/cards/\u001b[31m9", durationMicros: 30_000, flags: 4, traceId };
  const bytes = tappedOf(stream.last!.id, [slow, failed], skipped);
  control.taps.take(stream, { bytes, receivedMs: Date.now(), clockOffsetMs: 0 });
}

test("a line a request, until Ctrl-C, which sums up", async (parts) => {
  const onOutput: RunOptions["onOutput"] = (text, child) => {
    if (text.includes("left out")) child.kill("SIGINT");
  };
  const running = sidelight(parts, ["shop/user", "--path", "/cards", "--method", "get"], { onOutput });
  await show(parts, 1_200);
  const { code, stdout, stderr } = await running;
  assert.is(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.match(lines[0]!, /^TIME {6}PEER +REQUEST +STATUS +TOOK +TRACE$/);
  assert.match(lines[1]!, /^\d\d:\d\d:\d\d +← unresolved\/no-address +GET \/cards\/17 +200 +1\.25 s +0b6f8a60$/);
  assert.match(lines[2]!, new RegExp(`^.{8} +← .* +GET /cards/.\\[31m9 +200 UT +30 ms +${traceId}$`));
  assert.is(lines[3], "… 1,200 left out");
  assert.is(lines.length, 4);
  assert.not.match(stdout, "\x1b", "a path cannot steer the terminal");
  assert.match(stderr, /^Live requests of shop\/user, at most 10\/s for 1 min, from 1 reporter\. Ctrl-C ends it\.\n/);
  assert.match(stderr, /\n2 requests in [\d.]+ m?s, 1,200 left out \(--rate shows more\)\n$/);
  await until(() => parts.control.taps.stats.taps === 0);
  assert.equal([parts.stream.told[0]!.pathPrefix, parts.stream.told[0]!.method], ["/cards", "GET"]);
  assert.is(parts.stream.last?.durationMillis, 0, "the reporter is told of the end");
});

test("for programs: a document a line, the sum last", async (parts) => {
  const options = [
    "--for",
    "2s",
    "--rate",
    "50",
    "--status",
    "5xx",
    "--failed",
    "--slower",
    "20ms",
    "--side",
    "inbound",
  ];
  const running = sidelight(parts, ["shop/user", "--json", ...options]);
  await show(parts, 7);
  const { code, stdout, stderr } = await running;
  assert.equal([code, stderr], [0, ""]);
  const documents = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const { at, ...first } = documents[0]!;
  assert.match(String(at), /^\d{4}-.*Z$/);
  assert.equal(first, {
    ...{ reason: "tapped", client: "unresolved/no-address", server: "shop/user", reporterSide: "destination" },
    ...{ protocol: "http", method: "GET", route: "/", path: "/cards/17", outcome: "success", status: 200 },
    ...{ durationSeconds: 1.25, flags: [], requestId: "0b6f8a60", traceId: null },
  });
  assert.equal(documents[2], { leftOut: 7 });
  const { seconds, ...sum } = documents[3]!;
  assert.equal(sum, { end: "expired", requests: 2, leftOut: 7 });
  assert.ok(Number(seconds) > 1);
  const { id, durationMillis, ...asked } = parts.stream.told[0]!;
  assert.ok(id > 0 && durationMillis <= 2000);
  assert.equal(asked, {
    ...{ perSecond: 50, side: 1, method: "", pathPrefix: "", onlyFailed: true, minDurationMicros: 20_000 },
    ...{ status: 500, hasStatus: true, statusTo: 599 },
  });
});

test("says when nothing comes, and who is waited for", async (parts) => {
  const [quiet, unconnected] = await Promise.all([
    sidelight(parts, ["shop/user", "--for", "5s"]),
    sidelight(parts, ["shop/orders", "--for", "5s", "--json"]),
  ]);
  assert.equal([quiet.code, quiet.stdout], [0, ""]);
  assert.match(quiet.stderr, "\nNo matching request for 3 s; 1 reporter is asked. Waiting ...\n0 requests in ");
  assert.is(
    unconnected.stderr,
    "No sidecar of shop/orders is connected; the first request that one serves connects it. Waiting ...\n",
  );
});

test("who cannot be asked, and what cannot be meant", async (parts) => {
  const refused = [
    ["user", 'No workload "user" is known; did you mean shop/user?'],
    ["shop/user-db", "shop/user-db has no sidecar that could show live requests; ask a caller of it: shop/user"],
  ] as const;
  const asking = refused.map(async ([workload, message]) => {
    const { code, stdout, stderr } = await sidelight(parts, [workload]);
    assert.equal([code, stdout, stderr], [1, "", `sidelight: control at ${parts.control.grpc}: ${message}\n`]);
  });
  const meaningless = [
    [[], "missing required argument 'workload'"],
    [["shop/user", "--for", "11m"], "It looks like 30s or 5m, and is 10m at most."],
    [["shop/user", "--rate", "101"], "It is a whole number from 1 to 100."],
    [["shop/user", "--status", "teapot"], "It looks like 404, 5xx or 500-504."],
    [["shop/user", "--slower", "1h"], "It looks like 250ms or 2s."],
  ] as const;
  const trying = meaningless.map(async ([args, message]) => {
    const { code, stderr } = await sidelight(parts, args);
    assert.is(code, 2);
    assert.match(stderr, message);
  });
  await Promise.all([...asking, ...trying]);
});

test("control that goes away: says so, after the sum of what was seen", async (parts) => {
  const onOutput = (text: string): void => {
    if (text.includes(traceId)) parts.control.taps.stop();
  };
  const running = sidelight(parts, ["shop/user", "--json"], { onOutput });
  await show(parts);
  const { code, stdout, stderr } = await running;
  assert.is(code, 3);
  assert.is(stderr, `sidelight: lost control at ${parts.control.grpc}: control is stopping\n`);
  assert.match(stdout, /\{"end":"lost","requests":2,"leftOut":0,"seconds":[\d.]+\}\n$/);
});

test.run();
