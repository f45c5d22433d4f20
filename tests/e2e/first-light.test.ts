import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { Snapshot } from "../../control/world/model.ts";
import { differences } from "./exact.ts";
import { SERVER, Stack, eventually } from "./stack.ts";
import { loud } from "../loud.ts";

const test = suite<{ stack: Stack }>("first light");

test.before(
  loud(async (context) => {
    context.stack = await Stack.start();
  }),
);
test.after(async ({ stack }) => stack.stop());

test("every request at a real Envoy is counted, by endpoint and outcome, and shown on the map", async ({ stack }) => {
  const result = await stack.load({ rate: 200, seconds: 4 });
  assert.is(result.wrong, 0);
  await eventually(
    () => stack.countedRequests(),
    (counted) => counted >= result.sent,
  );
  assert.equal(await differences(stack, result), []);

  const { edges } = await stack.control.json<Snapshot>("/api/v1/snapshot");
  const edge = edges.find(({ server }) => server === SERVER);
  assert.is(edge?.client, "external/clients");
  assert.is(edge?.total, result.sent);
  assert.is(edge?.shownFrom, "destination");
});

test("control killed in the middle of the load: still exact", async ({ stack }) => {
  const before = await stack.countedRequests();
  const loading = stack.load({ rate: 200, seconds: 6 });
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await stack.killControl();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await stack.startControl();
  const result = await loading;
  assert.is(result.wrong, 0, "a request failed or was changed while control was away");
  const counted = await eventually(
    () => stack.countedRequests(),
    (count) => count >= before + result.sent,
  );
  assert.is(counted, before + result.sent);
});

test.run();
