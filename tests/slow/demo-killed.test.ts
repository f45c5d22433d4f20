/** The ends of a demo that no handler of its own can clean up after. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, readdir, readlink, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runningDemos } from "../../demo/run-folder.ts";
import type { RunningDemo } from "../../demo/run-folder.ts";
import { projectRoot } from "../../provision/build.ts";

interface Started {
  /** provision/bootstrap.mjs, as npm starts it. */
  readonly starter: ChildProcess;
  readonly demo: RunningDemo;
}

const test = suite<{ started: Started | undefined }>("a demo that is killed");

test.after.each(async (context) => {
  const { started } = context;
  context.started = undefined;
  if (!started) return;
  started.starter.kill("SIGTERM");
  await ended(started.starter);
  await rm(started.demo.folder, { recursive: true, force: true });
});

async function start(): Promise<Started> {
  const args = ["provision/bootstrap.mjs", "demo/main.ts", "--seconds", "600", "--json"];
  const starter = spawn(process.execPath, args, { cwd: projectRoot, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  starter.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  while (starter.exitCode === null) {
    for (const demo of await runningDemos()) {
      if (demo.ready && (await parentOf(demo.pid)) === starter.pid) return { starter, demo };
    }
    await sleep(200);
  }
  throw new Error(`The demo did not start:\n${errors}`);
}

async function parentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** The demo, and processes that have its folder in their command line or stand in it. */
async function processesOf({ folder, pid: demo }: RunningDemo): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    if (pid === String(demo) || command.includes(folder) || cwd.includes(folder)) found.push(`${pid} ${command}`);
  }
  return found;
}

async function gone(demo: RunningDemo): Promise<void> {
  for (let tries = 0; tries < 100 && (await processesOf(demo)).length > 0; tries += 1) await sleep(100);
  assert.equal(await processesOf(demo), []);
}

test("takes every part with it, and the next start clears its folder away", async (context) => {
  const { starter, demo } = (context.started = await start());
  assert.ok((await processesOf(demo)).length > 15, "the parts could not be found to begin with");
  process.kill(demo.pid, "SIGKILL");
  await ended(starter);
  await gone(demo);
  assert.ok(existsSync(demo.folder));
  assert.not.ok((await runningDemos()).some(({ pid }) => pid === demo.pid));
  assert.not.ok(existsSync(demo.folder));
});

test("stops in order when it is its starter that is killed", async (context) => {
  const { starter, demo } = (context.started = await start());
  starter.kill("SIGKILL");
  await gone(demo);
  assert.not.ok(existsSync(demo.folder));
});

test.run();
