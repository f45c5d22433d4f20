import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";

/** Asks every 5 ms until it is so; fails with the source of the question when it never is. */
export async function until(isTrue: () => boolean | Promise<boolean>, attempts = 1000): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (await isTrue()) return;
    await sleep(5);
  }
  assert.unreachable(`it did not come to pass: ${isTrue.toString()}`);
}
