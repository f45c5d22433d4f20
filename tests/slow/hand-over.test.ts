/**
 * Nothing is lost or counted twice when Envoy's configuration is replaced under load, or when it ends in order: with one
 * and with several worker threads, with control there and away meanwhile.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { setTimeout as sleep } from "node:timers/promises";

import { until } from "../control/until.ts";
import { HandOver } from "../wasm-filter/hand-over.ts";

const test = suite<{ run?: HandOver }>("hand-over");

test.after.each(async ({ run }) => run?.stop());

type Edit = (listeners: string) => string;

/** Another plugin configuration: a new root context beside the old one. */
const reconfigured =
  (route: string): Edit =>
  (text) =>
    text.replaceAll(`\\"side\\":`, `\\"routes\\": [\\"/${route}/{x}\\"], \\"side\\":`);
/** Another configuration of the VM, and so another VM. */
const otherVm: Edit = (text) =>
  text.replaceAll(
    `"vm_id":"sidelight"`,
    `"vm_id":"sidelight","configuration":{"@type":"type.googleapis.com/google.protobuf.StringValue","value":"2"}`,
  );
const without =
  (name: string): Edit =>
  (text) =>
    JSON.stringify((JSON.parse(text) as { name: string }[]).filter((listener) => listener.name !== name));

const changes: Record<string, readonly Edit[]> = {
  "the plugins are configured anew": [reconfigured("a")],
  "the plugins are configured anew five times at once": ["a", "b", "c", "a", "d"].map(reconfigured),
  "the plugins are configured anew and back again": [reconfigured("a"), (text) => text],
  "another VM takes over": [otherVm],
  "a listener is removed": [without("inbound")],
  "a listener is removed and comes back": [without("inbound"), (text) => text],
};

for (const workers of [1, 2]) {
  for (const isControlAway of [false, true]) {
    for (const [what, edits] of Object.entries(changes)) {
      // With the VM goes what it could not deliver.
      if (isControlAway && edits.includes(otherVm)) continue;
      test(`${what}; ${workers} workers, control ${isControlAway ? "away" : "there"}`, async (context) => {
        const run = (context.run = await HandOver.start({ workers }));
        run.startLoad();
        await sleep(700);
        // However slow the machine is, there is something to be handed over.
        await until(() => run.answers.outbound > 50, 6_000);
        if (isControlAway) run.receiver.kill();
        for (const edit of edits) await run.change(edit);
        await sleep(300);
        await run.drained();
        if (isControlAway) await run.receiver.start();
        await sleep(500);
        await run.settle();
        assert.equal(run.counted, run.answers);
        assert.not.match(run.envoy.log(), /panic|trap|unreachable|Function .* failed/i);
      });
    }
  }

  const endings: Record<string, (run: HandOver) => Promise<unknown>> = {
    SIGTERM: (run) => run.envoy.stop("SIGTERM"),
    "/quitquitquit": (run) => run.envoy.admin("/quitquitquit", "POST").then(() => run.envoy.stop("SIGTERM")),
    "a drain, then SIGTERM": async (run) => {
      await run.envoy.admin("/healthcheck/fail", "POST");
      await run.envoy.admin("/drain_listeners?graceful", "POST");
      await sleep(1500);
      await run.envoy.stop("SIGTERM");
    },
  };
  for (const [what, end] of Object.entries(endings)) {
    test(`${what}; ${workers} workers`, async (context) => {
      const run = (context.run = await HandOver.start({ workers }));
      run.startLoad();
      await sleep(1300);
      if (!what.includes("drain")) await run.stopLoad();
      await end(run);
      await run.settle(3000);
      assert.equal(run.counted, run.answers);
      assert.equal(run.receiver.farewells, run.receiver.sequences, "each VM had its last word");
    });
  }
}

test.run();
