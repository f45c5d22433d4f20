import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cached, fingerprint, locked } from "../../provision/cache.ts";
import { projectRoot } from "../../provision/build.ts";

const test = suite<{ folder: string }>("cache");

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "sidelight-cache-test-"));
  process.env["SIDELIGHT_CACHE"] = context.folder;
});

test.after.each(async ({ folder }) => {
  delete process.env["SIDELIGHT_CACHE"];
  await rm(folder, { recursive: true, force: true });
});

test("builds an entry once", async () => {
  let builds = 0;
  const build = async (folder: string) => {
    builds += 1;
    await writeFile(join(folder, "file"), "content");
  };
  const [first, second] = await Promise.all([cached("entry", build), cached("entry", build)]);
  assert.is(first, second);
  assert.is(builds, 1);
  assert.is(await readFile(join(await cached("entry", build), "file"), "utf8"), "content");
  assert.is(builds, 1);
});

test("a build that fails leaves no entry and can be tried again", async () => {
  const failing = cached("entry", async (folder) => {
    await writeFile(join(folder, "half"), "");
    throw new Error("no network");
  });
  await failing.then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, "no network"),
  );
  const entry = await cached("entry", (folder) => writeFile(join(folder, "whole"), ""));
  assert.equal(await readdir(entry), ["whole"]);
});

/** A process of its own that takes the lock, says so, and does as its script says. */
function otherProcess(script: string) {
  const cache = join(projectRoot, "provision", "cache.ts");
  const code = `const { cached, locked } = await import(${JSON.stringify(cache)}); ${script}`;
  const args = ["--import", "tsx", "--input-type=module", "-e", code];
  return spawn(process.execPath, args, { cwd: projectRoot, stdio: ["ignore", "pipe", "inherit"] });
}

test("a build that is killed half-way leaves no entry and no lock", async ({ folder }) => {
  const other = otherProcess(`
    const { writeFileSync } = await import("node:fs");
    await cached("entry", async (folder) => {
      writeFileSync(folder + "/half", "");
      console.log("half");
      await new Promise(() => setInterval(() => {}, 1000));
    });`);
  await once(other.stdout, "data");
  assert.not.ok(existsSync(join(folder, "entry")));
  other.kill("SIGKILL");
  const entry = await cached("entry", (target) => writeFile(join(target, "whole"), ""));
  assert.equal(await readdir(entry), ["whole"]);
});

test("two processes never hold a lock at once", async ({ folder }) => {
  const file = join(folder, "lock");
  const other = otherProcess(`
    await locked(${JSON.stringify(file)}, async () => {
      console.log("locked");
      await new Promise((done) => setTimeout(done, 300));
      (await import("node:fs")).writeFileSync(${JSON.stringify(join(folder, "done"))}, "");
    });`);
  await once(other.stdout, "data");
  await locked(file, () => Promise.resolve(assert.ok(existsSync(join(folder, "done")))));
  if (other.exitCode === null) await once(other, "exit");
});

test("the lock is given back when the work throws", async ({ folder }) => {
  const file = join(folder, "lock");
  await locked(file, () => Promise.reject(new Error("broken"))).catch(() => {});
  assert.is(await locked(file, () => Promise.resolve(7)), 7);
});

test("a fingerprint tells where one part ends", () => {
  assert.is.not(fingerprint("ab", "c"), fingerprint("a", "bc"));
});

test.run();
