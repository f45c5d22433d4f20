import { test } from "uvu";
import * as assert from "uvu/assert";
import { ExternalHosts } from "../../../control/identity/external-hosts.ts";
import { parseInventoryFile } from "../../../control/identity/inventory-file.ts";
import { InventoryTable } from "../../../control/identity/inventory-table.ts";
import { hostOfCluster, parseSpiffeId, resolvePeer } from "../../../control/identity/resolve-peer.ts";
import type { PeerFacts } from "../../../control/identity/resolve-peer.ts";

const inventory = new InventoryTable(
  parseInventoryFile(`
clusterCidrs: [10.0.0.0/8]
workloads:
  - { namespace: shop, name: user, serviceAccount: user, hosts: [user], addresses: [10.0.0.1] }
  - { namespace: shop, name: orders, serviceAccount: shared, addresses: [10.0.0.2] }
  - { namespace: shop, name: carts, serviceAccount: shared, addresses: [10.0.0.3] }
  - { namespace: shop, name: payment, addresses: [10.0.0.4] }
  - { namespace: shop, name: user-db, role: store, hosts: [user-db], addresses: [10.0.0.5] }
  - { namespace: other, name: thing, addresses: [10.0.0.6] }
`),
);

const sa = (namespace: string, name: string): string => `spiffe://cluster.local/ns/${namespace}/sa/${name}`;

type Case = [name: string, facts: Partial<PeerFacts>, expected: string];

const inbound: Case[] = [
  ["an address the inventory knows", { address: "10.0.0.1" }, "shop/user"],
  ["an IPv4-mapped address", { address: "::ffff:10.0.0.1" }, "shop/user"],
  ["an address inside that nobody holds", { address: "10.1.1.1" }, "unresolved/unknown-address"],
  ["an address outside", { address: "203.0.113.5" }, "external/clients"],
  ["another address outside", { address: "2001:db8::1" }, "external/clients"],
  ["no address", {}, "unresolved/no-address"],
  [
    "a host that a client states is not believed",
    { address: "203.0.113.5", authority: "user.shop" },
    "external/clients",
  ],
  ["a cluster says nothing of a client", { address: "203.0.113.5", cluster: "user" }, "external/clients"],
  ["metadata from inside", { address: "10.1.1.1", namespace: "shop", workload: "payment" }, "shop/payment"],
  ["metadata of a workload that the inventory lacks", { address: "10.1.1.1", namespace: "a", workload: "b" }, "a/b"],
  [
    "metadata from outside is not believed",
    { address: "203.0.113.5", namespace: "shop", workload: "user" },
    "external/clients",
  ],
  ["half of the metadata", { address: "10.0.0.4", namespace: "shop" }, "shop/payment"],
  ["a certificate of an account that one workload has", { principal: sa("shop", "user") }, "shop/user"],
  ["such a certificate behind a NAT", { principal: sa("shop", "user"), address: "203.0.113.5" }, "shop/user"],
  ["such a certificate at another's address", { principal: sa("shop", "user"), address: "10.0.0.4" }, "shop/user"],
  ["a shared account and the address of one", { principal: sa("shop", "shared"), address: "10.0.0.3" }, "shop/carts"],
  ["a shared account alone", { principal: sa("shop", "shared") }, "unresolved/service-account/shop/shared"],
  [
    "a shared account at an address of none of them",
    { principal: sa("shop", "shared"), address: "10.0.0.4" },
    "unresolved/service-account/shop/shared",
  ],
  [
    "an account of no workload and an address",
    { principal: sa("shop", "default"), address: "10.0.0.4" },
    "shop/payment",
  ],
  [
    "an address of another namespace than the certificate's",
    { principal: sa("shop", "default"), address: "10.0.0.6" },
    "unresolved/service-account/shop/default",
  ],
  [
    "an account is no workload, even of the same name",
    { principal: sa("shop", "payment") },
    "unresolved/service-account/shop/payment",
  ],
  [
    "metadata that agrees with the certificate",
    { principal: sa("shop", "shared"), namespace: "shop", workload: "orders" },
    "shop/orders",
  ],
  [
    "metadata that contradicts the certificate",
    { principal: sa("shop", "user"), namespace: "other", workload: "thing" },
    "shop/user",
  ],
  [
    "metadata of a workload that does not run under the certificate's account",
    { principal: sa("shop", "user"), namespace: "shop", workload: "orders" },
    "shop/user",
  ],
  ["a certificate of another form", { principal: "spiffe://x/workload/y", address: "10.0.0.1" }, "shop/user"],
  ["no room in the reporter's table", { address: "~other" }, "unresolved/~other"],
];

