import { test } from "uvu";
import * as assert from "uvu/assert";
import { HttpError } from "../../../control/api/http-errors.ts";
import { ReadGate } from "../../../control/api/read-gate.ts";

// Time limits do not keep a process alive; control's server does, and here this timer.
const alive = setInterval(() => {}, 1000);
test.after(() => clearInterval(alive));

const never = new AbortController().signal;

/** A read that ends when it is told to. */
function heldRead() {
  let end = (): void => {};
  let begun = false;
  const done = new Promise<void>((resolve) => (end = resolve));
  const read = async (): Promise<string> => {
    begun = true;
    await done;
    return "answer";
  };
  return { read, end: () => end(), isBegun: () => begun };
}

async function refusalOf(promise: Promise<unknown>): Promise<HttpError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof HttpError)) throw new Error("The read was not refused", { cause: error });
  return error;
}

test("lets so many through at once and the next when one is done", async () => {
  const gate = new ReadGate({ concurrent: 2 });
  const reads = [heldRead(), heldRead(), heldRead()];
  const answers = reads.map(({ read }) => gate.run(never, read));
  await Promise.resolve();
  assert.equal(
    reads.map((each) => each.isBegun()),
    [true, true, false],
  );
  assert.is(gate.waiting, 1);
  reads[0]!.end();
  assert.is(await answers[0], "answer");
  assert.equal(
    reads.map((each) => each.isBegun()),
    [true, true, true],
  );
  reads.forEach((each) => each.end());
  assert.equal(await Promise.all(answers), ["answer", "answer", "answer"]);
});

test("refuses with 503 when too many wait", async () => {
  const gate = new ReadGate({ concurrent: 1, waiting: 1 });
  const [first, second] = [heldRead(), heldRead()];
  const answers = [gate.run(never, first.read), gate.run(never, second.read)];
  const refusal = await refusalOf(gate.run(never, () => Promise.resolve("late")));
  assert.is(refusal.status, 503);
  assert.ok(refusal.isTemporary);
  first.end();
  second.end();
  await Promise.all(answers);
});

test("a question that was withdrawn while it waited is never read", async () => {
  const gate = new ReadGate({ concurrent: 1 });
  const first = heldRead();
  const withdrawn = heldRead();
  const asker = new AbortController();
  const answer = gate.run(never, first.read);
  const refused = refusalOf(gate.run(asker.signal, withdrawn.read));
  asker.abort();
  assert.is((await refused).status, 503);
  assert.is(gate.waiting, 0);
  first.end();
  await answer;
  assert.not(withdrawn.isBegun());
});

test("a read past the time limit is answered with 504 and keeps its place until it is done", async () => {
  const gate = new ReadGate({ concurrent: 1, timeoutMs: 20 });
  const slow = heldRead();
  const next = heldRead();
  assert.is((await refusalOf(gate.run(never, slow.read))).status, 504);
  const waiting = refusalOf(gate.run(never, next.read));
  assert.is((await waiting).status, 504, "the place is still taken");
  assert.not(next.isBegun());
  slow.end();
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(await gate.run(never, () => Promise.resolve("free again")), "free again");
});

test("a read that fails frees its place and hands its error on", async () => {
  const gate = new ReadGate({ concurrent: 1 });
  const failed = gate.run(never, () => Promise.reject(new Error("disk gone")));
  assert.is(await failed.catch((error: Error) => error.message), "disk gone");
  assert.is(await gate.run(never, () => Promise.resolve("next")), "next");
});

test("a read that throws before it begins frees its place", async () => {
  const gate = new ReadGate({ concurrent: 1 });
  const failed = gate.run(never, () => {
    throw new Error("closed");
  });
  assert.is(await failed.catch((error: Error) => error.message), "closed");
  assert.is(await gate.run(never, () => Promise.resolve("next")), "next");
});

test.run();
