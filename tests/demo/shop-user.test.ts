import { test } from "uvu";
import * as assert from "uvu/assert";
import { newDocumentId } from "../../demo/shop/stores/documents.ts";
import { FIRST_CUSTOMERS, firstCustomerLogin, firstCustomers } from "../../demo/shop/services/user/first-customers.ts";
import { hashPassword, isPasswordOf } from "../../demo/shop/services/user/passwords.ts";
import { cardView, customerView } from "../../demo/shop/services/user/views.ts";

test("the first customers can sign in, and are the same at every start", () => {
  const customers = firstCustomers();
  assert.is(customers.length, FIRST_CUSTOMERS);
  assert.equal(customers, firstCustomers());
  const ids = customers.flatMap(({ customer, card, address }) => [customer.id, card.id, address.id]);
  assert.is(new Set(ids).size, 3 * FIRST_CUSTOMERS);
  for (const id of ids) assert.match(id, /^[0-9a-f]{24}$/);
  customers.forEach(({ customer, card, address }, index) => {
    const { username, password } = firstCustomerLogin(index);
    assert.is(customer.owner, username);
    assert.ok(isPasswordOf(customer.document, password));
    assert.is(card.owner, customer.id);
    assert.is(address.owner, customer.id);
  });
});

test("a password fits its own hash only, and two hashes of it differ", () => {
  const first = hashPassword("sock");
  assert.ok(isPasswordOf(first, "sock"));
  assert.not(isPasswordOf(first, "Sock"));
  assert.is.not(first.passwordHash, hashPassword("sock").passwordHash);
});

test("what user shows holds no secret", () => {
  const [first] = firstCustomers();
  if (!first) throw new Error("There are no first customers");
  const customer = JSON.stringify(customerView(first.customer));
  assert.not(customer.includes(first.customer.document.passwordHash));
  assert.not(customer.includes(first.customer.document.salt));
  const card = cardView(first.card);
  assert.is(card.longNum, "XXXXXXXXXXXX4000");
  assert.not(JSON.stringify(card).includes(first.card.document.ccv));
});

test("a new id begins with its time and is never drawn twice", () => {
  const id = newDocumentId(0x5f00_0000 * 1_000);
  assert.match(id, /^5f000000[0-9a-f]{16}$/);
  assert.is(new Set(Array.from({ length: 1_000 }, () => newDocumentId(0))).size, 1_000);
});

test.run();
