import { test } from "uvu";
import * as assert from "uvu/assert";
import { SLOT_MS } from "../../../../control/alerts/counting/slots.ts";
import { randomOf } from "../../world/random.ts";
import { BEGIN_MS, Bench, HOUR_MS, burn } from "../fixtures.ts";

const RULE = burn();

/** A slot's requests and bad ones. */
type Counted = readonly [requests: number, bad: number];

/** The workbook's condition by its definition; what is not known of the long window is taken for good, at the pace of what is. */
function isBurning(slots: readonly Counted[], severity: string): boolean {
  const endMs = slots.length * SLOT_MS;
  const within = (lengthMs: number): Counted => {
    const grainMs = lengthMs <= HOUR_MS ? SLOT_MS : lengthMs <= 6 * HOUR_MS ? 60_000 : HOUR_MS;
    // Relative to the beginning, which is a whole hour.
    const begin = Math.max(0, Math.floor((endMs - lengthMs) / grainMs) * grainMs);
    return slots.slice(begin / SLOT_MS).reduce<Counted>(([all, bad], each) => [all + each[0], bad + each[1]], [0, 0]);
  };
  return RULE.burns.some((each) => {
    if (each.severity !== severity) return false;
    const [requests, bad] = within(each.longMs);
    const [shortRequests, shortBad] = within(each.shortMs);
    const limit = each.burnRate * (1 - RULE.objective);
    const known = Math.min(1, endMs / each.longMs);
    const isLong = requests >= RULE.minRequests && bad >= 3 && (bad / requests) * known > limit;
    return isLong && shortBad > limit * shortRequests;
  });
}

test("burn rates over two windows fire when, and only when, the workbook's condition holds", () => {
  for (let seed = 1; seed <= 2; seed++) {
    const random = randomOf(seed);
    const bench = new Bench([RULE]);
    const slots: Counted[] = [];
    let share = 0;
    let fired = 0;
    for (let slot = 0; slot < 1_000; slot++) {
      if (random() < 0.01) share = random() < 0.6 ? 0 : random() ** 2 * 0.3;
      const good = 10 + Math.floor(random() * 30);
      const failed = Array.from({ length: 40 }, random).filter((one) => one < share).length;
      slots.push([good + failed, failed]);
      bench.run(1, { good, failed });
      for (const severity of ["critical", "warning"]) {
        const alert = bench.engine.alerts().find((each) => each.severity === severity);
        assert.is(alert !== undefined, isBurning(slots, severity), `seed ${seed}, slot ${slot}, ${severity}`);
        if (alert) fired++;
      }
    }
    assert.ok(fired > 100, `seed ${seed} has something to tell`);
  }
});

test("what is told of it is the pace at which the budget is used up", () => {
  const bench = new Bench([RULE], BEGIN_MS).run(360, { good: 100 }).run(180, { good: 90, failed: 10 });
  const [alert] = bench.engine.alerts();
  assert.is(alert?.measured.limit, 14.4);
  assert.ok(Math.abs((alert?.measured.value ?? 0) - 50) < 1, "5 % of an hour is 50 times 0.1 %");
  assert.match(
    alert?.summary ?? "",
    /^5 % of requests to shop\/user failed over 1 h: 50 times as fast as 30 d of budget allow/,
  );
});

test.run();
