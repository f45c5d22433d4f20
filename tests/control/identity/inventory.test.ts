import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { AddressRanges, normalizeAddress } from "../../../control/identity/address.ts";
import { parseInventoryFile } from "../../../control/identity/inventory-file.ts";
import { InventoryTable } from "../../../control/identity/inventory-table.ts";
import { StaticInventory } from "../../../control/identity/static-inventory.ts";

const NOW = Date.parse("2026-06-01T00:00:00Z");

function table(yaml: string): InventoryTable {
  return new InventoryTable(parseInventoryFile(yaml));
}

const SHOP = `
clusterCidrs: [10.0.0.0/8, fd00::/8]
workloads:
  - namespace: shop
    name: user
    hosts: [User, user-api.internal]
    serviceAccount: user
    addresses: [10.0.1.7, "fd00::7"]
  - namespace: shop
    name: user-db
    kind: StatefulSet
    role: store
    service: db
    addresses:
      - { address: 10.0.2.8, from: 2026-03-01T10:00:00Z, to: 2026-03-01T11:30:00Z }
      - { address: 10.0.9.9, to: 2026-01-01T00:00:00Z }
  - namespace: shop
    name: carts
    addresses:
      - { address: 10.0.2.8, from: 2026-03-01T12:00:00Z }
      - { address: 10.0.9.9, from: 2026-01-01T00:00:00Z }
      - 192.0.2.1
`;

