/**
 * Live requests from two real sidecars of one workload, through a real control, to the command line.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { command, run, type Result, type RunOptions } from "../control/cli/run.ts";
import { type RunningEnvoy, startEnvoy } from "../envoy.ts";
import { loud } from "../loud.ts";
import { sidecarBootstrap } from "../wasm-filter/bootstrap.ts";
import { ask, hangUp } from "../wasm-filter/traffic.ts";
import { SERVER, Stack, eventually } from "../e2e/stack.ts";

interface Parts {
  stack: Stack;
  envoys: RunningEnvoy[];
}

/** A line of `sidelight tap --json`. */
interface Document {
  readonly path?: string;
  readonly leftOut?: number;
  readonly end?: string;
  readonly requests?: number;
  readonly [field: string]: unknown;
}

const test = suite<Parts>("live requests of real sidecars");
const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/** Requests that the sidecars served since they were started. */
let served = 0;

test.before(
  loud(async (parts) => {
    parts.stack = await Stack.start();
    const second = await startEnvoy(sidecarBootstrap(parts.stack.upstreams), { workers: 2 });
    parts.envoys = [parts.stack.envoy, second];
    // A worker has a stream once it has counted something, and gets its share of new connections.
    await eventually(
      async () => {
        await Promise.all(parts.envoys.map((envoy) => serve(envoy, "/first")));
        hangUp();
        return reporters(parts.stack);
      },
      (count) => count === 3,
    );
    assert.is(await reporters(parts.stack), 3);
  }),
);
test.after(async ({ stack, envoys }) => {
  hangUp();
  await envoys?.[1]?.stop();
  await stack?.stop();
});

async function reporters({ control }: Stack): Promise<number> {
  const status = await control.json<{ reporters: { node: string }[] }>("/api/v1/status");
  return status.reporters.filter(({ node }) => node === SERVER).length;
}

async function metric({ control }: Stack, name: string): Promise<number> {
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(await control.metrics())?.[1]);
}

async function serve(envoy: RunningEnvoy, path: string, headers: Record<string, string> = {}): Promise<void> {
  served += 1;
  assert.is(await ask(envoy.port("inbound"), { path, headers }), Number(headers["x-status"] ?? 200));
}

function sidelight({ stack }: Parts, args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const env = { SIDELIGHT_SERVER: stack.control.grpc };
  return run(process.execPath, [command, "tap", SERVER, "--json", ...args], { env, ...options });
}

/** Presses Ctrl-C, once, when so many lines were written. */
function interruptedAfter(lines: number): NonNullable<RunOptions["onOutput"]> {
  let isInterrupted = false;
  return (text, child) => {
    if (isInterrupted || text.split("\n").length <= lines) return;
    isInterrupted = true;
    child.kill("SIGINT");
  };
}

/** Waits until sidecars were asked; what they serve from a tick later on can be seen. */
async function isTapped(stack: Stack, taps = 1): Promise<void> {
  await eventually(
    () => metric(stack, "sidelight_tap_subscribers"),
    (count) => count === taps,
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
}

function documentsOf({ stdout }: Result): Document[] {
  const lines = stdout.trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Document);
}

async function countedExactly(stack: Stack): Promise<void> {
  const counted = await eventually(
    () => stack.countedRequests(),
    (count) => count >= served,
  );
  assert.is(counted, served);
}

test("what matches appears with its peer, status and duration, whichever sidecar saw it; nothing else does", async (parts) => {
  const { stack, envoys } = parts;
  const filter = ["--path", "/orders/", "--status", "4xx", "--method", "GET"];
  const inbound = sidelight(parts, filter, { onOutput: interruptedAfter(2) });
  const outbound = sidelight(parts, ["--side", "outbound"], { onOutput: interruptedAfter(2) });
  await isTapped(stack, 2);
  for (const [index, envoy] of envoys.entries()) {
    await serve(envoy, "/orders/9");
    await serve(envoy, "/orders/9", { "x-status": "500" });
    await serve(envoy, "/carts/9", { "x-status": "404" });
    const wanted = { "x-status": "404", "x-delay": "30", traceparent };
    await serve(envoy, `/orders/${index}?token=secret`, wanted);
    await ask(envoy.port("outbound"), { path: `/pay/${index}`, headers: { host: "payment" } });
  }
  const seen = documentsOf(await inbound);
  const sum = seen.pop();
  assert.equal([sum?.end, sum?.requests, sum?.["leftOut"]], ["interrupted", 2, 0]);
  assert.equal(seen.map(({ path }) => path).sort(), ["/orders/0", "/orders/1"]);
  for (const { method, status, outcome, client, server, route, durationSeconds, traceId, at } of seen) {
    assert.equal([method, status, outcome, route], ["GET", 404, "client_error", "/orders/{id}"]);
    assert.equal([client, server, traceId], ["external/clients", SERVER, traceparent.split("-")[1]]);
    assert.ok(Number(durationSeconds) >= 0.025 && Number(durationSeconds) < 5, String(durationSeconds));
    assert.ok(Math.abs(Date.parse(String(at)) - Date.now()) < 60_000);
  }
  const sent = documentsOf(await outbound).filter(({ path }) => path);
  assert.equal(
    sent.map(({ path, client, server, reporterSide }) => [path, client, server, reporterSide].join(" ")).sort(),
    ["/pay/0 shop/orders shop/payment source", "/pay/1 shop/orders shop/payment source"],
    "peers are workloads and not addresses",
  );
  await countedExactly(stack);
});

