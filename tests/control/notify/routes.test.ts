import { test } from "uvu";
import * as assert from "uvu/assert";
import { receiversOf, routeSpec } from "../../../control/notify/routes.ts";
import { alertOf, incidentOf } from "./fixtures.ts";

const ALL = ["slack", "pager", "audit", "shop"];
const routes = (...specs: unknown[]): ReturnType<typeof routeSpec.parse>[] =>
  specs.map((spec) => routeSpec.parse(spec));

test("where there are no routes everybody is told", () => {
  assert.equal(receiversOf(incidentOf(), [], ALL), ALL);
});

test("the first that takes an alert has it, unless it continues; each alert of an incident finds its own", () => {
  const given = routes(
    { receivers: ["audit"], continue: true },
    { matchers: ["severity=critical"], receivers: ["pager"] },
    { matchers: ["namespace=shop", "owner=~team-.*"], receivers: ["shop"] },
    { receivers: ["slack"] },
  );
  assert.equal(receiversOf(incidentOf(), given, ALL).sort(), ["audit", "pager", "shop"]);
  const other = incidentOf({ alerts: [alertOf({ severity: "warning", owner: "nobody" })] });
  assert.equal(receiversOf(other, given, ALL).sort(), ["audit", "slack"]);
});

test("what no route takes goes to nobody, and so does what goes to a receiver that is not there", () => {
  assert.equal(receiversOf(incidentOf(), routes({ matchers: ["rule=none"], receivers: ["slack"] }), ALL), []);
  assert.equal(receiversOf(incidentOf(), routes({ receivers: [] }, { receivers: ["slack"] }), ALL), []);
  assert.equal(receiversOf(incidentOf(), routes({ receivers: ["gone", "slack"] }), ALL), ["slack"]);
});

test.run();
