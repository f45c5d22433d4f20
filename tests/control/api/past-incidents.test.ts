import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ShownAlert } from "../../../control/api/alert-source.ts";
import { pastIncidents } from "../../../control/api/past-incidents.ts";
import type { AlertCause } from "../../../control/store/alert-event.ts";
import { AT_MS, shownAlert } from "./fixture-alerts.ts";

const resolved = (changed: Partial<ShownAlert>): ShownAlert => {
  return shownAlert({ state: "resolved", resolvedMs: AT_MS, resolvedBy: "recovered", ...changed });
};

const told = (alerts: readonly ShownAlert[], causes: Readonly<Record<string, AlertCause>> = {}) =>
  pastIncidents({ alerts, causes: new Map(Object.entries(causes)) });

test("alerts of one incident are one, in the order in which they fired", () => {
  const user = resolved({ rule: "user", sinceMs: AT_MS - 500, firedMs: AT_MS - 400, resolvedMs: AT_MS - 50 });
  const orders = resolved({
    ...{ rule: "orders", labels: { workload: "shop/orders" }, severity: "warning" },
    ...{ sinceMs: AT_MS - 600, firedMs: AT_MS - 300, resolvedMs: AT_MS - 20 },
  });
  const [incident, ...more] = told([orders, user]);
  assert.equal(more, []);
  assert.equal(incident, {
    id: "one",
    state: "resolved",
    severity: "critical",
    sinceMs: AT_MS - 600,
    resolvedMs: AT_MS - 20,
    origin: { server: "", method: "", route: "" },
    alerts: [user, orders],
    affected: ["shop/orders", "shop/user"],
    mutedBy: "",
    isTold: null,
  });
});

test("it is open while one of its alerts is", () => {
  const [incident] = told([resolved({ rule: "a" }), shownAlert({ rule: "b" })]);
  assert.equal([incident?.state, incident?.resolvedMs], ["firing", null]);
});

test("the origin is the server that all are about, and the endpoint if it is one", () => {
  const called = (client: string, route: string): ShownAlert => {
    return resolved({ labels: { "server.workload": "shop/user", "client.workload": client, method: "GET", route } });
  };
  const [one] = told([called("shop/orders", "/cards"), called("shop/front-end", "/cards")]);
  assert.equal(one?.origin, { server: "shop/user", method: "GET", route: "/cards" });
  assert.equal(one?.affected, ["shop/front-end", "shop/orders"]);
  const [two] = told([called("shop/orders", "/cards"), called("shop/orders", "/login")]);
  assert.equal(two?.origin, { server: "shop/user", method: "GET", route: "" });
});

test("what was kept of its cause goes before what labels tell", () => {
  const cause = { server: "shop/user", method: "GET", route: "/cards", affected: ["shop/edge"] };
  const hurt = resolved({ labels: { workload: "shop/orders" } });
  const [kept, ...others] = told([hurt], { one: cause, other: { ...cause, server: "shop/cart" } });
  assert.equal(others, []);
  assert.equal(kept?.origin, { server: "shop/user", method: "GET", route: "/cards" });
  assert.equal(kept?.affected, ["shop/edge"]);
});

test("it is muted where all of its alerts are", () => {
  const [held] = told([resolved({ rule: "a", mutedBy: "night" }), resolved({ rule: "b", mutedBy: "night" })]);
  assert.is(held?.mutedBy, "night");
  const [heard] = told([resolved({ rule: "a", mutedBy: "night" }), resolved({ rule: "b" })]);
  assert.is(heard?.mutedBy, "");
});

test("the newest comes first; what was pending only is of none", () => {
  const alerts = [
    resolved({ incident: "old", sinceMs: AT_MS - 900 }),
    shownAlert({ incident: "", state: "pending", firedMs: null }),
    resolved({ incident: "new", sinceMs: AT_MS - 100 }),
  ];
  assert.equal(
    told(alerts).map(({ id }) => id),
    ["new", "old"],
  );
});

test.run();
