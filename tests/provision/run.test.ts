import { test } from "uvu";
import * as assert from "uvu/assert";
import { run } from "../../provision/run.ts";

test("gives standard output, and standard input to the command", async () => {
  assert.is(await run("cat", [], { input: "hello" }), "hello");
});

test("a failure names the command, its code and what it said last", async () => {
  await run("sh", ["-c", "echo trouble >&2; exit 7"]).then(
    () => assert.unreachable(),
    (error: Error) => {
      assert.match(error.message, /^sh -c .* ended with code 7:\ntrouble$/);
    },
  );
});

test("a command that is not there is named", async () => {
  await run("/no/such/program", ["x"]).then(
    () => assert.unreachable(),
    (error: Error) => {
      assert.match(error.message, "Starting /no/such/program x");
    },
  );
});

test("a command that takes too long is killed", async () => {
  await run("sleep", ["60"], { timeoutMs: 100 }).then(
    () => assert.unreachable(),
    (error: Error) => {
      assert.match(error.message, "was ended by SIGKILL");
    },
  );
});

test.run();
