import { setTimeout as sleep } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { together } from "../../../control/store/influxdb/together.ts";

test("what several give comes from all of them, of which no more run at once than may", async () => {
  let [running, most] = [0, 0];
  async function* source(name: number): AsyncGenerator<string> {
    most = Math.max(most, ++running);
    for (let at = 0; at < 3; at++) {
      await sleep(name % 2);
      yield `${name}.${at}`;
    }
    running -= 1;
  }
  const given: string[] = [];
  for await (const one of together([1, 2, 3, 4, 5].map(source), 2)) given.push(one);
  assert.equal(
    given.sort(),
    [1, 2, 3, 4, 5].flatMap((name) => [0, 1, 2].map((at) => `${name}.${at}`)),
  );
  assert.is(most, 2);
});

test("when one fails the others are ended, and so they are when the reader has had enough", async () => {
  for (const isFailing of [true, false]) {
    let ended = 0;
    async function* endless(): AsyncGenerator<number> {
      try {
        for (;;) {
          await sleep(1);
          yield 1;
        }
      } finally {
        ended += 1;
      }
    }
    async function* failing(): AsyncGenerator<number> {
      await sleep(5);
      if (isFailing) throw new Error("gone");
      yield 2;
    }
    const read = async (): Promise<void> => {
      for await (const one of together([endless(), failing(), endless()], 3)) if (one === 2) return;
    };
    const message = await read().then(
      () => "enough",
      (error: Error) => error.message,
    );
    assert.is(message, isFailing ? "gone" : "enough");
    while (ended < 2) await sleep(1);
  }
});

test.run();
