/** The two faults of the story: red exactly where it hurts, marked where it is only felt, and calm again afterwards. */
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { Snapshot } from "../../control/world/model.ts";
import { DemoProcess } from "../e2e/demo-process.ts";
import { eventually } from "../e2e/stack.ts";
import { loud } from "../loud.ts";

/** The window of health is 30 s; the rest is for a noisy machine. */
const REACTION_LIMIT_MS = 90_000;

/** "server METHOD route" of every endpoint of this health, each once. */
function endpoints(snapshot: Snapshot, health: string): string[] {
  const found = snapshot.edges.flatMap((edge) =>
    edge.endpoints
      .filter((each) => each.health === health)
      .map((each) => `${edge.server} ${each.method} ${each.route}`),
  );
  return [...new Set(found)].sort();
}

function nodes(snapshot: Snapshot, health: string): string[] {
  return snapshot.nodes.filter((node) => node.health === health).map((node) => node.id);
}

const test = suite<{ demo: DemoProcess }>("faults");

test.before(
  loud(async (context) => {
    context.demo = await DemoProcess.start();
  }),
);
test.after(async ({ demo }) => demo.stop());

test("faults turn the map red at their endpoints of user and nowhere else, and it recovers", async ({ demo }) => {
  const settled = (isThere: (snapshot: Snapshot) => boolean) =>
    eventually(() => demo.snapshot(), isThere, REACTION_LIMIT_MS);
  const calm = await settled((snapshot) => snapshot.windowSeconds >= 30 && endpoints(snapshot, "failing").length === 0);
  assert.equal(endpoints(calm, "failing"), []);
  assert.is(calm.nodes.filter(({ kind }) => kind !== "external").length, 15, "nine services and six stores");

  for (const [target, kind, listed] of [
    ["cards", "errors", "shop/user GET /customers/{id}/cards"],
    ["addresses", "slow", "shop/user GET /customers/{id}/addresses"],
  ] as const) {
    await demo.fault(target, kind);
    const red = await settled((snapshot) => endpoints(snapshot, "failing").includes(listed));
    assert.ok(endpoints(red, "failing").includes(listed), `${target} ${kind} is not seen`);
    // Symptoms come and go while the window fills; what counts is the picture once the fault fills the window.
    await sleep(30_000);
    const full = await demo.snapshot();
    const elsewhere = endpoints(full, "failing").filter((each) => !new RegExp(`^shop/user .*/${target}`).test(each));
    assert.equal(elsewhere, [], `${target} ${kind}: red elsewhere`);
    assert.equal(nodes(full, "failing"), ["shop/user"]);
    assert.ok(endpoints(full, "affected").includes("shop/orders POST /orders"), "orders suffers, and is marked so");
    await demo.fault("clear");
    const well = await settled(
      (snapshot) => nodes(snapshot, "failing").length + nodes(snapshot, "affected").length === 0,
    );
    assert.equal([...nodes(well, "failing"), ...nodes(well, "affected")], [], `no recovery from ${target} ${kind}`);
  }
});

test.run();
