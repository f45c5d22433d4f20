import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_COVERED, narrowed } from "../../tap/narrowing.ts";

test("what passes between covered addresses is left out, of either family", () => {
  assert.is(
    narrowed("not tcp port 9400", ["10.0.0.1", "fd00::1", "10.0.0.2", "fd00::2"]),
    "(not tcp port 9400) and not (ip src host (10.0.0.1 or 10.0.0.2) and ip dst host (10.0.0.1 or 10.0.0.2))" +
      " and not (ip6 src host (fd00::1 or fd00::2) and ip6 dst host (fd00::1 or fd00::2))",
  );
});

test("a filter stays as it is where there are no two addresses to pass between", () => {
  assert.is(narrowed("tcp", []), "(tcp)");
  assert.is(narrowed("tcp", ["10.0.0.1", "fd00::1"]), "(tcp)");
  assert.is(narrowed("", []), "");
});

test("what is no address does not get into a filter, and no more than there is room for", () => {
  assert.is(narrowed("tcp", ["10.0.0.1", "10.0.0.2) or (tcp", "host"]), "(tcp)");
  const many = Array.from({ length: 2 * MAX_COVERED }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  assert.is(narrowed("", many), narrowed("", many.slice(0, MAX_COVERED)));
});

test.run();
