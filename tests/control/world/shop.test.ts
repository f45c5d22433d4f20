import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Snapshot } from "../../../control/world/model.ts";
import { World } from "../../../control/world/world.ts";
import { START_MS, endpointsThatAre } from "./fixtures.ts";
import { shopSecond } from "./shop.ts";
import type { Fault } from "./shop.ts";

/** The shop healthy for 40 seconds, then with a fault for 40, then healthy again. Answers for a second. */
function shopWith(fault: Fault): (second: number) => Snapshot {
  return (second) => {
    const world = new World();
    for (let at = 0; at < second; at++) {
      for (const window of shopSecond(at, at >= 40 && at < 80 ? fault : "none")) world.add(window);
    }
    return world.snapshot(START_MS + second * 1_000);
  };
}

const nodesThatAre = (snapshot: Snapshot, health: string): string[] =>
  snapshot.nodes.filter((node) => node.health === health).map((node) => node.id);

const ORDERS_OF_ALL = [
  "edge-router>front-end POST /orders",
  "external/visitors>edge-router POST /orders",
  "front-end>orders POST /orders",
];

function assertFault(snapshot: Snapshot, failing: readonly string[]): void {
  assert.equal(endpointsThatAre(snapshot, "failing"), failing);
  assert.equal(endpointsThatAre(snapshot, "affected"), ORDERS_OF_ALL);
  assert.equal(endpointsThatAre(snapshot, "degraded"), []);
  assert.equal(nodesThatAre(snapshot, "failing"), ["user"]);
  assert.equal(nodesThatAre(snapshot, "affected"), ["edge-router", "front-end", "orders"]);
  assert.equal(nodesThatAre(snapshot, "degraded"), []);
  const failingEdges = snapshot.edges.filter((edge) => edge.health === "failing").map((edge) => edge.id);
  assert.equal(failingEdges, ["front-end>user/http", "orders>user/http"]);
  assert.equal(snapshot.troublePath, [
    "external/visitors>edge-router/http",
    "edge-router>front-end/http",
    "front-end>orders/http",
    "orders>user/http",
  ]);
}

function assertHealthy(snapshot: Snapshot): void {
  assert.equal(
    snapshot.nodes.filter((node) => !["healthy", "idle"].includes(node.health)),
    [],
  );
  assert.equal(
    snapshot.edges.filter((edge) => edge.health !== "healthy"),
    [],
  );
  assert.equal(snapshot.troublePath, []);
}

test("the shop without a fault is healthy everywhere", () => {
  const snapshot = shopWith("none")(40);
  assertHealthy(snapshot);
  assert.is(snapshot.nodes.length, 16, "9 services, 6 stores and the visitors");
});

test("cards errors: red is exactly what serves cards", () => {
  const shop = shopWith("cards errors");
  const failing = [
    "front-end>user GET /cards",
    "front-end>user GET /customers/{id}/cards",
    "orders>user GET /cards/{id}",
  ];
  for (const second of [46, 60, 80]) assertFault(shop(second), failing);
});

test("addresses slow: red is exactly what serves addresses", () => {
  const shop = shopWith("addresses slow");
  const failing = ["front-end>user GET /customers/{id}/addresses", "orders>user GET /addresses/{id}"];
  for (const second of [52, 60, 80]) assertFault(shop(second), failing);
});

test("a symptom says what it comes from", () => {
  const snapshot = shopWith("cards errors")(80);
  const order = snapshot.edges.find((edge) => edge.id === "front-end>orders/http")!.endpoints[0]!;
  assert.equal(order.findings, [{ kind: "errors", text: "100 % errors (limit 5 %), from user" }]);
});

test("after the fault everything is healthy again, within the window", () => {
  for (const fault of ["cards errors", "addresses slow"] as const) assertHealthy(shopWith(fault)(80 + 32));
});

test("a store that refuses connections is the cause, not the service that needs it", () => {
  const world = new World();
  for (let second = 0; second < 40; second++) {
    for (const window of shopSecond(second, "none")) {
      const observations = window.observations.map((observation) => {
        if (observation.server === "catalogue-db") return { ...observation, outcome: "notReached" as const };
        const isHurt = observation.route === "/catalogue" && observation.server !== "edge-router";
        return isHurt ? { ...observation, outcome: "serverError" as const, status: 500 } : observation;
      });
      world.add({ ...window, observations });
    }
  }
  const snapshot = world.snapshot(START_MS + 40_000);
  assert.equal(nodesThatAre(snapshot, "failing"), ["catalogue-db"]);
  assert.equal(nodesThatAre(snapshot, "affected"), ["catalogue", "front-end"]);
});

test.run();
