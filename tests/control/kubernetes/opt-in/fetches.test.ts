import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Inventory } from "../../../../control/identity/inventory.ts";
import { meshWorkload } from "../../../../control/identity/identities.ts";
import { Fetches } from "../../../../control/kubernetes/opt-in/fetches.ts";

/** An inventory of these addresses; what is added to it is known from then on. */
function knowing(holders: Map<string, string>): Pick<Inventory, "byAddress"> {
  return {
    byAddress(address) {
      const name = holders.get(address);
      return name === undefined ? undefined : meshWorkload("shop", name);
    },
  };
}

test("who fetched is known by the address, also where that becomes known a little later", () => {
  const holders = new Map([["10.0.0.1", "user"]]);
  const fetches = new Fetches(knowing(holders));
  fetches.note("10.0.0.1", 1_000);
  fetches.note("10.0.0.2", 1_000);
  assert.ok(fetches.has("shop/user", 1_000));
  assert.not.ok(fetches.has("shop/cart", 2_000));
  holders.set("10.0.0.2", "cart");
  assert.ok(fetches.has("shop/cart", 20_000));
  assert.is(fetches.strangersMs(20_000), Number.NEGATIVE_INFINITY);
});

test("that somebody fetched who stays unknown is kept in mind", () => {
  const fetches = new Fetches(knowing(new Map()));
  fetches.note("192.168.0.1", 5_000);
  assert.is(fetches.strangersMs(34_999), Number.NEGATIVE_INFINITY);
  assert.is(fetches.strangersMs(35_000), 5_000);
});

test("of many at once that nobody knows the rest are strangers at once", () => {
  const fetches = new Fetches(knowing(new Map()));
  for (let index = 0; index < 1_000; index += 1) fetches.note(`10.1.${index >> 8}.${index & 255}`, 5_000);
  assert.is(fetches.strangersMs(5_000), Number.NEGATIVE_INFINITY);
  fetches.note("10.2.0.1", 6_000);
  assert.is(fetches.strangersMs(6_000), 6_000);
});

test.run();
