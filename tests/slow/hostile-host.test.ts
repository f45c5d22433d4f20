/** A million rounds with a host that lies by seed; `npm test -- hostile` has the first of them. */
import { test } from "uvu";

import { endureLies } from "../wasm-filter/lies.ts";

const SEEDS = 100;
const ROUNDS_A_SEED = 10_000;

for (let first = 1; first <= SEEDS; first += 10) {
  test(`seeds ${first} to ${first + 9}`, () => {
    for (let seed = first; seed < first + 10; seed++) endureLies(1000 + seed, ROUNDS_A_SEED);
  });
}

test.run();
