import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Asked } from "../fixtures.ts";
import { HOUR_MS, Living, MINUTE_MS, topology } from "./past.ts";
import type { Cluster } from "./past.ts";

const OTHERS: readonly Asked[] = [
  { client: "external/clients", server: "shop/front", good: 20 },
  { client: "shop/orders", server: "shop/payment", good: 5 },
];
const EDGE: Asked = { client: "shop/front", server: "shop/payment", good: 10 };
const RULE = topology("edgeVanished");

/** The edge as long as it is there. */
function while_(
  isThere: (atMs: number) => boolean,
  others: (atMs: number) => readonly Asked[] = () => OTHERS,
): Cluster {
  return (atMs) => (isThere(atMs) ? [...others(atMs), EDGE] : others(atMs));
}

const until = (toMs: number, others?: (atMs: number) => readonly Asked[]): Cluster =>
  while_((atMs) => atMs < toMs, others);

test("an edge that was there all day and is gone for a quarter of an hour is missed, until it is back", () => {
  const cluster = while_((atMs) => atMs < 2 * MINUTE_MS || atMs >= 40 * MINUTE_MS);
  const living = new Living([RULE], cluster).to(HOUR_MS);
  assert.equal(living.log, [
    "firing shop/front > shop/payment after 17 min",
    `resolved (recovered) shop/front > shop/payment after ${40 + 1 / 6} min`,
  ]);
  assert.is(
    living.summaries[0],
    "shop/front has not called shop/payment for 15 min (longest pause of the day before: 0 s)",
  );
});

test("what pauses is missed after three of its longest pauses, and a nightly job never", () => {
  /** Ten seconds of each so many minutes. */
  const each = (minutes: number): Cluster =>
    while_((atMs) => (atMs + 72 * HOUR_MS) % (minutes * MINUTE_MS) === 0 && atMs <= 0);
  assert.equal(new Living([RULE], each(30)).to(2 * HOUR_MS).log, [
    `firing shop/front > shop/payment after ${87 + 1 / 6} min`,
  ]);
  assert.equal(new Living([RULE], each(24 * 60)).to(30 * HOUR_MS).log, []);
  assert.equal(new Living([RULE], each(3 * 60)).to(30 * HOUR_MS).log, []);
});

test("what was not there for a whole day is not missed", () => {
  const begun = (hours: number): Cluster => while_((atMs) => atMs >= -hours * HOUR_MS && atMs < 0);
  assert.equal(new Living([RULE], begun(23)).to(HOUR_MS).log, []);
  assert.is(new Living([RULE], begun(25)).to(HOUR_MS).log.length, 1);
  // Nor where nothing is known of the day before.
  const young: Cluster = (atMs) => (atMs < -10 * HOUR_MS ? undefined : until(0)(atMs));
  assert.equal(new Living([RULE], young).to(HOUR_MS).log, []);
});

test("one that was scaled down is not missed, be it the client or the server", () => {
  const [front, orders] = OTHERS as [Asked, Asked];
  const clientGone = until(0, (atMs) => (atMs < 0 ? OTHERS : [orders]));
  assert.equal(new Living([RULE], clientGone).to(2 * HOUR_MS).log, []);
  const serverGone = until(0, (atMs) => (atMs < 0 ? OTHERS : [front]));
  assert.equal(new Living([RULE], serverGone).to(2 * HOUR_MS).log, []);
});

test("what is missed for twelve hours is missed no more, and ends as unknown where an end goes", () => {
  const living = new Living([RULE], until(0)).to(13 * HOUR_MS);
  assert.equal(living.log, [
    "firing shop/front > shop/payment after 15 min",
    `resolved (recovered) shop/front > shop/payment after ${12 * 60 + 1 / 6} min`,
  ]);
  const scaled = until(0, (atMs) => (atMs < HOUR_MS ? OTHERS : [OTHERS[0]!]));
  assert.ok(new Living([RULE], scaled).to(2 * HOUR_MS).log[1]?.startsWith("resolved (noTraffic)"));
});

test("a time of which nothing is known is no part of how long it is gone", () => {
  const gap = (atMs: number): boolean => atMs >= 5 * MINUTE_MS && atMs < 60 * MINUTE_MS;
  const missed: Cluster = (atMs) => (gap(atMs) ? undefined : until(0)(atMs));
  const living = new Living([RULE], missed).to(90 * MINUTE_MS);
  // Of forty seconds it was not sure yet that nothing is known.
  assert.equal(living.log, [`firing shop/front > shop/payment after ${69 + 2 / 3} min`]);
  const back: Cluster = (atMs) => (gap(atMs) ? undefined : while_((at) => at < 0 || at >= 62 * MINUTE_MS)(atMs));
  assert.equal(new Living([RULE], back).to(90 * MINUTE_MS).log, []);
  // A gap in history, too.
  const before: Cluster = (atMs) => (gap(atMs + 3 * HOUR_MS) ? undefined : until(0)(atMs));
  assert.equal(new Living([RULE], before).to(20 * MINUTE_MS).log, ["firing shop/front > shop/payment after 15 min"]);
});

test("a restart of control goes on where it was", () => {
  const cluster = while_((atMs) => atMs < 0 || atMs >= 3 * HOUR_MS);
  const before = new Living([RULE], cluster).to(HOUR_MS);
  assert.is(before.log.length, 1);
  const goesOn = { toMs: HOUR_MS, state: before.engine.state() };
  const after = new Living([RULE], cluster, goesOn).to(4 * HOUR_MS);
  assert.equal(after.log, [`resolved (recovered) shop/front > shop/payment after ${180 + 1 / 6} min`]);
  // What was on its way to be missed is missed at the same time.
  const early = new Living([RULE], cluster, { toMs: 7 * MINUTE_MS }).to(HOUR_MS);
  assert.equal(early.log, before.log);
});

test.run();
