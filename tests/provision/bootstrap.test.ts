/** What provision/bootstrap.mjs starts ends with whoever started it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { projectRoot } from "../../provision/build.ts";

const bootstrap = suite("what bootstrap starts");

bootstrap("ends when npm is killed, and is told so that it can clean up", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-bootstrap-"));
  try {
    const entry = join(folder, "entry.mjs");
    await writeFile(
      entry,
      `console.log("started");
       process.on("SIGTERM", () => { console.log("cleaned up"); process.exit(0); });
       setTimeout(() => console.log("left alone"), 60_000);`,
    );
    const start = `require("node:child_process").spawn(process.execPath,
      ["provision/bootstrap.mjs", ${JSON.stringify(relative(projectRoot, entry))}], { stdio: "inherit" })`;
    const npm = spawn(process.execPath, ["-e", start], { cwd: projectRoot, stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface({ input: npm.stdout })[Symbol.asyncIterator]();
    assert.is((await lines.next()).value, "started");
    npm.kill("SIGKILL");
    await once(npm, "exit");
    assert.is((await lines.next()).value, "cleaned up");
    // The pipe closes when nobody is left who could write to it.
    assert.is((await lines.next()).done, true);
  } finally {
    await rm(folder, { recursive: true });
  }
});

bootstrap.run();
