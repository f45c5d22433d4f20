import { test } from "uvu";
import * as assert from "uvu/assert";
import { Names } from "../../../control/store/duckdb/names.ts";
import type { AddedKey } from "../../../control/store/duckdb/names.ts";
import { observation } from "../world/fixtures.ts";

/** Keys that would be one if their texts were only put behind each other. */
const ALIKE = [
  { method: "GET", route: " /a" },
  { method: "GET ", route: "/a" },
  { method: "", route: "GET /a" },
  { method: "GET\n", route: "1 2 3" },
  { client: "a b", server: "c" },
  { client: "a", server: "b c" },
  { client: "a", server: "c", method: 'b"' },
];

test("keys are told apart whatever stands in their names, and keep their numbers when routes move", () => {
  const names = new Names();
  const added = new Map<string, AddedKey>();
  const ids = ALIKE.map((fields) => names.keyId(observation(fields), added));
  assert.equal(ids, [1, 2, 3, 4, 5, 6, 7]);
  names.keep(added, []);
  const none = new Map<string, AddedKey>();
  assert.equal(
    ALIKE.map((fields) => names.keyId(observation(fields), none)),
    ids,
  );
  const from = observation(ALIKE[3]);
  names.move([{ from, route: "/moved 4" }]);
  assert.is(names.keyId({ ...from, route: "/moved 4" }, none), 4);
  assert.is(none.size, 0);
});

test.run();
