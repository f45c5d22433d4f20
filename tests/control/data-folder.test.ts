import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { FolderHeldError, openDataFolder } from "../../control/data-folder.ts";

let folder = "";
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), "sidelight-folder-"));
});
test.after.each(() => rmSync(folder, { recursive: true, force: true }));

const lockOf = (path: string): string => join(path, "control.lock");

test("makes the folder, holds it, and lets it go", () => {
  const path = join(folder, "a", "b");
  const held = openDataFolder(path);
  assert.ok(existsSync(lockOf(path)));
  held.release();
  assert.not(existsSync(lockOf(path)));
});

test("a folder whose holder lives is refused", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  try {
    writeFileSync(lockOf(folder), JSON.stringify({ pid: child.pid, startedAt: startOf(child.pid) }));
    assert.throws(
      () => openDataFolder(folder),
      (error: Error) => error instanceof FolderHeldError && error.message.includes(`process ${child.pid}`),
    );
    // The same number, but a process that started at another time: the holder is gone, its number was given again.
    writeFileSync(lockOf(folder), JSON.stringify({ pid: child.pid, startedAt: "1" }));
    openDataFolder(folder).release();
  } finally {
    child.kill();
    await new Promise((resolve) => child.on("exit", resolve));
  }
  writeFileSync(lockOf(folder), JSON.stringify({ pid: child.pid, startedAt: "1" }));
  openDataFolder(folder).release();
});

/** Field 22 of proc(5)'s stat; node's own name in field 2 holds no space. */
function startOf(pid: number | undefined): string {
  return readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[21] ?? "";
}

test("a lock that was cut off while it was written is taken over", () => {
  writeFileSync(lockOf(folder), '{"pid": 1');
  openDataFolder(folder).release();
});

test("a folder that cannot be made says how to mend it", () => {
  writeFileSync(join(folder, "file"), "");
  assert.throws(() => openDataFolder(join(folder, "file", "data")), /Opening the data folder .*set SIDELIGHT_DATA_DIR/);
});

test.run();
