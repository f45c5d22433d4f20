/** What a child writes into a pipe of the kernel's comes out whole, and ends when the child does. */
import { spawn } from "node:child_process";
import { closeSync, fstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { openPacketPipe } from "../../tap/packet-pipe.ts";

test("all that a child writes comes out, and then the end", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sidelight-test-pipe-"));
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = folder;
  try {
    const pipe = openPacketPipe()!;
    assert.ok(fstatSync(pipe.input).isFIFO(), "a pipe, and no socket");
    const script = `for (let at = 0; at < 300; at++) process.stdout.write(Buffer.alloc(7_001, at));`;
    spawn(process.execPath, ["-e", script], { stdio: ["ignore", pipe.input, "inherit"] });
    closeSync(pipe.input);
    const bytes = await buffer(pipe.output);
    assert.is(bytes.length, 300 * 7_001);
    for (let at = 0; at < 300; at++) assert.is(bytes[at * 7_001 + 7_000], at % 256);
    assert.equal(readdirSync(folder), [], "nothing is left in the file system");
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
