/** What the benchmark of the ingest sends is fair: one row is one row to both, and no request is in two. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Batch } from "#proto/ingest.ts";
import { REQUESTS_A_ROW, batchTail, linesOf, rowsOf } from "../../bench/ingest/cluster.ts";
import { problemOfContent } from "../../control/ingest/validate.ts";

for (const size of [10, 20, 200, 1_000]) {
  test(`${size} rows are as many counters that control takes, and as many lines`, () => {
    const rows = rowsOf(7, size);
    const batch = Batch.decode(batchTail(rows));
    assert.is(problemOfContent(batch), undefined);
    assert.is(batch.counters.length, size);
    assert.is(
      batch.counters.reduce((sum, { count }) => sum + count, 0),
      size * REQUESTS_A_ROW,
    );
    for (const form of ["with buckets", "counts alone"] as const) {
      const lines = linesOf(7, rows, form);
      assert.is(new Set(lines.map((line) => line.split(" ")[0])).size, size, "each is a series of its own");
    }
    assert.match(linesOf(7, rows, "with buckets")[0]!, / count=20,b\d+=12,b\d+=7,b\d+=1$/);
  });
}

test.run();
