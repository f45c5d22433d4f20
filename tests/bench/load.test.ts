import { test } from "uvu";
import * as assert from "uvu/assert";

import { load } from "../../bench/filter/load.ts";
import type { Client } from "../../bench/filter/load.ts";
import { busyMicros, processorMicros } from "../../bench/processor-time.ts";

/** Answers each request in the next turn of the event loop, and keeps what it was asked. */
class Echo implements Client {
  readonly sent: { readonly slot: number; readonly index: number }[] = [];
  mostUnderWay = 0;
  #underWay = 0;
  #onAnswer: (slot: number) => void = () => undefined;

  constructor(readonly slots: number) {}

  onAnswer(listener: (slot: number) => void): void {
    this.#onAnswer = listener;
  }

  send(slot: number, index: number): void {
    this.sent.push({ slot, index });
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.#underWay);
    setImmediate(() => {
      this.#underWay--;
      this.#onAnswer(slot);
    });
  }

  close(): void {
    // There is nothing to close.
  }
}

for (const rate of [undefined, 2000]) {
  test(`${rate ?? "as many as there can be"}/s: every request once, each slot waiting for its answer`, async () => {
    const clients = [new Echo(2), new Echo(1)];
    const { seconds, p99 } = await load(clients, { requests: 50, rate });
    const indexes = clients.flatMap(({ sent }) => sent.map(({ index }) => index));
    assert.equal(
      indexes.sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, i) => i),
    );
    for (const client of clients) assert.ok(client.mostUnderWay <= client.slots);
    assert.ok(seconds > 0 && p99 >= 0);
  });
}

test("no more slots are used than there are requests", async () => {
  const clients = [new Echo(2), new Echo(2)];
  await load(clients, { requests: 1 });
  assert.is(clients.flatMap(({ sent }) => sent).length, 1);
});

test("a process's time is part of the machine's", () => {
  const [mine, all] = [processorMicros(process.pid), busyMicros()];
  for (let i = 0, x = 0; i < 30_000_000; i++) x += Math.sqrt(i + x);
  const spent = processorMicros(process.pid) - mine;
  assert.ok(spent > 0);
  // The machine's is told in steps of 10 ms for each processor.
  assert.ok(busyMicros() - all >= spent - 100_000);
});

test("of a process that is not there the error says which", () => {
  assert.throws(() => processorMicros(2 ** 30), /process 1073741824/);
});

test.run();
