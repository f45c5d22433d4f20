/**
 * The two faults of the story: red exactly where it hurts, marked where it is only felt, told as one incident with its origin, and
 * calm again afterwards.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { ShownIncident } from "../../control/api/alert-source.ts";
import type { Snapshot } from "../../control/world/model.ts";
import { DemoProcess } from "../e2e/demo-process.ts";
import { eventually } from "../e2e/stack.ts";
import { loud } from "../loud.ts";

/** The window of health is 30 s; the rest is for a noisy machine. */
const REACTION_LIMIT_MS = 90_000;

/** Five minutes are looked at: what fails for all of them fires within some, and is over when they are. */
const FIRE_LIMIT_MS = 360_000;
const RESOLVE_LIMIT_MS = 600_000;

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

/** What is open just now. */
async function incidents({ running }: DemoProcess): Promise<readonly ShownIncident[]> {
  const answer = await fetch(`${running.ui}/api/v1/incidents`);
  return ((await answer.json()) as { incidents: readonly ShownIncident[] }).incidents;
}

/**
 * @param listed "server METHOD route"
 * @param sinceMs when the fault began
 */
async function isToldAsOne(demo: DemoProcess, listed: string, sinceMs: number): Promise<void> {
  const ofFault = async (): Promise<readonly ShownIncident[]> =>
    (await incidents(demo)).filter((incident) => incident.sinceMs >= sinceMs);
  const isFelt = ({ alerts }: ShownIncident): boolean =>
    alerts.some(({ labels }) => labels["workload"] === "shop/user") && alerts.length > 1;
  const [incident, ...others] = await eventually(ofFault, (found) => found.some(isFelt), FIRE_LIMIT_MS);
  assert.equal(
    others.map(({ origin }) => origin),
    [],
    "everything is one incident",
  );
  const { server, method, route } = incident!.origin;
  assert.is(`${server} ${method} ${route}`, listed, "the origin is the endpoint that fails");
  assert.ok(incident!.affected.includes("shop/orders"), "orders is hurt by it");
  const [first] = incident!.alerts;
  assert.is(first!.labels["workload"], "shop/user", "the alert of the origin comes first");
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
    const faultMs = Date.now();
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
    await isToldAsOne(demo, listed, faultMs);
    await demo.fault("clear");
    const well = await settled(
      (snapshot) => nodes(snapshot, "failing").length + nodes(snapshot, "affected").length === 0,
    );
    assert.equal([...nodes(well, "failing"), ...nodes(well, "affected")], [], `no recovery from ${target} ${kind}`);
    const open = await eventually(
      () => incidents(demo),
      (found) => found.length === 0,
      RESOLVE_LIMIT_MS,
    );
    assert.equal(open, [], `the alerts of ${target} ${kind} are not resolved`);
  }
});

test.run();
