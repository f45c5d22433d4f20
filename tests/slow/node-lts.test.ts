/** The parts with native code, and the whole main path, on the Node that the images use. */
import { delimiter } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { projectRoot } from "../../provision/build.ts";
import { ltsNodeFolder } from "../../provision/lts-node.ts";
import { run } from "../../provision/run.ts";

const FILES = ["control/ingest/inbox", "control/store/duckdb-store", "wasm-filter/counting", "e2e/first-light"];

for (const file of FILES) {
  test(`${file} passes on the current LTS`, async () => {
    const folder = await ltsNodeFolder();
    // What a test starts as "node" is to be that Node too.
    const env = { ...process.env, PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}` };
    const script = `${projectRoot}/tests/${file}.test.ts`;
    const output = await run(`${folder}/node`, ["--import", "tsx", script], { cwd: projectRoot, env });
    assert.match(output, /Passed:\s+[1-9]/);
  });
}

test.run();