const outbound: Case[] = [
  ["an upstream the inventory knows", { address: "10.0.0.5:5432", cluster: "user-db" }, "shop/user-db"],
  ["the upstream's address before its cluster", { address: "10.0.0.1:80", cluster: "user-db" }, "shop/user"],
  ["a cluster by host, not reached", { cluster: "user" }, "shop/user"],
  ["an Istio cluster", { cluster: "outbound|80||user.shop.svc.cluster.local" }, "shop/user"],
  ["an Istio cluster of a subset", { cluster: "outbound|80|v1|user.shop.svc.cluster.local" }, "shop/user"],
  [
    "an Istio cluster and an address of nobody",
    { address: "10.1.1.1:80", cluster: "outbound|80||user.shop.svc.cluster.local" },
    "shop/user",
  ],
  [
    "a service of no known workload",
    { cluster: "outbound|80||ghost.shop.svc.cluster.local" },
    "unresolved/service/ghost.shop",
  ],
  [
    "a ServiceEntry",
    { address: "198.51.100.1:443", cluster: "outbound|443||API.Stripe.com" },
    "external/api.stripe.com",
  ],
  [
    "the host of what leaves the mesh",
    { address: "198.51.100.1:443", cluster: "PassthroughCluster", authority: "Api.Example.com:443" },
    "external/api.example.com",
  ],
  ["the host of what never left", { cluster: "internet", authority: "example.com" }, "external/example.com"],
  ["an address outside without a host", { address: "198.51.100.1:443", cluster: "internet" }, "external/198.51.100.1"],
  [
    "a host for an address inside is not believed",
    { address: "10.1.1.1:80", authority: "evil.example" },
    "unresolved/unknown-address",
  ],
  ["a host that cannot be one", { authority: "<script>" }, "external/~other"],
  ["a host that would pass for all clients", { authority: "clients" }, "external/~other"],
  ["no route", {}, "unresolved/no-route"],
  ["a cluster of nobody", { cluster: "mystery" }, "unresolved/cluster/mystery"],
  ["no room in the reporter's table", { cluster: "~other", address: "10.0.0.1:80" }, "unresolved/~other"],
];

for (const [side, cases] of [
  ["inbound", inbound],
  ["outbound", outbound],
] as const) {
  for (const [name, facts, expected] of cases) {
    test(`${side}: ${name}`, () => {
      const peer = { address: "", principal: "", cluster: "", authority: "", namespace: "", workload: "", ...facts };
      const context = {
        inventory,
        externalHosts: new ExternalHosts(),
        isOutbound: side === "outbound",
        atMs: Date.now(),
      };
      const node = resolvePeer(peer, context);
      assert.is(node.id, expected);
      assert.is(node.kind === "unresolved", node.reason !== "", "the unresolved say why, and only they");
    });
  }
}

test("an address that changed hands while it was counted is nobody's, but for what the cluster says", () => {
  const reused = new InventoryTable(
    parseInventoryFile(`
workloads:
  - { namespace: shop, name: user, hosts: [user], addresses: [{ address: 10.0.0.1, to: 2026-06-01T00:00:00Z }] }
  - { namespace: shop, name: carts, addresses: [{ address: 10.0.0.1, from: 2026-06-01T00:00:00Z }] }
`),
  );
  const handedOnMs = Date.parse("2026-06-01T00:00:00Z");
  const who = (isOutbound: boolean, cluster: string, [atMs, untilMs]: readonly [number, number]): string => {
    const peer = { address: "10.0.0.1", principal: "", cluster, authority: "", namespace: "", workload: "" };
    return resolvePeer(peer, { inventory: reused, externalHosts: new ExternalHosts(), isOutbound, atMs, untilMs }).id;
  };
  const before = [handedOnMs - 1_000, handedOnMs] as const;
  const across = [handedOnMs - 500, handedOnMs + 500] as const;
  assert.is(who(false, "", before), "shop/user");
  assert.is(who(false, "", across), "unresolved/address-reused");
  assert.is(who(true, "", across), "unresolved/address-reused");
  assert.is(who(true, "user", across), "shop/user");
});

test("external hosts are bounded, counted, and the same after a restart", () => {
  const hosts = new ExternalHosts(3);
  for (const host of ["a.example", "b.example", "A.example:443", "c.example"]) hosts.node(host);
  assert.is(hosts.node("d.example").id, "external/~other");
  assert.is(hosts.node("b.example.").id, "external/b.example");
  assert.is(hosts.cut, 1);
  const next = new ExternalHosts(3);
  next.restore([hosts.node("c.example"), hosts.node("zz.example"), { ...hosts.node("a.example"), kind: "workload" }]);
  for (const host of ["x.example", "y.example", "z.example"]) next.node(host);
  assert.is(next.node("c.example").id, "external/c.example");
  assert.is(next.node("z.example").id, "external/~other", "c, x and y are three");
});

test("SPIFFE ids and cluster names", () => {
  assert.equal(parseSpiffeId("spiffe://td/ns/a/sa/b"), { namespace: "a", name: "b" });
  for (const id of ["", "spiffe://td/ns/a/sa/", "spiffe://td/ns/a/sa/b/c", "http://td/ns/a/sa/b", "spiffe://td/sa/b"]) {
    assert.is(parseSpiffeId(id), undefined, id);
  }
  assert.is(hostOfCluster("outbound|80||a.b"), "a.b");
  assert.is(hostOfCluster("outbound|80|a.b"), "outbound|80|a.b");
  assert.is(hostOfCluster("outbound_.80_._.a.b"), "outbound_.80_._.a.b");
});

test.run();
