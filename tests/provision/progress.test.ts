import { PassThrough } from "node:stream";
import type { WriteStream } from "node:tty";
import { stripVTControlCharacters } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { duration, progressOn } from "../../provision/progress.ts";

/** A stream that remembers, and that says whether it is a terminal. */
function stream(isTTY: boolean): { stream: WriteStream; text: () => string } {
  const chunks: string[] = [];
  const fake = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  fake.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  return { stream: fake as unknown as WriteStream, text: () => chunks.join("") };
}

test("durations are said the way a person would", () => {
  assert.is(duration(340), "0.3 s");
  assert.is(duration(12_400), "12 s");
  assert.is(duration(125_000), "2 m 05 s");
});

test("without a terminal a step is one plain line with its last note", async () => {
  const { stream: out, text } = stream(false);
  await progressOn(out).step("Envoy", (step) => {
    step.note("downloading");
    step.note("1.40.0");
    return Promise.resolve();
  });
  assert.match(text(), /^ok {2}Envoy: 1\.40\.0 \(\d+\.\d s\)\n$/);
});

test("a step that fails says so and passes the error on", async () => {
  const { stream: out, text } = stream(false);
  await progressOn(out)
    .step("Envoy", () => Promise.reject(new Error("no network")))
    .then(
      () => assert.unreachable(),
      (error: Error) => assert.is(error.message, "no network"),
    );
  assert.match(text(), /^failed Envoy/);
});

test("on a terminal steps are redrawn in place, each cut to the width", async () => {
  const { stream: out, text } = stream(true);
  const progress = progressOn(out);
  await Promise.all([
    progress.step("Redis", (step) => Promise.resolve(step.note("x".repeat(500)))),
    progress.step("MariaDB", () => Promise.resolve()),
  ]);
  assert.ok(text().includes("\x1b[1A\x1b[0J"));
  const lines = stripVTControlCharacters(text()).split("\n");
  for (const line of lines) assert.ok(line.length <= 80, line);
});

test("NO_COLOR leaves no colour on a terminal", async () => {
  const before = process.env["NO_COLOR"];
  process.env["NO_COLOR"] = "1";
  try {
    const { stream: out, text } = stream(true);
    await progressOn(out).step("Redis", () => Promise.resolve());
    assert.not.match(text(), /\[\d+m/);
  } finally {
    if (before === undefined) delete process.env["NO_COLOR"];
    else process.env["NO_COLOR"] = before;
  }
});

test.run();
