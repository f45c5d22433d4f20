import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loud } from "../../loud.ts";
import { type ControlUnderTest, startControl } from "../api/fixture-control.ts";
import { exemplarStore, type ExemplarStore, traceId } from "../api/fixture-exemplars.ts";
import { type Result, command, run } from "./run.ts";

const requests = suite("sidelight requests");
let kept: ExemplarStore;
let control: ControlUnderTest;
const sidelight = (...args: string[]): Promise<Result> =>
  run(process.execPath, [command, "requests", ...args], { env: { SIDELIGHT_SERVER: control.grpc } });

requests.before(
  loud(async () => {
    kept = await exemplarStore();
    control = await startControl({ store: kept.store });
  }),
);

requests.after(async () => {
  await control.close();
  await kept.remove();
});

requests("a line a request, failed ones first, with what finds them elsewhere", async () => {
  const { code, stdout, stderr } = await sidelight();
  assert.is(stderr, "");
  assert.is(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.match(lines[0]!, /\d\d:\d\d:\d\d to \d\d:\d\d:\d\d {2}1 failed {2}3 slow {2}namespace shop$/);
  assert.match(lines[2]!, /^TIME +WHY +CLIENT +SERVER +REQUEST +STATUS +TOOK +TRACE$/);
  const clock = String.raw`^[\d-]* ?\d\d:\d\d:\d\d +`;
  const line = (text: string): RegExp => new RegExp(`${clock}${text}$`);
  const failed = String.raw`✗ failed +front-end +user +GET /cards/.\[31m9 +504 UT DC +2 s +${traceId}`;
  assert.match(lines[3]!, line(failed));
  assert.match(lines[4]!, line("· slow +front-end +user +GET /cards/17 +200 +1\\.25 s +0b6f8a60-97a3"));
  assert.match(lines[6]!, line("· slow +front-end +user +/shop\\.User/Get +grpc 0 +30 ms +–"));
  assert.not.match(stdout, "\x1b", "a path cannot steer the terminal");
});

requests("selects, and says so for programs", async () => {
  const { stdout } = await sidelight("shop/user", "--from", "shop/orders", "--json");
  const answer = JSON.parse(stdout) as { requests: Record<string, unknown>[] };
  assert.is(answer.requests.length, 1);
  assert.equal(answer.requests[0], {
    ...{ reason: "slowest", at: new Date(kept.atMs - 20_000).toISOString(), client: "shop/orders" },
    ...{ server: "shop/user", reporterSide: "destination", protocol: "http", method: "GET", route: "/addresses/{id}" },
    ...{ path: "/addresses/5", outcome: "success", status: 200, durationSeconds: 0.03, flags: [] },
    ...{ requestId: null, traceId: null },
  });
  const failed = JSON.parse((await sidelight("--failed", "--json")).stdout) as typeof answer;
  assert.equal(
    failed.requests.map(({ reason }) => reason),
    ["failed"],
  );
  const limited = JSON.parse((await sidelight("-n", "2", "--json")).stdout) as typeof answer;
  assert.is(limited.requests.length, 2);
});

requests("says when there is none, and what is wrong with a command line", async () => {
  const none = await sidelight("shop/nobody", "--since", "7d");
  assert.is(none.code, 0);
  assert.match(none.stdout, "No slow or failed request is kept of that time");
  for (const [args, message] of [
    [["--since", "yesterday"], "It looks like 90s, 15m, 24h or 7d."],
    [["--limit", "501"], "It is a whole number from 1 to 500."],
  ] as const) {
    const { code, stderr } = await sidelight(...args);
    assert.is(code, 2);
    assert.match(stderr, message);
  }
});

requests.run();
