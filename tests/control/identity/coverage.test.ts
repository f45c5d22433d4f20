import { suite } from "uvu";
import * as assert from "uvu/assert";

import { ReporterKind } from "#proto/ingest.ts";
import { Coverage, MAX_COVERED } from "../../../control/identity/coverage.ts";
import { parseInventoryFile } from "../../../control/identity/inventory-file.ts";
import { InventoryTable } from "../../../control/identity/inventory-table.ts";
import { helloOf } from "../reporter-client.ts";

interface Context {
  coverage: Coverage;
  opaque: Set<string>;
  isSettled: boolean;
}
const test = suite<Context>("coverage");

const pods = (from: number, count: number, node: string): string =>
  Array.from({ length: count }, (_, index) => {
    const number = from + index;
    return `{ address: 10.1.${number >> 8}.${number & 255}, pod: crowd-${number}, node: ${node} }`;
  }).join(", ");

const inventory = new InventoryTable(
  parseInventoryFile(`
workloads:
  - { namespace: shop, name: orders, addresses: [{ address: 10.0.0.1, pod: orders-1, node: n1 }, { address: 10.0.0.2, pod: orders-2, node: n2 }] }
  - { namespace: shop, name: user, addresses: [{ address: 10.0.0.3, pod: user-1, node: n1 }] }
  - { namespace: shop, name: db, role: store, addresses: [{ address: 10.0.0.5, pod: db-0, node: n2 }] }
  - { namespace: shop, name: crowd, addresses: [${pods(0, 600, "n2")}] }
`),
);

test.before.each((context) => {
  context.opaque = new Set();
  context.isSettled = true;
  context.coverage = new Coverage({
    inventory,
    opaqueServers: () => context.opaque,
    isSettled: () => context.isSettled,
    now: () => Date.parse("2026-03-01T12:00:00Z"),
  });
});
test.after.each(({ coverage }) => coverage.close());

const nothing = (): void => undefined;

function sidecar(workload: string, ...addresses: string[]) {
  return helloOf({ namespace: "shop", workload, addresses });
}

/** What the tap of a node is told, each time. */
function tapOn(coverage: Coverage, node: string): (readonly string[])[] {
  const told: (readonly string[])[] = [];
  const hello = helloOf({ kind: ReporterKind.REPORTER_KIND_TAP, nodeId: node });
  coverage.joined(hello, (addresses) => void told.push(addresses));
  return told;
}

test("a tap is told of the pods whose sidecars are there, those of its node first, and again when one comes or goes", ({
  coverage,
}) => {
  const told = tapOn(coverage, "n2");
  coverage.joined(sidecar("orders", "10.0.0.1"), nothing);
  coverage.refresh();
  assert.equal(told, [[]], "none is on its node, so all that passes it has an end that is not known");
  const leave = coverage.joined(sidecar("orders", "10.0.0.2"), nothing);
  coverage.refresh();
  coverage.refresh();
  assert.equal(told, [[], ["10.0.0.2", "10.0.0.1"]], "told once");
  leave();
  coverage.refresh();
  assert.equal(told.at(-1), []);
});

test("stores, who is asked something opaque, and an address that is somebody else's are captured", ({
  coverage,
  opaque,
}) => {
  const told = tapOn(coverage, "n1");
  coverage.joined(sidecar("orders", "10.0.0.1", "10.0.0.3", "10.9.9.9"), nothing);
  coverage.joined(sidecar("user", "10.0.0.3"), nothing);
  coverage.joined(sidecar("db", "10.0.0.5"), nothing);
  coverage.refresh();
  assert.equal(told, [["10.0.0.1", "10.0.0.3"]]);
  opaque.add("shop/user");
  coverage.refresh();
  assert.equal(told.at(-1), ["10.0.0.1"]);
});

test("before sidecars had the time to come back nothing is told", (context) => {
  const { coverage } = context;
  context.isSettled = false;
  const told = tapOn(coverage, "n1");
  coverage.joined(sidecar("orders", "10.0.0.1"), nothing);
  coverage.refresh();
  assert.equal(told, []);
  context.isSettled = true;
  coverage.refresh();
  assert.equal(told, [["10.0.0.1"]]);
});

test("a list has an end, and the tap's own node comes before it", ({ coverage }) => {
  const told = tapOn(coverage, "n1");
  for (let number = 0; number < 600; number += 1) {
    coverage.joined(sidecar("crowd", `10.1.${number >> 8}.${number & 255}`), nothing);
  }
  coverage.joined(sidecar("user", "10.0.0.3"), nothing);
  coverage.refresh();
  assert.is(told[0]!.length, MAX_COVERED);
  assert.is(told[0]![0], "10.0.0.3");
});

test.run();