test("one spelling for an address", () => {
  const cases: [string, string | undefined][] = [
    ["10.0.0.1", "10.0.0.1"],
    ["10.0.0.1:8080", "10.0.0.1"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["[::ffff:10.0.0.1]:80", "10.0.0.1"],
    ["::FFFF:0a00:0001", "10.0.0.1"],
    ["FD00:0:0::7", "fd00::7"],
    ["[fd00::7]:443", "fd00::7"],
    ["fe80::1%eth0", "fe80::1"],
    ["::", "::"],
    ["", undefined],
    ["[", undefined],
    ["10.0.0", undefined],
    ["010.0.0.1", undefined],
    ["pipe:/run/x.sock", undefined],
    ["envoy://internal/", undefined],
    ["::ffff:fd00::", undefined],
  ];
  for (const [given, expected] of cases) assert.is(normalizeAddress(given), expected, given);
});

test("ranges of both families", () => {
  const ranges = new AddressRanges(["10.0.0.0/8", "fd00::/8", "203.0.113.7/32"]);
  for (const inside of ["10.255.0.1", "fdff::1", "203.0.113.7"]) assert.ok(ranges.contains(inside), inside);
  for (const outside of ["11.0.0.0", "fe80::1", "203.0.113.8", "::"]) assert.not(ranges.contains(outside), outside);
});

test("addresses are known under any spelling", () => {
  const inventory = table(SHOP);
  for (const address of ["10.0.1.7", "::ffff:10.0.1.7", "10.0.1.7:80", "fd00:0::7", "[fd00::7]:1"]) {
    assert.is(inventory.byAddress(address, NOW)?.id, "shop/user", address);
  }
  assert.is(inventory.byAddress("10.0.1.8", NOW), undefined);
  assert.is(inventory.byAddress("nonsense", NOW), undefined);
});

test("who held an address depends on when", () => {
  const inventory = table(SHOP);
  const cases: [string, string, string | undefined][] = [
    ["10.0.2.8", "2026-03-01T09:59:59.999Z", undefined],
    ["10.0.2.8", "2026-03-01T10:00:00.000Z", "shop/user-db"],
    ["10.0.2.8", "2026-03-01T11:29:59.999Z", "shop/user-db"],
    ["10.0.2.8", "2026-03-01T11:30:00.000Z", undefined],
    ["10.0.2.8", "2026-03-01T12:00:00.000Z", "shop/carts"],
    ["10.0.2.8", "2036-03-01T12:00:00.000Z", "shop/carts"],
    ["10.0.9.9", "1999-01-01T00:00:00.000Z", "shop/user-db"],
    ["10.0.9.9", "2026-01-01T00:00:00.000Z", "shop/carts"],
  ];
  for (const [address, at, expected] of cases) {
    assert.is(inventory.byAddress(address, Date.parse(at))?.id, expected, `${address} at ${at}`);
  }
});

test("over a span an address is whose it was all that while, and nobody's when it changed hands", () => {
  const inventory = table(`workloads:
  - namespace: shop
    name: user
    addresses:
      - { address: 10.0.0.1, pod: user-1, to: 2026-03-01T10:00:00Z }
      - { address: 10.0.0.1, pod: user-2, from: 2026-03-01T10:00:00Z, to: 2026-03-01T11:00:00Z }
  - namespace: shop
    name: carts
    addresses: [{ address: 10.0.0.1, pod: carts-1, from: 2026-03-01T11:00:00Z, to: 2026-03-01T12:00:00Z }]`);
  const cases: [from: string, until: string, workload: string | undefined, pod: string | undefined][] = [
    ["09:59:59.000", "10:00:00.000", "shop/user", "shop/user-1"],
    ["09:59:59.500", "10:00:00.500", "shop/user", undefined],
    ["10:59:59.000", "11:00:00.000", "shop/user", "shop/user-2"],
    ["10:59:59.500", "11:00:00.500", undefined, undefined],
    ["11:30:00.000", "12:30:00.000", "shop/carts", "shop/carts-1"],
    ["12:00:00.000", "12:00:01.000", undefined, undefined],
  ];
  for (const [from, until, workload, pod] of cases) {
    const span = [Date.parse(`2026-03-01T${from}Z`), Date.parse(`2026-03-01T${until}Z`)] as const;
    assert.is(inventory.byAddress("10.0.0.1:80", ...span)?.id, workload, from);
    assert.is(inventory.podAt("10.0.0.1", ...span)?.pod, pod, from);
    const isReused = from === "10:59:59.500";
    assert.is(inventory.whyNobody("10.0.0.1", ...span)?.id, isReused ? "unresolved/address-reused" : undefined, from);
  }
});

test("hosts are known without case, port and trailing dot; a service's DNS names are implied", () => {
  const inventory = table(SHOP);
  for (const host of [
    "user",
    "USER:80",
    "user-api.internal.",
    "user.shop",
    "user.shop.svc",
    "user.shop.svc.cluster.local",
  ]) {
    assert.is(inventory.byHost(host, NOW)?.id, "shop/user", host);
  }
  assert.is(inventory.byHost("db.shop.svc.cluster.local", NOW)?.id, "shop/user-db");
  assert.is(inventory.byHost("user-db.shop", NOW), undefined, "a workload's name is not its service's");
});

test("a service with several workloads behind it names none of them", () => {
  const inventory = table(`workloads:
  - { namespace: shop, name: user-v1, service: user }
  - { namespace: shop, name: user-v2, service: user, hosts: [user-v2] }`);
  assert.is(inventory.byHost("user.shop.svc", NOW), undefined);
  assert.is(inventory.byHost("user-v2", NOW)?.id, "shop/user-v2");
});

test("what is inside: the ranges, and whatever a workload holds", () => {
  const inventory = table(SHOP);
  for (const address of ["10.9.9.9", "::ffff:10.9.9.9", "fd12::1", "192.0.2.1"])
    assert.ok(inventory.isInside(address), address);
  for (const address of ["8.8.8.8", "2001:db8::1", "nonsense", ""]) assert.not(inventory.isInside(address), address);
  assert.ok(table("").isInside("172.16.0.1"), "the private ranges by default");
});

test("kinds, names and defaults", () => {
  const inventory = table(SHOP);
  assert.equal(inventory.byName("shop", "user-db"), {
    id: "shop/user-db",
    kind: "store",
    namespace: "shop",
    name: "user-db",
    workloadKind: "StatefulSet",
    service: "db",
    reason: "",
  });
  assert.is(inventory.byName("shop", "carts")?.workloadKind, "Deployment");
  assert.is(inventory.workloads().length, 3);
  assert.equal(
    inventory.byServiceAccount("shop", "user").map((node) => node.id),
    ["shop/user"],
  );
});

const wrong: [string, string, RegExp][] = [
  ["broken YAML", "workloads: [\n  {", /line 2/],
  ["an unknown field", "workloads:\n  - { namespace: a, name: b, hots: [x] }", /line 2, workloads\[0\]: .*hots/],
  ["a field of the wrong kind", "workloads:\n  - namespace: a\n    name: 7", /line 3, workloads\[0\].name/],
  ["an unknown role", "workloads:\n  - { namespace: a, name: b, role: db }", /line 2, workloads\[0\].role/],
  ["an address with a port", "workloads:\n  - { namespace: a, name: b, addresses: ['10.0.0.1:80'] }", /without a port/],
  [
    "no address",
    "workloads:\n- {namespace: a, name: b, addresses: [localhost]}",
    /addresses\[0\].address: must be an IP/,
  ],
  [
    "a pod that is no name",
    "workloads:\n- {namespace: a, name: b, addresses: [{address: 10.0.0.1, pod: a/b}]}",
    /line 2, workloads\[0\].addresses\[0\].pod: must be 1 to 253 letters/,
  ],
  [
    "a version longer than a label",
    `workloads: [{namespace: a, name: b, version: "${"v".repeat(64)}"}]`,
    /workloads\[0\].version/,
  ],
  [
    "no time",
    "workloads:\n- {namespace: a, name: b, addresses: [{address: 10.0.0.1, from: soon}]}",
    /from: must be a time/,
  ],
  [
    "a time that ends before it begins",
    "workloads:\n- {namespace: a, name: b, addresses: [{address: 10.0.0.1, from: 2026-01-02, to: 2026-01-01}]}",
    /`from` must be before `to`/,
  ],
  ["no range", "clusterCidrs: [10.0.0.0]", /line 1, clusterCidrs\[0\]: must be an address range/],
  ["a prefix too long", "clusterCidrs: [10.0.0.0/33]", /must be an address range/],
  ["a workload twice", "workloads: [{namespace: a, name: b}, {namespace: a, name: b}]", /a\/b is there twice/],
  [
    "a host of two",
    "workloads: [{namespace: a, name: b, hosts: [x]}, {namespace: a, name: c, hosts: [X]}]",
    /host "x" is claimed by both a\/b and a\/c/,
  ],
  [
    "an address of two at a time",
    "workloads: [{namespace: a, name: b, addresses: [10.0.0.1]}, {namespace: a, name: c, addresses: ['::ffff:10.0.0.1']}]",
    /10\.0\.0\.1 is held by a\/b and a\/c at the same time/,
  ],
];

for (const [name, yaml, expected] of wrong) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => table(yaml),
      (error: Error) => expected.test(error.message) || assert.unreachable(error.message),
    );
  });
}

