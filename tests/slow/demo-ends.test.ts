/** Every way in which a demo ends leaves no process behind. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { runningDemos } from "../../demo/run-folder.ts";
import { DemoProcess } from "../e2e/demo-process.ts";

const test = suite<{ demo: DemoProcess }>("the end of a demo");

test.before.each(async (context) => {
  context.demo = await DemoProcess.start(["--seconds", "600", "--json"]);
  assert.ok((await context.demo.parts()).length > 15, "the parts could not be found to begin with");
});
test.after.each(async ({ demo }) => {
  await demo.stop();
  await rm(demo.running.folder, { recursive: true, force: true });
});

test("Ctrl-C: everything stops, and its folder is gone", async ({ demo }) => {
  // A terminal sends the signal to the whole group.
  demo.starter.kill("SIGINT");
  process.kill(demo.running.pid, "SIGINT");
  await demo.ended();
  assert.equal(await demo.left(), []);
  assert.not.ok(existsSync(demo.running.folder));
});

test("a part that crashes ends the demo with its name", async ({ demo }) => {
  const redis = (await demo.parts()).find(({ command }) => command.includes("redis-server"));
  assert.ok(redis, "there is no Redis to kill");
  process.kill(redis.pid, "SIGKILL");
  assert.is(await demo.ended(), 1);
  assert.match(demo.said(), "Redis");
  assert.equal(await demo.left(), []);
});

test("the demo itself killed: its parts go with it, and the next start clears its folder away", async ({ demo }) => {
  process.kill(demo.running.pid, "SIGKILL");
  await demo.ended();
  assert.equal(await demo.left(), []);
  assert.ok(existsSync(demo.running.folder));
  assert.not.ok((await runningDemos()).some(({ pid }) => pid === demo.running.pid));
  assert.not.ok(existsSync(demo.running.folder));
});

test("its starter killed: it stops in order", async ({ demo }) => {
  demo.starter.kill("SIGKILL");
  assert.equal(await demo.left(), []);
  assert.not.ok(existsSync(demo.running.folder));
});

test.run();
