/** What makes a dashboard fit for import into any Grafana; what its questions answer is in the tests beside. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DASHBOARDS, questionsOfPanels, readDashboard, textOf } from "./dashboard.ts";

for (const file of DASHBOARDS) {
  const board = readDashboard(file);
  const drawn = board.panels.filter(({ type }) => type !== "row");
  const kind = file.replace(/^sidelight-|\.json$/g, "");

  test(`${file}: can be imported beside others, and shows the last hour`, () => {
    assert.is(board.id, null);
    assert.is(`${board.uid}.json`, file);
    assert.ok(board.schemaVersion >= 39);
    assert.equal(board.time, { from: "now-1h", to: "now" });
    assert.is(board.refresh, "30s");
    assert.ok(board.tags.includes("sidelight"));
  });

  test(`${file}: every question goes to the data source that is chosen`, () => {
    const [chosen] = board.templating.list;
    assert.equal([chosen?.name, chosen?.type, chosen?.query], ["datasource", "datasource", kind]);
    const variables = board.templating.list.filter(({ type }) => type === "query");
    const asked = [...drawn, ...drawn.flatMap(({ targets = [] }) => targets), ...variables];
    assert.ok(asked.length >= 30, `only ${asked.length} places name a data source`);
    for (const one of asked) assert.equal(one.datasource, { type: kind, uid: "${datasource}" });
    assert.not.match(textOf(file), "-- ");
  });

  test(`${file}: panels have ids of their own, say what they show and in which unit, and none lies on another`, () => {
    assert.is(new Set(board.panels.map(({ id }) => id)).size, board.panels.length);
    const places = new Set<string>();
    for (const { title, type, description, targets, fieldConfig, gridPos } of drawn) {
      assert.ok(description && description.length > 30, `${title} has no description`);
      assert.ok(targets && targets.length > 0, `${title} asks nothing`);
      assert.ok(type === "table" || fieldConfig?.defaults.unit, `${title} has no unit`);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          assert.ok(x < 24 && !places.has(`${x} ${y}`), `${title} lies on another panel or beyond the edge`);
          places.add(`${x} ${y}`);
        }
      }
    }
  });

  test(`${file}: questions of one panel have names of their own`, () => {
    const names = questionsOfPanels(board).map(({ name }) => name);
    assert.ok(drawn.every(({ targets = [] }) => new Set(targets.map(({ refId }) => refId)).size === targets.length));
    assert.ok(names.length >= drawn.length);
  });
}

test.run();
