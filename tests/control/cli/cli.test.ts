import { existsSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type ControlUnderTest, startControl } from "../api/fixture-control.ts";
import { shopSecond } from "../api/fixture-shop.ts";
import { loud } from "../../loud.ts";
import { type Result, type RunOptions, command, run } from "./run.ts";

const cli = suite("sidelight");
let control: ControlUnderTest;
const sidelight = (args: readonly string[], options: RunOptions = {}): Promise<Result> => {
  const env = { SIDELIGHT_SERVER: control.grpc, ...options.env };
  return run(process.execPath, [command, ...args], { ...options, env });
};

cli.before(
  loud(async () => {
    control = await startControl();
  }),
);

cli.after(async () => {
  await control.close();
});

cli("edges: a line an edge, the worst first, without colours or cuts in a pipe", async () => {
  const { code, stdout, stderr } = await sidelight(["edges"]);
  assert.is(stderr, "");
  assert.is(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.match(lines[0]!, /^\d\d:\d\d:\d\d {2}1 failing {2}4 edges over \d+ s {2}namespace shop$/);
  assert.match(lines[2]!, /^HEALTH +CLIENT +SERVER +PROTO +RATE +ERRORS +P50 +P95 +P99 +OPEN +SENT +GOT +TOTAL$/);
  assert.match(lines[3]!, /^✗ failing +front-end +user +http +10\/s +40 % +10 ms +30\.1 ms +30\.1 ms +200$/);
  assert.match(lines.at(-1)!, /^· healthy +user +user-db +tcp +1\/s +0 +– +– +– +7 +8\.75 kB\/s +31\.3 kB\/s +20$/);
  assert.is(lines.length, 7);
  assert.not.match(stdout, "\x1b");
});

cli("top: endpoints merged over their clients, once where no one watches", async () => {
  const { code, stdout } = await sidelight(["top"]);
  assert.is(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.match(lines[0]!, /1 failing {2}4 endpoints over \d+ s {2}80\/s in all {2}namespace shop$/);
  assert.match(lines[3]!, /^✗ failing +user +GET \/cards\/\{id\} +20\/s +20 % +30\.1 ms +99\.8 ms +99\.8 ms$/);
  assert.match(stdout, /^· healthy +user-db +tcp connections/m);
});

cli("--json is one document with exact figures", async () => {
  const [edges, top] = await Promise.all([
    sidelight(["edges", "--json", "--sort", "rate"]),
    sidelight(["top", "--json", "--limit", "1", "--of", "shop/user", "--from", "shop/orders", "--sort", "name"]),
  ]);
  const world = JSON.parse(edges.stdout) as { windowSeconds: number; edges: Record<string, unknown>[] };
  assert.equal(
    world.edges.map(({ client, server }) => `${String(client)}>${String(server)}`),
    ["external/internet>shop/front-end", "shop/orders>shop/user", "shop/front-end>shop/user", "shop/user>shop/user-db"],
  );
  const database = world.edges[3]!;
  assert.equal([database["active"], database["requestBytesRate"], database["responseBytesRate"]], [7, 8_750, 31_250]);
  assert.is(database["p99Seconds"], null, "how long a connection lived is no latency");
  assert.ok(Math.abs((database["lifetimeP50Seconds"] as number) - 5_400) < 54);
  const cards = world.edges[2]!;
  assert.not.ok("lifetimeP50Seconds" in cards);
  assert.is(cards["health"], "failing");
  assert.is(cards["total"], 200);
  assert.is(cards["errorShare"], 0.4);
  assert.is(world.edges[3]!["p99Seconds"], null);
  const endpoints = (JSON.parse(top.stdout) as { endpoints: Record<string, unknown>[] }).endpoints;
  assert.is(endpoints.length, 1);
  assert.equal([endpoints[0]!["server"], endpoints[0]!["route"]], ["shop/user", "/addresses/{id}"]);
});

cli("--namespace narrows, and says so when nothing is left", async () => {
  const [some, none] = await Promise.all([
    sidelight(["top", "--namespace", "shop", "--once"]),
    sidelight(["edges", "--namespace", "billing"]),
  ]);
  assert.match(some.stdout, "4 endpoints");
  assert.match(none.stdout, 'No edge touches namespace "billing" yet.');
  assert.is(none.code, 0);
});

cli("edges --watch --json is a document a line, until it is told to stop", async () => {
  const feeding = setInterval(() => {
    for (const window of shopSecond(Date.now() - 3_000)) control.world.add(window);
    control.feed.added();
  }, 50);
  let isTold = false;
  const { code, stdout, stderr } = await sidelight(["edges", "--watch", "--json"], {
    onOutput: (text, child) => {
      // A second signal would end it at once.
      if (isTold || text.split("\n").length <= 3) return;
      isTold = true;
      child.kill("SIGINT");
    },
  });
  clearInterval(feeding);
  assert.is(stderr, "");
  assert.is(code, 0);
  const documents = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { edges: unknown[] });
  assert.ok(documents.length >= 3);
  assert.ok(documents.every(({ edges }) => edges.length === 4));
});

cli("a control that is not there: what was tried, what to do, status 3", async () => {
  const { code, stdout, stderr } = await sidelight(["top"], { env: { SIDELIGHT_SERVER: "127.0.0.1:1" } });
  assert.is(code, 3);
  assert.is(stdout, "");
  assert.match(stderr, /^sidelight: cannot reach control at 127\.0\.0\.1:1: .*ECONNREFUSED/);
  assert.match(stderr, "npm run demo");
  assert.match(stderr, "--server host:port");
  assert.not.match(stderr, "at SidelightClient", "no stack");
});

cli("--server comes before the environment", async () => {
  const { code } = await sidelight(["edges", "--server", control.grpc], { env: { SIDELIGHT_SERVER: "127.0.0.1:1" } });
  assert.is(code, 0);
});

cli("what control refuses is status 1, what makes no sense is status 2", async () => {
  const cases = [
    { args: ["top", "--of", "shop/nobody"], code: 1, message: 'No server "shop/nobody" is known' },
    { args: ["edge"], code: 2, message: "Did you mean edges?" },
    { args: ["top", "--limit", "0"], code: 2, message: "whole number from 1" },
    { args: ["edges", "--server", "http://127.0.0.1"], code: 2, message: "is no gRPC address" },
  ];
  const results = await Promise.all(cases.map(({ args }) => sidelight(args)));
  results.forEach(({ code, stdout, stderr }, index) => {
    const { args, code: expected, message } = cases[index]!;
    assert.is(code, expected, `sidelight ${args.join(" ")}: ${stderr}`);
    assert.is(stdout, "", args.join(" "));
    assert.ok(stderr.includes(message), stderr);
  });
});

cli("--help has examples and what the exit status means", async () => {
  const [all, top] = await Promise.all([sidelight(["--help"]), sidelight(["top", "--help"])]);
  assert.is(all.code, 0);
  assert.match(all.stdout, "$ sidelight edges");
  assert.match(all.stdout, "3 control not reachable");
  assert.match(top.stdout, "$ sidelight top --sort p99");
});

cli("a reader that has seen enough is no error", async () => {
  const shell = `"$NODE" "$COMMAND" edges --watch --json | head -n 1; echo "status \${PIPESTATUS[0]}"`;
  const env = { NODE: process.execPath, COMMAND: command, SIDELIGHT_SERVER: control.grpc };
  const { stdout, stderr } = await run("bash", ["-c", shell], { env });
  assert.is(stderr, "");
  assert.match(stdout, /^\{"at":.*\}\nstatus 0\n$/);
});

// util-linux' script gives a program a terminal; every Debian has it.
const inTerminal = existsSync("/usr/bin/script") ? cli : cli.skip.bind(cli);

inTerminal("in a terminal top takes the screen, refreshes, and gives it back at q", async () => {
  const shell = `stty cols 80 rows 20; exec "$NODE" "$COMMAND" top --interval 0.2`;
  const env = { NODE: process.execPath, COMMAND: command, SIDELIGHT_SERVER: control.grpc, TERM: "xterm-256color" };
  let typed = false;
  const { code, stdout } = await run("script", ["-qefc", shell, "/dev/null"], {
    env,
    onOutput: (text, child) => {
      if (typed || text.split("q quits").length <= 3) return;
      typed = true;
      child.type("q");
    },
  });
  assert.is(code, 0);
  assert.ok(stdout.includes("\x1b[?1049h"), "it takes the alternate screen");
  assert.ok(stdout.endsWith("\x1b[?25h\x1b[?1049l"), `it gives it back: ${JSON.stringify(stdout.slice(-80))}`);
  assert.match(stdout, "✗ failing");
  assert.not.match(stdout, "\x1b[31m", "NO_COLOR is heeded");
});

cli.run();
