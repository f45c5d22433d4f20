import { Hono } from "hono";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { controlApp } from "../../demo/shop/control.ts";
import { Counters } from "../../demo/shop/counters.ts";
import { FaultSwitches, UnknownFaultError } from "../../demo/shop/fault-switches.ts";
import { FAULTS } from "../../demo/shop/faults.ts";

test("every fault of the table has a name of its own, and a story", () => {
  const names = FAULTS.map(({ target, fault }) => `${target} ${fault}`);
  assert.is(new Set(names).size, names.length);
  for (const { fault, story } of FAULTS) {
    assert.is.not(fault, "clear");
    assert.match(story, /\.$/);
  }
});

test("the share of failing requests is the table's, and only at the target", async () => {
  const draws = [0, 0.5, 0.79, 0.8, 0.99];
  let drawn = 0;
  const faults = new FaultSwitches({ chance: () => draws[drawn++ % draws.length] ?? 0 });
  const app = new Hono();
  app.use("/cards/*", faults.guard("cards"));
  app.all("*", (c) => c.text("well"));
  faults.set("cards", "errors");
  const statuses = [];
  for (let i = 0; i < 5; i++) statuses.push((await app.request("/cards/1")).status);
  assert.equal(statuses, [500, 500, 500, 200, 200]);
  assert.is((await app.request("/addresses/1")).status, 200);
  faults.clear("cards");
  for (let i = 0; i < 5; i++) assert.is((await app.request("/cards/1")).status, 200);
});

test("a slow target answers later, and right", async () => {
  const faults = new FaultSwitches();
  const app = new Hono();
  app.use(faults.guard("catalogue"));
  app.get("/", (c) => c.text("well"));
  faults.set("catalogue", "slow");
  let answered = false;
  const slow = Promise.resolve(app.request("/")).finally(() => (answered = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.not(answered);
  assert.is((await slow).status, 200);
});

test("a target has one fault at a time, and clearing tells whoever listens", () => {
  let changes = 0;
  const faults = new FaultSwitches({ onChange: () => (changes += 1) });
  faults.set("cards", "errors");
  faults.set("cards", "slow");
  faults.set("user", "down");
  assert.equal(
    faults.active.map(({ target, fault }) => `${target} ${fault}`),
    ["cards slow", "user down"],
  );
  assert.ok(faults.has("user", "down"));
  faults.clear("cards");
  assert.is(faults.active.length, 1);
  faults.clear();
  assert.is(faults.active.length, 0);
  assert.is(changes, 5);
});

test("an unknown fault or target is refused with what there is", () => {
  const faults = new FaultSwitches();
  assert.throws(
    () => faults.set("cards", "melt"),
    (error: Error) => {
      return error instanceof UnknownFaultError && error.message.includes("cards errors");
    },
  );
  assert.throws(() => faults.clear("nobody"), /No fault has the target "nobody"/);
});

test("the control port switches faults and says no in words", async () => {
  const faults = new FaultSwitches();
  const app = controlApp({ faults, counters: new Counters(), missing: () => ["user"] });
  const post = (body: unknown) => app.request("/faults", { method: "POST", body: JSON.stringify(body) });

  assert.is((await post({ target: "addresses", fault: "slow" })).status, 200);
  assert.ok(faults.has("addresses", "slow"));
  assert.is((await post({ fault: "clear" })).status, 200);
  assert.is(faults.active.length, 0);

  for (const body of [
    {},
    { target: "cards" },
    { fault: "errors" },
    { target: "x", fault: "y" },
    { target: "x", fault: "clear" },
  ]) {
    const answer = await post(body);
    assert.is(answer.status, 400, JSON.stringify(body));
    const { error } = (await answer.json()) as { error: { message: string } };
    assert.ok(error.message.length > 10);
  }
  assert.is((await app.request("/faults", { method: "POST", body: "not json" })).status, 400);

  const ready = await app.request("/ready");
  assert.is(ready.status, 503);
  assert.equal(await ready.json(), { ready: false, missing: ["user"] });
});

test.run();
