import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { announce, retract, runningDemos } from "../../demo/run-folder.ts";
import { projectRoot } from "../../provision/build.ts";

const test = suite<{ folder: string }>("command line");

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "sidelight-command-test-"));
  process.env["SIDELIGHT_CACHE"] = context.folder;
});

test.after.each(async ({ folder }) => {
  delete process.env["SIDELIGHT_CACHE"];
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

function demo(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", "tsx", "demo/main.ts", ...args], { cwd: projectRoot });
  let out = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((done) => child.once("close", (code) => done({ code, out, errors })));
}

test("what it does not understand is an error with exit 2, and starts nothing", async () => {
  const wrong: [string[], RegExp][] = [
    [["fualt", "cards", "errors"], /no command "fualt".*fault/],
    [["--rate", "fast"], /--rate .*must be a number/],
    [["--secnods", "30"], /unknown option '--secnods'\n\(Did you mean --seconds/],
    [["--json"], /--json needs --seconds/],
    [["fault"], /missing required argument 'target'/],
  ];
  const answers = await Promise.all(wrong.map(([args]) => demo(...args)));
  answers.forEach(({ code, out, errors }, index) => {
    const [args, expected] = wrong[index] as [string[], RegExp];
    assert.is(code, 2, `${args.join(" ")}: ${errors}`);
    assert.is(out, "");
    assert.match(errors, expected);
  });
});

test("--help is on standard output", async () => {
  const { code, out } = await demo("--help");
  assert.is(code, 0);
  for (const word of ["--rate", "--seconds", "--json", "fault cards errors"]) assert.ok(out.includes(word), word);
});

test("a command for a demo that does not run says how to start one", async () => {
  const { code, errors } = await demo("fault", "cards", "errors");
  assert.is(code, 2);
  assert.match(errors, /^No demo is running\. Start one with: npm run demo\n$/);
});

test("fault talks to the running demo, and passes its refusal on", async () => {
  const asked: unknown[] = [];
  const known = [{ target: "cards", fault: "errors", service: "user", story: "Cards fail." }];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const change = body ? (JSON.parse(body) as { target?: string }) : undefined;
      asked.push(change);
      const refused = change?.target === "moon";
      response.writeHead(refused ? 400 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(refused ? { error: { message: "There is no moon" } } : { active: known, known }));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const places = { ui: base, shop: base, shopControl: base, loadControl: base };
  await announce({ startedAtMs: Date.now(), ready: true, folder: "/nowhere", ...places });
  try {
    const on = await demo("fault", "cards", "errors");
    assert.is(on.code, 0, on.errors);
    assert.match(on.out, "cards errors: Cards fail.");
    assert.equal(asked, [{ target: "cards", fault: "errors" }]);
    const refused = await demo("fault", "moon", "errors");
    assert.is(refused.code, 2);
    assert.match(refused.errors, "There is no moon");
  } finally {
    await retract();
    server.close();
  }
});

test("with several demos running it asks which", async ({ folder }) => {
  const base = "http://127.0.0.1:1";
  const demos = { startedAtMs: 1, ready: true, folder: "/nowhere", ui: base, shop: base, shopControl: base };
  await announce({ ...demos, loadControl: base });
  const own = JSON.parse(await readFile(join(folder, "run", `${process.pid}.json`), "utf8")) as object;
  // The same process announced once more stands for a second demo.
  await writeFile(join(folder, "run", "other.json"), JSON.stringify({ ...own, startedAtMs: 2 }));
  const { code, errors } = await demo("fault", "cards", "errors");
  assert.is(code, 2);
  assert.match(errors, `Several demos are running. Say which:\n  --demo ${process.pid} `);
});

test("what a demo that was killed left is cleared away, and only that", async ({ folder }) => {
  const left = await mkdtemp(join(tmpdir(), "sidelight-demo-"));
  const foreign = await mkdtemp(join(tmpdir(), "sidelight-command-test-foreign-"));
  const base = "http://127.0.0.1:1";
  const places = { ui: base, shop: base, shopControl: base, loadControl: base };
  await mkdir(join(folder, "run"));
  // This process lives, but it did not start at tick 1: its id was used again.
  const dead = { pid: process.pid, startTicks: "1", startedAtMs: 1, ready: true, ...places };
  await writeFile(join(folder, "run", "1.json"), JSON.stringify({ ...dead, folder: left }));
  await writeFile(join(folder, "run", "2.json"), JSON.stringify({ ...dead, folder: foreign }));
  await writeFile(join(folder, "run", "3.json"), "{cut off");
  try {
    assert.equal(await runningDemos(), []);
    assert.not.ok(existsSync(left));
    assert.ok(existsSync(foreign));
  } finally {
    await rm(foreign, { recursive: true, force: true });
    await rm(left, { recursive: true, force: true });
  }
});

test.run();
