import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { PartSpec } from "../../demo/part.ts";
import { Supervisor } from "../../demo/supervisor.ts";
import { projectRoot } from "../../provision/build.ts";

const test = suite<{ folder: string; supervisor: Supervisor }>("supervisor");

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "sidelight-supervisor-test-"));
  context.supervisor = new Supervisor(context.folder);
});

test.after.each(async ({ folder, supervisor }) => {
  await supervisor.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A shell as a part; it is ready when it has made the file "NAME.up". */
function shell(folder: string, name: string, script: string): PartSpec {
  return {
    name,
    command: "sh",
    args: ["-c", script],
    cwd: folder,
    isReady: () => Promise.resolve(existsSync(join(folder, `${name}.up`))),
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition() && tries < 250; tries += 1) await sleep(20);
}

test("a part is started when it is ready, and stopped with its children", async ({ folder, supervisor }) => {
  const script = "sleep 600 & echo $! > child; touch one.up; wait";
  await supervisor.start("stores", shell(folder, "one", script));
  const child = Number(await readFile(join(folder, "child"), "utf8"));
  assert.ok(isAlive(child));
  await supervisor.stop();
  await until(() => !isAlive(child));
  assert.not.ok(isAlive(child));
});

test("a part that ends before it is ready is an error with the end of its log", async ({ folder, supervisor }) => {
  const script = "echo first; echo the disk is full >&2; exit 3";
  await supervisor.start("stores", shell(folder, "one", script)).then(
    () => assert.unreachable(),
    (error: Error) => {
      assert.match(error.message, /^one ended with code 3; its log is .*one\.log, and ends:\n {4}first\n {4}the disk/);
    },
  );
});

test("a part that is never ready is an error that says what was wrong", async ({ folder, supervisor }) => {
  const spec: PartSpec = {
    ...shell(folder, "one", "sleep 600"),
    readyWithinMs: 50,
    isReady: () => Promise.reject(new Error("refused")),
  };
  await supervisor.start("stores", spec).then(
    () => assert.unreachable(),
    (error: Error) => {
      assert.match(error.message, /^one was not ready after 0\.05 s/);
      assert.is((error.cause as Error).message, "refused");
    },
  );
});

test("a command that is not there is an error", async ({ folder, supervisor }) => {
  const spec = { ...shell(folder, "one", ""), command: "/no/such/program", args: [] };
  await supervisor.start("stores", spec).then(
    () => assert.unreachable(),
    (error: Error) => {
      assert.match(error.message, "/no/such/program");
    },
  );
});

test("a part that dies later fails the whole", async ({ folder, supervisor }) => {
  await supervisor.start("stores", shell(folder, "one", "echo $$ > pid; touch one.up; exec sleep 600"));
  process.kill(Number(await readFile(join(folder, "pid"), "utf8")), "SIGKILL");
  await supervisor.failure.then(
    () => assert.unreachable(),
    (error: Error) => {
      assert.match(error.message, "one was ended by SIGKILL");
    },
  );
});

test("stages stop in the reverse order, whatever order they were started in", async ({ folder, supervisor }) => {
  const script = (name: string) =>
    `trap 'echo ${name} >> order; exit 0' TERM; touch ${name}.up; while :; do sleep 0.05; done`;
  await supervisor.start("shop", shell(folder, "shop", script("shop")));
  await supervisor.start("stores", shell(folder, "redis", script("redis")));
  await supervisor.start("load", shell(folder, "load", script("load")));
  await supervisor.stop();
  assert.is(await readFile(join(folder, "order"), "utf8"), "load\nshop\nredis\n");
});

test("the parts die with a supervisor that is killed", async ({ folder }) => {
  const module = join(projectRoot, "demo", "supervisor.ts");
  const code = `
    const { Supervisor } = await import(${JSON.stringify(module)});
    const { existsSync } = await import("node:fs");
    const folder = ${JSON.stringify(folder)};
    await new Supervisor(folder).start("stores", {
      name: "one", command: "sh", args: ["-c", "echo $$ > pid; touch one.up; exec sleep 600"], cwd: folder,
      isReady: () => Promise.resolve(existsSync(folder + "/one.up")),
    });
    console.log("up");
    setInterval(() => {}, 1000);`;
  const args = ["--import", "tsx", "--input-type=module", "-e", code];
  const other = spawn(process.execPath, args, { cwd: projectRoot, stdio: ["ignore", "pipe", "inherit"] });
  await once(other.stdout, "data");
  const pid = Number(await readFile(join(folder, "pid"), "utf8"));
  assert.ok(isAlive(pid));
  other.kill("SIGKILL");
  await until(() => !isAlive(pid));
  assert.not.ok(isAlive(pid));
});

test.run();
