import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { Snapshot } from "../../control/world/model.ts";
import { fault } from "../../demo/commands.ts";
import { runningDemos } from "../../demo/run-folder.ts";
import type { RunningDemo } from "../../demo/run-folder.ts";
import { eventually } from "../e2e/stack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const START_LIMIT_MS = 300_000;
/** The window of health is 30 s; the rest is for a noisy machine. */
const REACTION_LIMIT_MS = 90_000;

/** `npm run demo` as a child process. */
class Demo {
  private constructor(
    readonly child: ChildProcess,
    readonly running: RunningDemo,
    readonly said: () => string,
  ) {}

  static async start(): Promise<Demo> {
    const child = spawn(process.execPath, ["--import", "tsx", "demo/main.ts"], { cwd: root, stdio: "pipe" });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const own = async () => (await runningDemos()).find(({ pid, ready }) => pid === child.pid && ready);
    const running = await eventually(own, (demo) => demo !== undefined || child.exitCode !== null, START_LIMIT_MS);
    if (!running) throw new Error(`The demo did not start:\n${said}`);
    return new Demo(child, running, () => said);
  }

  async snapshot(): Promise<Snapshot> {
    return (await (await fetch(`${this.running.ui}/api/v1/snapshot`)).json()) as Snapshot;
  }

  async fault(target: string, kind?: string): Promise<void> {
    await fault(target, kind, this.running.pid);
  }

  /** Processes that belong to this demo, by the folder that their command line or environment names. */
  processes(): string[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((pid) =>
        [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`].some((file) => mentions(file, this.running.folder)),
      );
  }
}

function mentions(file: string, text: string): boolean {
  try {
    return readFileSync(file, "latin1").includes(text);
  } catch {
    // The process has ended, or belongs to somebody else.
    return false;
  }
}

/** "server METHOD route" of every endpoint of this health, each once. */
function endpoints(snapshot: Snapshot, health: string): string[] {
  const found = snapshot.edges.flatMap((edge) =>
    edge.endpoints
      .filter((each) => each.health === health)
      .map((each) => `${edge.server} ${each.method} ${each.route}`),
  );
  return [...new Set(found)].sort();
}

function nodes(snapshot: Snapshot, health: string): string[] {
  return snapshot.nodes.filter((node) => node.health === health).map((node) => node.id);
}

const test = suite<{ demo: Demo }>("the demo");

test.before.each(async (context) => {
  context.demo = await Demo.start();
});
test.after.each(async ({ demo }) => {
  if (demo.child.exitCode === null) {
    demo.child.kill("SIGTERM");
    await once(demo.child, "exit");
  }
});

test("faults turn the map red at their endpoints of user and nowhere else, and it recovers", async ({ demo }) => {
  const settled = (isThere: (snapshot: Snapshot) => boolean) =>
    eventually(() => demo.snapshot(), isThere, REACTION_LIMIT_MS);
  const calm = await settled((snapshot) => snapshot.windowSeconds >= 30 && endpoints(snapshot, "failing").length === 0);
  assert.equal(endpoints(calm, "failing"), []);
  assert.is(calm.nodes.filter(({ kind }) => kind !== "external").length, 15, "nine services and six stores");

  for (const [target, kind, listed] of [
    ["cards", "errors", "shop/user GET /customers/{id}/cards"],
    ["addresses", "slow", "shop/user GET /customers/{id}/addresses"],
  ] as const) {
    await demo.fault(target, kind);
    const red = await settled((snapshot) => endpoints(snapshot, "failing").includes(listed));
    assert.ok(endpoints(red, "failing").includes(listed), `${target} ${kind} is not seen`);
    // Symptoms come and go while the window fills; what counts is the picture once the fault fills the window.
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    const full = await demo.snapshot();
    const elsewhere = endpoints(full, "failing").filter((each) => !new RegExp(`^shop/user .*/${target}`).test(each));
    assert.equal(elsewhere, [], `${target} ${kind}: red elsewhere`);
    assert.equal(nodes(full, "failing"), ["shop/user"]);
    assert.ok(endpoints(full, "affected").includes("shop/orders POST /orders"), "orders suffers, and is marked so");
    await demo.fault("clear");
    const well = await settled(
      (snapshot) => nodes(snapshot, "failing").length + nodes(snapshot, "affected").length === 0,
    );
    assert.equal([...nodes(well, "failing"), ...nodes(well, "affected")], [], `no recovery from ${target} ${kind}`);
  }
});

test("Ctrl-C leaves no process and no folder", async ({ demo }) => {
  assert.ok(demo.processes().length > 10, "the parts could not be found to begin with");
  demo.child.kill("SIGINT");
  await once(demo.child, "exit");
  const left = await eventually(
    () => Promise.resolve(demo.processes()),
    (found) => found.length === 0,
  );
  assert.equal(left, []);
});

test("a part that crashes ends the demo with its name, and leaves no process", async ({ demo }) => {
  const redis = demo.processes().find((pid) => mentions(`/proc/${pid}/cmdline`, "redis-server"));
  assert.ok(redis, "no Redis to kill");
  process.kill(Number(redis), "SIGKILL");
  const [code] = (await once(demo.child, "exit")) as [number | null];
  assert.is(code, 1);
  assert.match(demo.said(), "Redis");
  const left = await eventually(
    () => Promise.resolve(demo.processes()),
    (found) => found.length === 0,
  );
  assert.equal(left, []);
});

test.run();
