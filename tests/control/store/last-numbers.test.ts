import { test } from "uvu";
import * as assert from "uvu/assert";
import { LastNumbers } from "../../../control/store/duckdb/last-numbers.ts";

test("a table is passed over only where it is known to have nothing newer", () => {
  const numbers = new LastNumbers();
  assert.ok(numbers.mayBePast("rows_1m_1", 1e9), "nothing is known of it");
  numbers.note("rows_1m_1", 7);
  numbers.note("rows_1m_1", 5);
  assert.ok(numbers.mayBePast("rows_1m_1", 6));
  assert.not.ok(numbers.mayBePast("rows_1m_1", 7));
  numbers.forget("rows_1m_1");
  assert.ok(numbers.mayBePast("rows_1m_1", 7), "one of this name may come again");
});

test.run();