test("a file is read again when it changes, and a bad edit keeps what was", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sidelight-inventory-"));
  const path = join(folder, "inventory.yaml");
  writeFileSync(path, SHOP);
  const inventory = await StaticInventory.load(path);
  const events: string[] = [];
  const unwatch = inventory.watch(
    { changed: () => events.push("changed"), refused: (error) => events.push(error.message) },
    20,
  );
  const next = async (): Promise<string> => {
    for (let i = 0; i < 400 && events.length === 0; i += 1) await sleep(10);
    return events.shift() ?? "nothing";
  };
  try {
    writeFileSync(path, "workloads:\n  - { namespace: shop }");
    assert.match(await next(), /Reading the inventory at .*inventory\.yaml: line 2, workloads\[0\]\.name/);
    assert.is(inventory.byName("shop", "user")?.id, "shop/user");
    // As a mounted ConfigMap does it: another file takes the place.
    writeFileSync(join(folder, "new.yaml"), "workloads: [{ namespace: shop, name: payment }]");
    renameSync(join(folder, "new.yaml"), path);
    assert.is(await next(), "changed");
    assert.equal(
      inventory.workloads().map((node) => node.id),
      ["shop/payment"],
    );
    rmSync(path);
    assert.match(await next(), /ENOENT/);
    assert.is(inventory.workloads().length, 1);
  } finally {
    unwatch();
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
