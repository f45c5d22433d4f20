import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseInventoryFile } from "../../../control/identity/inventory-file.ts";
import { InventoryTable } from "../../../control/identity/inventory-table.ts";
import { JointInventory } from "../../../control/identity/joint-inventory.ts";

const NOW = Date.parse("2026-06-01T00:00:00Z");

const table = (yaml: string): InventoryTable => new InventoryTable(parseInventoryFile(yaml));

const joint = new JointInventory(
  table(`
clusterCidrs: [10.0.0.0/8]
workloads:
  - { namespace: shop, name: user, serviceAccount: a, annotations: { note: first }, addresses: [10.0.0.1] }
`),
  table(`
clusterCidrs: [192.0.2.0/24]
workloads:
  - { namespace: shop, name: user, role: store, serviceAccount: a, annotations: { note: second }, addresses: [192.0.2.1] }
  - { namespace: shop, name: carts, serviceAccount: a, annotations: { note: second }, hosts: [carts], addresses: [10.0.0.1, 192.0.2.2] }
  - { namespace: shop, name: old, addresses: [{ address: 192.0.2.9, to: 2026-06-01T00:00:00Z }] }
  - { namespace: shop, name: new, addresses: [{ address: 192.0.2.9, from: 2026-06-01T00:00:00Z }] }
`),
);

test("what both name is what the first says; what it does not know is the second's", () => {
  assert.is(joint.byAddress("10.0.0.1", NOW)?.id, "shop/user");
  assert.is(joint.podAt("10.0.0.1", NOW)?.workload, "shop/user");
  assert.is(joint.byAddress("192.0.2.2", NOW)?.id, "shop/carts");
  assert.is(joint.byName("shop", "user")?.kind, "workload");
  assert.is(joint.byHost("carts", NOW)?.id, "shop/carts");
  assert.is(joint.byHost("user.shop", NOW)?.id, "shop/user");
  assert.is(joint.whyNobody("192.0.2.9", NOW - 1, NOW + 1)?.id, "unresolved/address-reused");
  assert.is(joint.byAddress("192.0.2.9", NOW - 1, NOW + 1), undefined);
});

test("the inside is that of both, and so are workloads, accounts and annotations", () => {
  for (const address of ["10.9.9.9", "192.0.2.7"]) assert.ok(joint.isInside(address), address);
  assert.not(joint.isInside("198.51.100.1"));
  assert.equal(
    joint.workloads().map(({ id, kind }) => `${id} ${kind}`),
    ["shop/user workload", "shop/carts workload", "shop/old workload", "shop/new workload"],
  );
  assert.equal(
    joint.byServiceAccount("shop", "a").map(({ id }) => id),
    ["shop/user", "shop/carts"],
  );
  assert.equal([...joint.annotated("note")].sort(), [
    ["shop/carts", "second"],
    ["shop/user", "first"],
  ]);
});

test.run();
