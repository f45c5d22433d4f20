import { test } from "uvu";
import * as assert from "uvu/assert";
import { Customers } from "../../demo/load/customers.ts";
import { planJourney } from "../../demo/load/journey.ts";
import type { Journey } from "../../demo/load/journey.ts";
import { FIRST_CUSTOMERS, firstCustomerLogin } from "../../demo/shop/services/user/first-customers.ts";

const KNOW = { username: "ada", password: "s:o", sockId: "s1", dearestSockId: "s9" };
const lines = ({ steps }: Journey) => steps.map((step) => `${step(KNOW).method} ${step(KNOW).path}`);

test("without detours a journey is the nine requests of the original", () => {
  const journey = planJourney(() => 0.999, false);
  assert.not(journey.isNewcomer);
  assert.equal(lines(journey), [
    "GET /catalogue?size=100",
    "GET /",
    "GET /login",
    "GET /category.html",
    "GET /detail.html?id=s1",
    "DELETE /cart",
    "POST /cart",
    "GET /basket.html",
    "POST /orders",
  ]);
  const login = journey.steps[2]?.(KNOW);
  assert.is(login?.headers?.["authorization"], `Basic ${Buffer.from("ada:s:o").toString("base64")}`);
  assert.equal(journey.steps[6]?.(KNOW).body, { id: "s1" });
});

test("a newcomer registers with an address and a card instead of signing in", () => {
  const journey = planJourney(() => 0.999, true);
  assert.ok(journey.isNewcomer);
  const taken = lines(journey);
  assert.equal(taken.slice(2, 5), ["POST /register", "POST /addresses", "POST /cards"]);
  assert.not(taken.includes("GET /login"));
});

test("all detours together call every endpoint that the story needs", () => {
  const taken = lines(planJourney(() => 0, false));
  for (const line of ["GET /card", "GET /address", "GET /tags", "GET /cart", "GET /orders", "POST /cart/update"]) {
    assert.ok(taken.includes(line), line);
  }
  assert.ok(taken.indexOf("POST /cart/update") < taken.indexOf("POST /orders"));
});

test("no customer is in the shop twice at a time", () => {
  const customers = new Customers("x");
  const inside = Array.from({ length: FIRST_CUSTOMERS - 1 }, () => customers.returning()?.username);
  assert.is(new Set(inside).size, FIRST_CUSTOMERS - 1);
  assert.not(inside.includes(firstCustomerLogin(0).username), "the first customer is for people");
  assert.is(customers.returning(), undefined);
  const newcomer = customers.newcomer();
  assert.is.not(newcomer.username, customers.newcomer().username);
  assert.is(customers.returning(), undefined);
  customers.joined(newcomer);
  assert.equal(customers.returning(), newcomer);
});

test("the number of remembered customers is bounded", () => {
  const customers = new Customers("x");
  for (let i = 0; i < 2_000; i++) customers.joined(customers.newcomer());
  let returning = 0;
  while (customers.returning()) returning += 1;
  assert.is(returning, 500);
});

test.run();