test("under load the rate holds, every request is shown or said to be left out, and no count suffers", async (parts) => {
  const { stack, envoys } = parts;
  const tap = sidelight(parts, ["--path", "/load", "--rate", "5", "--for", "6s"]);
  await isTapped(stack);
  let sent = 0;
  const startedMs = performance.now();
  while (performance.now() - startedMs < 2_000) {
    const burst = envoys.flatMap((envoy) => Array.from({ length: 10 }, () => serve(envoy, `/load/${(sent += 1)}`)));
    await Promise.all([...burst, ...envoys.map((envoy) => serve(envoy, "/other"))]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const documents = documentsOf(await tap);
  const sum = documents.at(-1);
  const shown = documents.filter(({ path }) => path);
  const leftOut = documents.slice(0, -1).reduce((total, document) => total + (document.leftOut ?? 0), 0);
  assert.equal([sum?.end, sum?.requests, sum?.["leftOut"]], ["expired", shown.length, leftOut]);
  assert.ok(shown.every(({ path }) => path!.startsWith("/load/")));
  assert.ok(shown.length >= 5 && shown.length <= 5 * (6 + 1), `${shown.length} requests shown`);
  assert.is(shown.length + leftOut, sent, "all that matched");
  await countedExactly(stack);
  const { losses } = await stack.control.json<{ losses: unknown[] }>("/api/v1/status");
  assert.equal(losses, []);
});

test("after its end no sidecar taps", async (parts) => {
  const { stack, envoys } = parts;
  assert.is(await metric(stack, "sidelight_taps"), 0);
  const before = await metric(stack, "sidelight_tap_stray_messages_total");
  const matching = Array.from({ length: 20 }, (_, index) => `/load/after/${index}`);
  for (const envoy of envoys) await Promise.all(matching.map((path) => serve(envoy, path)));
  await countedExactly(stack);
  assert.is(await metric(stack, "sidelight_tap_stray_messages_total"), before);
});

test("Ctrl-C ends it for the sidecars too", async (parts) => {
  const { stack, envoys } = parts;
  const tap = sidelight(parts, ["--for", "10m"], { onOutput: interruptedAfter(1) });
  await isTapped(stack);
  await Promise.all(envoys.map((envoy) => serve(envoy, "/seen")));
  const result = await tap;
  assert.is(result.code, 0);
  assert.is(documentsOf(result).at(-1)?.end, "interrupted");
  await eventually(
    () => metric(stack, "sidelight_taps"),
    (count) => count === 0,
  );
  // Longer than a tick of the filter, so that nothing is under way any more.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const before = await metric(stack, "sidelight_tap_stray_messages_total");
  for (const envoy of envoys) await serve(envoy, "/unseen");
  await countedExactly(stack);
  assert.is(await metric(stack, "sidelight_tap_stray_messages_total"), before);
});

test("control killed meanwhile: the command says so, and nothing is lost or tapped afterwards", async (parts) => {
  const { stack, envoys } = parts;
  let hasSeen = false;
  const tap = sidelight(parts, ["--path", "/kill", "--for", "5m"], { onOutput: () => (hasSeen = true) });
  await isTapped(stack);
  await eventually(
    async () => {
      await Promise.all(envoys.map((envoy) => serve(envoy, "/kill")));
      return hasSeen;
    },
    (seen) => seen,
  );
  await stack.killControl();
  const { code, stderr, stdout } = await tap;
  assert.is(code, 3);
  assert.match(stderr, /^sidelight: lost control at 127\.0\.0\.1:\d+: .+\n$/);
  assert.is(documentsOf({ code, stderr, stdout }).at(-1)?.end, "lost");
  await Promise.all(envoys.map((envoy) => serve(envoy, "/kill")));
  await stack.startControl();
  await countedExactly(stack);
  for (const envoy of envoys) await serve(envoy, "/kill");
  await countedExactly(stack);
  assert.is(await metric(stack, "sidelight_tap_stray_messages_total"), 0);
});

test.run();
