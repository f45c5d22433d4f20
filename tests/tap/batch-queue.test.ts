import { test } from "uvu";
import * as assert from "uvu/assert";

import { BatchQueue } from "../../tap/batch-queue.ts";
import { batchOf } from "../control/batches.ts";

test("batches are numbered from 1 and found by their number until they are dropped", () => {
  const queue = new BatchQueue(3);
  assert.equal([queue.first, queue.last, queue.size], [1, 0, 0]);
  for (const route of ["/a", "/b", "/c"]) queue.add(batchOf([{ route }]));
  assert.ok(queue.isFull);
  assert.is(queue.at(2)?.sequence, 2);
  queue.dropThrough(2);
  assert.equal([queue.first, queue.last, queue.size, queue.isFull], [3, 3, 1, false]);
  assert.is(queue.at(2), undefined);
  assert.is(queue.at(3)?.sequence, 3);
});

test("an acknowledgement of what was dropped already changes nothing", () => {
  const queue = new BatchQueue();
  queue.add(batchOf([{}]));
  queue.dropThrough(1);
  queue.dropThrough(1);
  queue.dropThrough(0);
  queue.add(batchOf([{}]));
  assert.equal([queue.first, queue.last], [2, 2]);
});

test.run();
