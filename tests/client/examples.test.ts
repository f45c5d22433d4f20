/** The examples of the client, as a reader would run them, against a real control. */
import { spawn } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { projectRoot } from "../../provision/build.ts";
import { MemoryAlerts } from "../control/api/fixture-alerts.ts";
import { type ControlUnderTest, startControl } from "../control/api/fixture-control.ts";
import { startWatched, type WatchedControl } from "../control/api/fixture-watch.ts";
import { loud } from "../loud.ts";

const test = suite("Examples of the client");
let watched: WatchedControl;
let control: ControlUnderTest;

test.before(
  loud(async () => {
    watched = await startWatched();
    ({ control } = watched);
  }),
);
test.after(() => watched.close());

/** Runs an example to its end. @param enough ends it once this has been written */
function example(
  name: string,
  args: readonly string[],
  enough?: RegExp,
): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("node", ["--import", "tsx", `client/examples/${name}.ts`, ...args], {
      cwd: projectRoot,
      env: { ...process.env, SIDELIGHT_SERVER: control.grpc },
    });
    let text = "";
    const read = (part: string): void => {
      text += part;
      if (enough?.test(text)) child.kill();
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, text }));
  });
}

test("an autoscaler reads the rate of a workload", async () => {
  const [known, unknown] = await Promise.all([
    example("autoscaler", ["shop/user", "--per-replica", "15", "--rounds", "2", "--every", "0.1"]),
    example("autoscaler", ["shop/nobody", "--rounds", "1"]),
  ]);
  assert.is(known.code, 0, known.text);
  assert.match(known.text, /^(shop\/user serves \d+\.\d\/s: \d replicas at 15\/s each\n){2}$/);
  assert.equal(unknown, { code: 0, text: "shop/nobody is not known; nothing is changed\n" });
});

test("an autoscaler goes on where there are no figures", async () => {
  const { code, text } = await example("autoscaler", ["shop/user", "--rounds", "1", "--server", "127.0.0.1:1"]);
  assert.is(code, 0, text);
  assert.match(text, /^No figures now, nothing is changed: Stats\.ListWorkloads at 127\.0\.0\.1:1: .*ECONNREFUSED/);
});

test("a canary is compared with what it is to replace", async () => {
  const [bad, good, unknown] = await Promise.all([
    example("canary", ["shop/user", "shop/orders"]),
    example("canary", ["shop/front-end", "shop/user"]),
    example("canary", ["shop/nobody", "shop/user"]),
  ]);
  assert.is(bad.code, 1, bad.text);
  assert.is(good.code, 0, good.text);
  assert.match(good.text, /shop\/front-end: \d+ requests, 0\.0 % errors, p99 12 ms\n.*\n.* is no worse: go on\n$/);
  assert.match(unknown.text, "too few to say anything");
});

test("a watch prints what turns red", async () => {
  const { text } = await example("red-edges", [], /failing: .*\n/);
  assert.is(text.split("\n")[0], "shop/front-end -> shop/user (http) is failing: 40 % errors");
});

test("incidents are printed as they open, and as they are over", async () => {
  const alerts = new MemoryAlerts();
  const alerting = await startControl({ alerts });
  const running = example("open-incidents", ["--server", alerting.grpc], /well again\n/);
  while (alerting.alertsFeed.stats.subscribers === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  alerts.change({ incidents: [] });
  const { text } = await running;
  await alerting.close();
  assert.equal(text.split("\n").slice(0, 3), [
    "shop/user GET /cards: 5.2 % of requests to shop/user failed over 5 min (limit 1 %), since 2026-01-05T09:50:00.000Z",
    "  hurt by it: shop/front-end, shop/orders",
    "shop/user is well again",
  ]);
});

test.run();
