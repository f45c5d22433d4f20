/**
 * Learned routes, from a real Envoy to control and back: what was counted under many paths becomes one route, the filter
 * is taught it, and no count is lost on the way.
 */
import http from "node:http";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { Snapshot } from "../../control/world/model.ts";
import { command, run } from "../control/cli/run.ts";
import { loud } from "../loud.ts";
import { SERVER, Stack, eventually } from "../e2e/stack.ts";

/** More than the 200 endpoints that a reporter has room for at a service. */
const MANY = 300;

/** A way through the sidecar, and the server whose paths it leads to. */
interface Way {
  readonly listener: string;
  readonly server: string;
  readonly before: string;
}

const INBOUND: Way = { listener: "inbound", server: SERVER, before: "/users" };
const OUTBOUND: Way = { listener: "outbound", server: "shop/payment", before: "/payers" };
const WAYS = [INBOUND, OUTBOUND];

interface Parts {
  stack: Stack;
  agent: http.Agent;
  /** Requests so far, by server. */
  sent: Record<string, number>;
}

const test = suite<Parts>("learned routes");

test.before(
  loud(async (parts) => {
    parts.stack = await Stack.start();
    parts.agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
    parts.sent = { [INBOUND.server]: 0, [OUTBOUND.server]: 0 };
  }),
);

test.after(async ({ stack, agent }) => {
  agent.destroy();
  await stack.stop();
});

function get({ stack, agent }: Parts, listener: string, path: string): Promise<void> {
  const target = { host: "127.0.0.1", port: stack.envoy.port(listener), agent };
  return new Promise((resolve, reject) => {
    http
      .get({ ...target, path, headers: { host: "payment" } }, (response) => {
        response.resume().on("end", () => (response.statusCode === 200 ? resolve() : reject(new Error(path))));
      })
      .on("error", reject);
  });
}

/** The word of that number; none has the shape of an id. */
function nameOf(number: number): string {
  return `u${[...String(number)].map((digit) => "kmprstvwxz"[Number(digit)]).join("")}`;
}

/** Asks for values of these numbers. */
async function ask(parts: Parts, { listener, server, before }: Way, numbers: readonly number[]): Promise<void> {
  parts.sent[server]! += numbers.length;
  await Promise.all(numbers.map((number) => get(parts, listener, `${before}/${nameOf(number)}`)));
}

let used = 0;
function newNumbers(count: number): number[] {
  used += count;
  return Array.from({ length: count }, (_, at) => used - at);
}

/** Waits until as much is counted at a server as was sent. @returns what of it is counted under a route */
async function countedUnder({ stack, sent }: Parts, { server }: Way, route: string): Promise<number> {
  const all = await eventually(
    () => stack.countedRequests({ server }),
    (count) => count >= sent[server]!,
  );
  assert.is(all, sent[server], `in all at ${server}`);
  return stack.countedRequests({ server, route });
}

test("values become one route, and what was counted of them before goes with it", async (parts) => {
  const first = newNumbers(180);
  for (const way of WAYS) await ask(parts, way, first);
  const isLearned = await eventually(
    async () => {
      // Some come again, as they do, and none much more often: a place is learned when it was seen at several times.
      first.push(...first.splice(0, 20));
      for (const way of WAYS) await ask(parts, way, [...first.slice(0, 20), ...newNumbers(20)]);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const { rules } = await parts.stack.control.json<{ rules: { rule: string }[] }>("/api/v1/routes");
      return WAYS.every(({ before }) => rules.some(({ rule }) => rule === `${before}/{id}`));
    },
    (found) => found,
    120_000,
  );
  assert.ok(isLearned, "not learned");
  for (const way of WAYS) {
    const ids = (): Promise<number> => countedUnder(parts, way, `${way.before}/{id}`);
    const spilt = await countedUnder(parts, way, "~other");
    const expected = parts.sent[way.server]! - spilt;
    assert.is(await eventually(ids, (count) => count === expected), expected, "moved in the history");
    assert.is(await countedUnder(parts, way, `${way.before}/${nameOf(first[0]!)}`), 0);
    const { edges } = await parts.stack.control.json<Snapshot>("/api/v1/snapshot");
    const routes = edges.filter(({ server }) => server === way.server).flatMap(({ endpoints }) => endpoints);
    assert.equal(
      routes.map(({ route }) => route).filter((route) => route !== "~other"),
      [`${way.before}/{id}`],
      "moved in the world",
    );
  }
});

test("the filter follows: values that it has no room for do not need any", async (parts) => {
  for (const way of WAYS) {
    let spilt = await countedUnder(parts, way, "~other");
    // What a filter that was taught nothing has no room for, it puts where control cannot tell it apart any more.
    const more = await eventually(
      async () => {
        await ask(parts, way, newNumbers(MANY));
        const before = spilt;
        spilt = await countedUnder(parts, way, "~other");
        return spilt - before;
      },
      (count) => count === 0,
    );
    assert.is(more, 0, way.listener);
    assert.is(await countedUnder(parts, way, `${way.before}/{id}`), parts.sent[way.server]! - spilt);
  }
});

test("the template holds over a kill of control, for what comes meanwhile and right afterwards", async (parts) => {
  const spilt = await Promise.all(WAYS.map((way) => countedUnder(parts, way, "~other")));
  await parts.stack.killControl();
  for (const way of WAYS) await ask(parts, way, newNumbers(MANY));
  await parts.stack.startControl();
  for (const way of WAYS) await ask(parts, way, newNumbers(MANY));
  assert.equal(await Promise.all(WAYS.map((way) => countedUnder(parts, way, "~other"))), spilt);
  const { rules } = await parts.stack.control.json<{ rules: { rule: string }[] }>("/api/v1/routes");
  assert.equal(
    rules.map(({ rule }) => rule),
    ["/users/{id}", "/payers/{id}"],
  );
});

test("what is forgotten is told apart from then on, by the filter too, and nothing else is touched", async (parts) => {
  const { stack } = parts;
  const merged = await countedUnder(parts, INBOUND, "/users/{id}");
  const others = await countedUnder(parts, OUTBOUND, "/payers/{id}");
  const env = { SIDELIGHT_SERVER: stack.control.grpc };
  const args = [command, "routes", "forget", SERVER, "/users/{id}"];
  const { code, stderr } = await run(process.execPath, args, { env });
  assert.equal([code, stderr], [0, ""]);
  const apart = await eventually(
    async () => {
      parts.sent[SERVER]! += 1;
      await get(parts, "inbound", "/users/solo");
      return countedUnder(parts, INBOUND, "/users/solo");
    },
    (count) => count > 0,
  );
  assert.ok(apart > 0, "the filter was not told");
  assert.ok((await countedUnder(parts, INBOUND, "/users/{id}")) >= merged, "what was counted before stays there");
  assert.is(await countedUnder(parts, OUTBOUND, "/payers/{id}"), others);
});

test.run();
