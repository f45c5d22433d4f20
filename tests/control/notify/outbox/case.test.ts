import { test } from "uvu";
import * as assert from "uvu/assert";
import type { NotifyError } from "../../../../control/notify/notification.ts";
import { backoffMs } from "../../../../control/notify/outbox/backoff.ts";
import { begin, deliver, fail, recover, revive, take } from "../../../../control/notify/outbox/case.ts";
import type { Case } from "../../../../control/notify/outbox/case.ts";
import { RateLimit } from "../../../../control/notify/outbox/rate-limit.ts";
import { FAILURES } from "../../../../control/notify/notification.ts";
import { AT_MS, firing, resolved } from "../fixtures.ts";
import { failure } from "./outbox-fixture.ts";

/** Mulberry32: the same numbers for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ENGINE = [firing({}, { severity: "warning" }), firing(), resolved()];

/** What a receiver really got. */
interface Heard {
  readonly id: string;
  readonly wasMarked: boolean;
}

/** One receiver and one incident, told by an engine that may repeat itself, over restarts and every kind of failure. */
class Life {
  known: Case | undefined;
  readonly heard: Heard[] = [];
  #nowMs = AT_MS;
  #told = 0;

  constructor(readonly random: () => number) {}

  get toldId(): string | undefined {
    return ENGINE[this.#told - 1]?.id;
  }

  /** The engine says the next thing, or one of those before again. */
  tell(): void {
    if (this.#told < ENGINE.length && this.random() < 0.7) this.#told += 1;
    const at = Math.floor(this.random() * this.#told);
    for (const given of [ENGINE[this.#told - 1], ENGINE[at]]) {
      const taken = given && take(this.known, "r", given, this.#nowMs);
      if (taken && "next" in taken) this.known = taken.next;
    }
  }

  /** The engine says all there is. */
  tellAll(): void {
    for (const given of ENGINE) {
      const taken = take(this.known, "r", given, this.#nowMs);
      if (taken.result !== "duplicate" && taken.result !== "untold") this.known = taken.next;
    }
    this.#told = ENGINE.length;
  }

  /** A try, with whatever may happen to it; the engine may speak meanwhile. */
  attempt(isGood = false): void {
    if (this.known?.stage !== "waiting") return;
    this.known = begin(this.known);
    const { next, mayHaveArrived } = this.known;
    const error = isGood || this.random() < 0.4 ? undefined : this.#anyFailure();
    // Where nobody knows, chance does.
    const arrives = !error || (error.mayHaveArrived && this.random() < 0.5);
    if (arrives) this.heard.push({ id: next!.id, wasMarked: mayHaveArrived });
    if (!isGood && this.#isInterrupted()) return;
    this.#nowMs += 1_000;
    const facts = { nowMs: this.#nowMs, random: this.random(), giveUpAfterMs: 86_400_000, isRepeated: false };
    this.known = error ? fail(this.known, error, facts) : deliver(this.known, this.#nowMs);
  }

  /** The engine may speak meanwhile, and control be killed. */
  #isInterrupted(): boolean {
    if (this.random() < 0.3) this.tell();
    if (this.random() >= 0.2) return false;
    this.known = recover(JSON.parse(JSON.stringify(this.known)) as Case);
    return true;
  }

  revive(): void {
    if (this.known?.stage === "dead") this.known = revive(this.known, this.#nowMs);
  }

  #anyFailure(): NotifyError {
    return failure(FAILURES[Math.floor(this.random() * FAILURES.length)]!);
  }
}

function livedLife(seed: number): Life {
  const life = new Life(numbers(seed));
  for (let step = 0; step < 12; step++) {
    if (life.random() < 0.4) life.tell();
    else life.attempt();
    if (life.random() < 0.1) life.revive();
  }
  if (life.random() < 0.7) life.tellAll();
  for (let drain = 0; drain < 8; drain++) {
    life.revive();
    life.attempt(true);
  }
  return life;
}

function checkRepeats({ heard }: Life, why: string): void {
  const ids = heard.map(({ id }) => id);
  for (const [at, { id, wasMarked }] of heard.entries()) {
    if (ids.indexOf(id) < at) assert.ok(wasMarked, `${why}: ${id} came twice and did not say so`);
  }
  const end = ids.indexOf("i1/resolved");
  if (end >= 0) assert.ok(!ids.slice(end).some((id) => id !== "i1/resolved"), `${why}: it fired after its end`);
}

function checkNothingMissing({ heard, known, toldId }: Life, why: string): void {
  const ids = heard.map(({ id }) => id);
  assert.ok(!known || known.stage === "idle", why);
  if (toldId === "i1/resolved") assert.is(ids.includes(toldId), ids.length > 0, `${why}: its end is missing`);
  else if (toldId) assert.ok(ids.includes(toldId), `${why}: ${toldId} is missing`);
}

test("whatever happens, in whatever order: nothing twice unmarked, and every end that is due", () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 5_000; seed++) {
    const life = livedLife(seed);
    const why = `seed ${seed}: ${JSON.stringify(life.heard)}`;
    checkRepeats(life, why);
    checkNothingMissing(life, why);
    seen.add([...new Set(life.heard.map(({ id }) => id))].join());
  }
  assert.ok(seen.size >= 7, `too little happened: ${[...seen].join("; ")}`);
});

test("no end is told where nothing can have arrived", () => {
  for (const reason of FAILURES) {
    let known: Case = (take(undefined, "r", firing(), AT_MS) as { next: Case }).next;
    const facts = { nowMs: AT_MS, random: 0, giveUpAfterMs: 86_400_000, isRepeated: true };
    known = fail(begin(known), failure(reason), facts);
    const taken = take(known, "r", resolved(), AT_MS);
    assert.is(taken.result === "paired", !failure(reason).mayHaveArrived, reason);
  }
});

test("a try waits twice as long as the one before, up to five minutes, less a random half at most", () => {
  const random = numbers(1);
  for (let tries = 1; tries < 100; tries++) {
    const whole = Math.min(300_000, 1_000 * 2 ** (tries - 1));
    assert.equal([backoffMs(tries, 0), backoffMs(tries, 1)], [whole / 2, whole]);
    const any = backoffMs(tries, random());
    assert.ok(any >= whole / 2 && any <= whole);
  }
});

test("in no minute more go through than may, and none waits longer than it must", () => {
  const random = numbers(2);
  for (let run = 0; run < 50; run++) {
    const perMinute = 1 + Math.floor(random() * 40);
    const limit = new RateLimit(perMinute);
    const times: number[] = [];
    for (let nowMs = 0, at = 0; at < 300; at++) {
      nowMs += Math.floor(random() * 4_000);
      nowMs = Math.max(nowMs, limit.freeAtMs(nowMs));
      limit.take(nowMs);
      times.push(nowMs);
      const minuteAgo = times[at - perMinute];
      if (minuteAgo !== undefined) assert.ok(nowMs - minuteAgo >= 60_000);
    }
  }
});

test.run();
