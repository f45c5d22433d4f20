import { test } from "uvu";
import * as assert from "uvu/assert";
import type { EngineState } from "../../../../control/alerts/engine.ts";
import type { ReportedWindow } from "../../../../control/identity/observation.ts";
import { windowOf } from "../../world/fixtures.ts";
import { BEGIN_MS, HOUR_MS, Living, MINUTE_MS, topology } from "./past.ts";
import type { Cluster } from "./past.ts";

const RULE = topology("restartedIntoErrors");

/** User is asked twenty times in ten seconds, and fails so often for a while. */
function failing(fromMs: number, toMs = Infinity, failed = 4): Cluster {
  return (atMs) => [
    { server: "shop/user", ...(atMs >= fromMs && atMs < toMs ? { good: 20 - failed, failed } : { good: 20 }) },
  ];
}

/** The first window of a sidecar of user. */
function first(atMs: number, pod = "user-5"): ReportedWindow {
  const end = { workload: "shop/user", pod: `shop/${pod}`, node: "", version: "" };
  const counted = { count: 1, buckets: [], requestBytes: 0, responseBytes: 0 };
  const told = { side: "destination", client: { ...end, workload: "shop/front", pod: "" }, server: end } as const;
  return windowOf([], {
    ...{ reporter: "shop/user", instance: pod, startMs: BEGIN_MS + atMs, isFirst: true },
    pods: [{ ...told, protocol: "http", outcome: "success", ...counted }],
  });
}

/** A cluster in which sidecars of user begin at these times, milliseconds since BEGIN_MS. */
function living(
  cluster: Cluster,
  startsMs: readonly number[],
  from: { toMs?: number; state?: EngineState } = {},
): Living {
  const made = new Living([RULE], cluster, from);
  startsMs.forEach((atMs, at) => made.engine.add(first(atMs, `user-${at}`)));
  return made;
}

test("a workload that fails since its sidecar began, and did not before, is told until it fails no more", () => {
  const found = living(failing(MINUTE_MS, 30 * MINUTE_MS), [MINUTE_MS]).to(HOUR_MS);
  assert.equal(found.log.slice(0, 1), ["firing shop/user after 3 min"]);
  assert.ok(found.log[1]?.startsWith("resolved (recovered) shop/user after 3"), found.log.join());
  assert.is(found.log.length, 2);
  assert.is(
    found.summaries[0],
    "20 % of requests to shop/user failed since shop/user-0 was started 2 min ago (0 % before)",
  );
});

test("a start without errors, errors without a start, and who stumbles as it begins are not told", () => {
  assert.equal(living(failing(Infinity), [MINUTE_MS]).to(HOUR_MS).log, []);
  assert.equal(living(failing(0), []).to(HOUR_MS).log, []);
  assert.equal(living(failing(MINUTE_MS, MINUTE_MS + 20_000), [MINUTE_MS]).to(HOUR_MS).log, []);
});

test("one that failed before it was started anew is no news, nor one that begins to fail long after", () => {
  assert.equal(living(failing(-HOUR_MS), [MINUTE_MS]).to(HOUR_MS).log, []);
  assert.equal(living(failing(17 * MINUTE_MS), [MINUTE_MS]).to(HOUR_MS).log, []);
});

test("of a roll-out the latest pod is named that began long enough ago", () => {
  const found = living(
    failing(9 * MINUTE_MS),
    [0, 3, 6].map((minutes) => minutes * MINUTE_MS),
  ).to(20 * MINUTE_MS);
  assert.is(found.log.length, 1, found.log.join());
  assert.ok(found.summaries[0]?.includes("shop/user-2 was started"), found.summaries[0]);
});

test("little traffic, and a fresh installation, tell nothing", () => {
  const seldom: Cluster = (atMs) =>
    atMs % MINUTE_MS === 0 ? [{ server: "shop/user", failed: 1 }] : [{ server: "shop/other", good: 1 }];
  assert.equal(living(seldom, [MINUTE_MS]).to(HOUR_MS).log, []);
  const young: Cluster = (atMs) => (atMs < 0 ? undefined : failing(0)(atMs));
  assert.equal(living(young, [0]).to(HOUR_MS).log, []);
});

test("a restart of control remembers who began, and starts that come again are the same", () => {
  const cluster = failing(MINUTE_MS);
  const before = living(cluster, [MINUTE_MS]).to(2 * MINUTE_MS);
  assert.equal(before.log, []);
  const state = before.engine.state();
  assert.is(state.starts?.length, 1);
  const after = living(cluster, [MINUTE_MS], { toMs: 2 * MINUTE_MS, state }).to(30 * MINUTE_MS);
  assert.equal(after.log, ["firing shop/user after 3 min"]);
  assert.is(after.engine.state().starts?.length, 0, "it is forgotten after a while");
  // What fires goes on, long after its start is forgotten.
  const later = living(cluster, [], { toMs: 30 * MINUTE_MS, state: after.engine.state() }).to(40 * MINUTE_MS);
  assert.equal(later.log, []);
  assert.is(later.engine.alerts().length, 1);
  // A state that an earlier version kept has no starts.
  const { alerts, incidents } = state;
  assert.equal(
    new Living([RULE], cluster, { toMs: 2 * MINUTE_MS, state: { alerts, incidents } }).to(5 * MINUTE_MS).log,
    [],
  );
});

test("that a sidecar began is to be kept", () => {
  const { engine } = living(failing(Infinity), []);
  engine.add(first(0));
  assert.is(engine.tick([]).isStateChanged, true);
  assert.is(engine.tick([]).isStateChanged, false);
});

test.run();
