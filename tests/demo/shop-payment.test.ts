import { test } from "uvu";
import * as assert from "uvu/assert";
import { payment } from "../../demo/shop/services/payment.ts";
import { partsBehind } from "./scripted-sidecar.ts";

function start() {
  const parts = partsBehind(1, "payment");
  const { app } = payment(parts);
  const pay = (body: unknown) => app.request("/paymentAuth", { method: "POST", body: JSON.stringify(body) });
  return { ...parts, app, pay };
}

test("amounts up to 105 are authorised, others declined in the body of a 200", async () => {
  const { pay } = start();
  for (const [amount, authorised] of [
    [0.01, true],
    [105, true],
    [105.01, false],
  ] as const) {
    const answer = await pay({ amount });
    assert.is(answer.status, 200);
    assert.is(((await answer.json()) as { authorised: boolean }).authorised, authorised, `amount ${amount}`);
  }
});

test("the fault declines everything, still with a 200", async () => {
  const { pay, faults } = start();
  faults.set("payment", "decline");
  const answer = await pay({ amount: 1 });
  assert.is(answer.status, 200);
  assert.is(((await answer.json()) as { authorised: boolean }).authorised, false);
});

test("what is no amount is a client error", async () => {
  const { pay, app } = start();
  for (const body of [{}, { amount: 0 }, { amount: -3 }, { amount: "7" }]) assert.is((await pay(body)).status, 400);
  assert.is((await app.request("/paymentAuth", { method: "POST", body: "{" })).status, 400);
  const huge = "x".repeat(100_000);
  const tooLong = await app.request("/paymentAuth", {
    method: "POST",
    body: huge,
    headers: { "content-length": String(huge.length) },
  });
  assert.is(tooLong.status, 413);
});

test("health and unknown paths", async () => {
  const { app } = start();
  const health = (await (await app.request("/health")).json()) as { health: { service: string }[] };
  assert.is(health.health[0]?.service, "payment");
  assert.is((await app.request("/nothing")).status, 404);
});

test.run();
