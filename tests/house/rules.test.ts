import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { foreignWords, importOrder, testsThatNeverRun } from "./rules.ts";

const test = suite<{ root: string }>("house rules");

test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sidelight-rules-"));
  spawnSync("git", ["init", "-q"], { cwd: context.root });
});
test.after.each((context) => rmSync(context.root, { recursive: true, force: true }));

function write(root: string, file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

test("a stage may import what lies before it, not what comes after", ({ root }) => {
  write(root, "control/store/a.ts", 'import { x } from "../world/x.ts";\n');
  assert.is(importOrder(root), "");
  write(root, "control/world/b.ts", 'import { y } from "../store/a.ts";\n');
  assert.match(importOrder(root), "control/world/b.ts imports control/store/a.ts");
});

test("the wiring may import every stage, but no stage the wiring", ({ root }) => {
  write(root, "control/main.ts", 'import { x } from "./api/x.ts";\n');
  assert.is(importOrder(root), "");
  write(root, "control/api/x.ts", 'import { c } from "../config.ts";\n');
  assert.match(importOrder(root), "control/api/x.ts");
});

test("the UI takes types alone from control", ({ root }) => {
  write(root, "ui/src/a.ts", 'import type { Snapshot } from "../../control/world/model.ts";\n');
  assert.is(importOrder(root), "");
  write(root, "ui/src/b.ts", 'import { World } from "../../control/world/world.ts";\n');
  assert.match(importOrder(root), "ui/src/b.ts");
});

test("the client knows the contract alone, and of control only the command line uses it", ({ root }) => {
  write(root, "client/a.ts", 'import { StatsClient } from "#proto/stats.ts";\n');
  write(root, "control/cli/a.ts", 'import { a } from "../../client/a.ts";\nimport { b } from "../api/b.ts";\n');
  assert.is(importOrder(root), "");
  write(root, "client/b.ts", 'import { b } from "../control/api/b.ts";\n');
  assert.match(importOrder(root), "client/b.ts imports control/api/b.ts");
  write(root, "control/api/b.ts", 'import { a } from "../../client/a.ts";\n');
  assert.match(importOrder(root), "control/api/b.ts imports client/a.ts");
});

test("the world is pure", ({ root }) => {
  write(root, "control/world/a.ts", 'import { readFileSync } from "node:fs";\n');
  assert.match(importOrder(root), "pure");
});

test("a test file without test.run() is found", ({ root }) => {
  write(root, "tests/a.test.ts", 'test("x", () => {});\ntest.run();\n');
  assert.is(testsThatNeverRun(root), "");
  write(root, "tests/b.test.ts", 'test("x", () => {});\n');
  assert.match(testsThatNeverRun(root), "tests/b.test.ts");
});

test("a before hook whose error nobody would see is found", ({ root }) => {
  write(root, "tests/a.test.ts", "test.before(\n  loud(async () => {}),\n);\ntest.run();\n");
  assert.is(testsThatNeverRun(root), "");
  write(root, "tests/a.test.ts", "test.before(async () => {});\ntest.run();\n");
  assert.match(testsThatNeverRun(root), "without loud()");
});

test("paths of one machine and leftovers are found", ({ root }) => {
  write(root, "a.md", "A calm page.\n");
  assert.is(foreignWords(root), "");
  write(root, "a.md", `See ${["", "root", "x"].join("/")}\n`);
  assert.match(foreignWords(root), "a.md:1");
});

test.run();
