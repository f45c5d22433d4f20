/**
 * The filter in a real Envoy while control is absent, silent, slow, talks nonsense, or is killed again and again: no
 * request fails or waits, and in the end every request is counted once.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { LossKind } from "#proto/ingest.ts";
import { type RunningEnvoy, startEnvoy } from "../envoy.ts";
import { sidecarBootstrap } from "./bootstrap.ts";
import { type Manner, Receiver } from "./receiver.ts";
import { type Closable, ask, deadPort, hangUp, startApp, until } from "./traffic.ts";

const key = "in 127.0.0.1 http GET /page success 200";
let sent = 0;

async function start(app: Closable, control: number): Promise<RunningEnvoy> {
  sent = 0;
  return startEnvoy(sidecarBootstrap({ app: app.port, payment: app.port, database: app.port, control }), {
    workers: 2,
  });
}

/** A steady trickle of requests for a while, each of which has to succeed. */
async function drive(envoy: RunningEnvoy, ms: number): Promise<void> {
  const port = envoy.port("inbound");
  for (const end = Date.now() + ms; Date.now() < end;) {
    const statuses = await Promise.all(Array.from({ length: 8 }, () => ask(port, { path: "/page" })));
    assert.ok(
      statuses.every((status) => status === 200),
      statuses.join(" "),
    );
    sent += statuses.length;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function expectAll(receiver: Receiver): Promise<void> {
  await until(
    () => (receiver.counts[key] ?? 0) >= sent,
    () => `${receiver.counts[key]} of ${sent}`,
    30_000,
  );
  assert.equal(receiver.counts, { [key]: sent });
}

test("control comes up late, is killed three times, and was silent or talked nonsense in between", async () => {
  const app = await startApp();
  const receiver = new Receiver();
  receiver.port = await deadPort();
  const envoy = await start(app, receiver.port);
  try {
    await drive(envoy, 2500);
    const manners: Manner[] = ["garbage", "hangs up", "silent"];
    for (const manner of manners) {
      receiver.manner = manner;
      await receiver.start();
      await drive(envoy, 2000);
      receiver.kill();
      await drive(envoy, 500);
    }
    receiver.manner = "acknowledges";
    receiver.delayMs = 700;
    await receiver.start();
    await drive(envoy, 1500);
    receiver.kill();
    receiver.delayMs = 0;
    await receiver.start();
    await expectAll(receiver);
    const bad = receiver.all.flatMap(({ losses }) =>
      losses.filter(({ kind }) => kind === LossKind.LOSS_KIND_CONTROL_MESSAGES_BAD),
    );
    assert.ok(bad.length > 0, "what control said that made no sense was counted");
    assert.not.match(envoy.log(), /panic|trap|unreachable|Function .* failed/i);
  } finally {
    hangUp();
    await envoy.stop();
    receiver.kill();
    await app.close();
  }
});

test("a proxy that is told to stop has the last word", async () => {
  const app = await startApp();
  const receiver = await new Receiver().start();
  const envoy = await start(app, receiver.port);
  try {
    await drive(envoy, 1700);
    hangUp();
    await envoy.stop("SIGTERM");
    await expectAll(receiver);
    assert.equal(receiver.farewells, receiver.sequences, "and says that it was the last");
    assert.is(new Set(receiver.hellos.map(({ process }) => process)).size, 1, "its VMs are of one process");
  } finally {
    hangUp();
    await envoy.stop("SIGKILL");
    receiver.kill();
    await app.close();
  }
});

test.run();
