import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { AlertFilter } from "../../ui/src/model/alerts.ts";
import {
  alertsOfEdge,
  alertsOfNode,
  choicesOf,
  howBad,
  loudness,
  matchesFilter,
  subjectWords,
} from "../../ui/src/model/alerts.ts";
import { callKey, markWords, marksOf } from "../../ui/src/model/alert-marks.ts";
import { linkToMoment } from "../../ui/src/model/past.ts";
import { readAddress } from "../../ui/src/state/address.ts";
import { alert, faultyShop, incidentOf } from "./fixtures/alerts.ts";

const test = suite("alerts in words");
const NOW = Date.UTC(2026, 2, 4, 12);
const { alerts, incidents } = faultyShop(NOW);
const ALL: AlertFilter = { state: "", severity: "", rule: "", workload: "", text: "" };

test("what an alert is about reads short, whatever it was grouped by", () => {
  assert.equal(
    [
      { workload: "shop/user", method: "GET", route: "/cards" },
      { "client.workload": "shop/orders", "server.workload": "shop/user" },
      { namespace: "shop" },
      {},
    ].map(subjectWords),
    ["user · GET /cards", "orders → user", "namespace=shop", "everything"],
  );
});

test("how bad is told as a multiple, and not where there is nothing to compare with", () => {
  const bad = (value: number, limit: number, usual: number | null) =>
    howBad(alert({ rule: "r", labels: {}, summary: "", sinceMs: 0, value, limit, usual }));
  assert.equal(bad(0.62, 0.05, 0.002), ["12× its limit", "310× its usual"]);
  assert.equal(bad(0.2, 1, null), ["0.2× its limit"]);
  assert.equal(bad(3, 0, 0), []);
});

test("a filter narrows by each of its parts, and words are found anywhere", () => {
  const found = (part: Partial<AlertFilter>): number =>
    alerts.filter((each) => matchesFilter(each, { ...ALL, ...part })).length;
  assert.is(found({}), 5);
  assert.equal([found({ state: "pending" }), found({ state: "resolved" })], [1, 0]);
  assert.is(found({ severity: "warning" }), 2);
  assert.is(found({ rule: "latency" }), 2);
  assert.is(found({ workload: "sock-shop/edge-router" }), 1, "the one who asks counts too");
  assert.equal([found({ text: "CARDS team-accounts" }), found({ text: "cards nobody" })], [1, 0]);
  const { rules, workloads } = choicesOf(alerts, { rule: "gone", workload: "" });
  assert.equal(rules, ["availability", "edge-errors", "errors", "gone", "latency"]);
  assert.equal(workloads[0], "sock-shop/carts");
});

test("a call is marked by alerts about who calls whom, a workload by every other one that fires", () => {
  const { nodes, calls } = marksOf(alerts);
  assert.equal(nodes.get("sock-shop/user"), { count: 2, severity: "critical", isMuted: false });
  assert.equal([...nodes.keys()].sort(), ["sock-shop/front-end", "sock-shop/user"]);
  const call = callKey({ client: "sock-shop/edge-router", server: "sock-shop/front-end" });
  assert.equal([...calls.keys()], [call]);
  assert.is(markWords(calls.get(call)!), "1 alert firing");
});

test("what is muted is marked, and makes nothing louder", () => {
  const script = { rule: "r", labels: { workload: "a/b" }, summary: "", sinceMs: 0 };
  const muted = alert({ ...script, mutedBy: "night", incident: "1" });
  const loud = alert({ ...script, severity: "warning", incident: "2" });
  assert.equal(marksOf([muted]).nodes.get("a/b"), { count: 1, severity: "critical", isMuted: true });
  assert.equal(marksOf([muted, loud]).nodes.get("a/b"), { count: 2, severity: "warning", isMuted: false });
  const origin = { server: "a/b", method: "", route: "" };
  assert.equal(loudness([incidentOf([muted], origin)]), { count: 0, severity: null });
  assert.equal(loudness([incidentOf([muted], origin), incidentOf([loud], origin)]), { count: 1, severity: "warning" });
  assert.equal(loudness(incidents), { count: 1, severity: "critical" });
});

test("a node shows alerts of either end, an edge those of its call and of its server alone", () => {
  assert.is(alertsOfNode(alerts, "sock-shop/front-end").length, 2);
  assert.is(alertsOfNode(alerts, "sock-shop/carts")[0]?.state, "pending");
  const ofEdge = (client: string) =>
    alertsOfEdge(alerts, { client: `sock-shop/${client}`, server: "sock-shop/front-end" }).map(({ rule }) => rule);
  assert.equal(ofEdge("edge-router"), ["availability", "edge-errors"]);
  assert.equal(ofEdge("orders"), ["availability"]);
});

test("the link to a moment opens the map at it, with what it is about selected", () => {
  const link = linkToMoment(NOW - 7_200_000, NOW, { kind: "node", id: "shop/user" }, "GET /cards");
  const address = readAddress(`http://x${link}`);
  assert.equal([address.room, address.atMs, address.span], ["map", NOW - 7_200_000, "24h"]);
  assert.equal([address.selection, address.endpoint], [{ kind: "node", id: "shop/user" }, "GET /cards"]);
});

test.run();
