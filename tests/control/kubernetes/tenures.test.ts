import { test } from "uvu";
import * as assert from "uvu/assert";
import { Tenures } from "../../../control/kubernetes/tenures.ts";
import { randomOf } from "../world/random.ts";

const KEPT = { keepMs: 1_000, maxOver: 100 };

function holders(tenures: Tenures<string>, atMs: number, untilMs = atMs): string {
  return tenures.during("a", atMs, untilMs).join();
}

test("an address is its holder's from when it began until it ended", () => {
  const tenures = new Tenures<string>(KEPT);
  const held = tenures.begin("a", { holder: "one", from: 100, latestFrom: 100 });
  assert.is(holders(tenures, 99), "");
  assert.is(holders(tenures, 100), "one");
  tenures.end(held, 200);
  tenures.end(held, 900);
  assert.is(holders(tenures, 199), "one");
  assert.is(holders(tenures, 200), "", "it ended when that was told first");
  assert.is(holders(tenures, 50, 101), "one");
  assert.is(holders(tenures, 50, 100), "", "the end of a span is not part of it");
});

test("of two the one that began later has it, however late the end of the other is told", () => {
  const tenures = new Tenures<string>(KEPT);
  const one = tenures.begin("a", { holder: "one", from: 0, latestFrom: 0 });
  tenures.begin("a", { holder: "two", from: 500, latestFrom: 500 });
  assert.is(holders(tenures, 499), "one");
  assert.is(holders(tenures, 500), "two");
  tenures.end(one, 700);
  assert.is(holders(tenures, 600), "two");
  assert.is(holders(tenures, 400, 600), "two,one");
});

test("within the second that a begin is known to, the end of the one before decides", () => {
  for (const [ended, began] of [
    [4_500, 5_000],
    [5_300, 5_300],
    [6_500, 5_999],
  ] as const) {
    const tenures = new Tenures<string>(KEPT);
    tenures.end(tenures.begin("a", { holder: "one", from: 0, latestFrom: 0 }), ended);
    tenures.begin("a", { holder: "two", from: 5_000, latestFrom: 5_999 });
    assert.is(holders(tenures, began - 1), ended < 5_000 ? "" : "one", `${ended}`);
    assert.is(holders(tenures, began), "two", `${ended}`);
  }
});

test("the one before does not come back when the later one has ended", () => {
  const tenures = new Tenures<string>(KEPT);
  tenures.begin("a", { holder: "stale", from: 0, latestFrom: 0 });
  tenures.end(tenures.begin("a", { holder: "two", from: 500, latestFrom: 500 }), 600);
  assert.is(holders(tenures, 700), "");
});

test("what is over is kept for its time, and no more of it than there is room", () => {
  const tenures = new Tenures<string>({ keepMs: 1_000, maxOver: 5_000 });
  for (let i = 0; i < 6_000; i += 1) {
    tenures.end(tenures.begin(`a${i}`, { holder: "x", from: i, latestFrom: i }), i + 1);
  }
  assert.equal(tenures.over, { kept: 5_000, dropped: 1_000 });
  assert.not(tenures.has("a999"));
  assert.ok(tenures.has("a1000"));
  tenures.expire(4_500);
  assert.not(tenures.has("a3499"));
  assert.ok(tenures.has("a3500"));
  assert.is(tenures.over.kept, 2_500);
});

test("however holders come and go, and in whatever order that is told, nobody has an address with another", () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const random = randomOf(seed);
    const tenures = new Tenures<string>({ keepMs: Infinity, maxOver: 1_000 });
    const ends: (() => void)[] = [];
    let time = 0;
    const truth: { holder: string; from: number; to: number }[] = [];
    for (let i = 0; i < 8; i += 1) {
      const from = time + Math.floor(random() * 3_000);
      const to = from + 1 + Math.floor(random() * 5_000);
      time = to;
      truth.push({ holder: `h${i}`, from, to });
      // The API says whole seconds of the begin, and the end later than it was.
      const cut = Math.floor(from / 1_000) * 1_000;
      const held = tenures.begin("a", { holder: `h${i}`, from: cut, latestFrom: cut + 999 });
      const told = to + Math.floor(random() * 2_000);
      ends.push(() => tenures.end(held, told));
      if (random() < 0.5) ends.shift()?.();
    }
    for (const end of ends) end();
    for (let ms = 0; ms < time + 3_000; ms += 250) {
      const found = tenures.during("a", ms, ms);
      assert.ok(found.length <= 1, `seed ${seed}, ${ms} ms: ${found.join()}`);
      const real = truth.find(({ from, to }) => from <= ms && ms < to);
      // A second is what the API's times leave open.
      const near = truth.filter(({ from, to }) => from - 1_000 <= ms && ms < to + 2_000).map(({ holder }) => holder);
      if (real) assert.ok(found.length === 1, `seed ${seed}, ${ms} ms: ${real.holder} is nobody`);
      if (found[0] !== undefined) assert.ok(near.includes(found[0]), `seed ${seed}, ${ms} ms: ${found[0]}`);
    }
  }
});

test.run();
