import { suite } from "uvu";
import * as assert from "uvu/assert";

import { parseDuration } from "../../control/alerts/objects/quantities.ts";
import {
  budgetOver,
  budgetWords,
  groupObjectives,
  objectiveShare,
  sortObjectives,
} from "../../ui/src/model/objectives.ts";
import { readSlo } from "../../ui/src/model/written.ts";
import { UiBrowser } from "./browser.ts";
import { faultyShop } from "./fixtures/alerts.ts";
import { manyObjectives, objective, shopObjectives } from "./fixtures/objectives.ts";
import { shop } from "./fixtures/shop.ts";
import { brokenReferences, lowContrast, nameless } from "./page.ts";
import { loud } from "../loud.ts";

const test = suite("objectives");
const browser = new UiBrowser();
test.before(loud(() => browser.start()));
test.after(() => browser.stop());

const seen = { scene: (atMs: number) => shop({ atMs, faults: true }), alerts: faultyShop };
const point = (atMs: number, success: number, serverError: number) => ({
  atMs,
  outcomes: { success, clientError: 0, serverError, notReached: 0, noAnswer: 0 },
  ...{ requestBytes: 0, responseBytes: 0, latencyMs: [] },
});

test("a budget ends where control says that it is, and burns by what was bad in each step", () => {
  const points = [point(0, 1000, 0), point(1, 990, 10), point(2, 0, 0)];
  const { left, burn } = budgetOver(points, { objective: 0.99, requests: 4000, bad: 20 });
  // Of the 20 that were bad 10 came before these points: 40 are allowed.
  assert.equal(
    left.map((share) => Number(share.toFixed(6))),
    [0.75, 0.5, 0.5],
  );
  assert.equal(
    burn.map((rate) => rate && Number(rate.toFixed(6))),
    [0, 1, null],
  );
  assert.equal(budgetOver([point(0, 0, 0)], { objective: 0.99, requests: 0, bad: 0 }).left, [1]);
});

test("of a latency that which was slow is bad, of all that was timed", () => {
  const slow = (timed: number, slower: number) => ({ ...point(0, timed, 5), slow: { timed, slower } });
  const { left, burn } = budgetOver([slow(100, 1), slow(0, 0)], { objective: 0.9, requests: 100, bad: 1 });
  assert.equal(
    [left, burn].map((each) => each.map((value) => value && Number(value.toFixed(6)))),
    [
      [0.9, 0.9],
      [0.1, null],
    ],
  );
});

test("shares read so finely that they are told from what was promised", () => {
  assert.equal([0.9987, 0.999975, 1, 0.5].map(objectiveShare), [
    "99.87\u00a0%",
    "99.9975\u00a0%",
    "100\u00a0%",
    "50\u00a0%",
  ]);
  assert.equal([0.229, -0.3, -50].map(budgetWords), ["22\u00a0%", "-30\u00a0%", "-999\u00a0%"]);
});

test("objectives are sorted by a column either way and grouped by what they share", () => {
  const all = shopObjectives(0);
  const first = (sort: string) => sortObjectives(all, sort)[0]!.labels["workload"];
  assert.equal(
    [first(""), first("burn"), first("-burn"), first("runsOut"), first("state")],
    [...["sock-shop/user", "sock-shop/user", "sock-shop/front-end", "sock-shop/user", "sock-shop/front-end"]],
  );
  const names = (by: "slo" | "owner" | "namespace") => groupObjectives(all, by).map(({ name }) => name);
  assert.equal(names("slo"), ["availability", "checkout-latency"]);
  assert.equal(names("owner"), ["team-accounts", "nobody in particular"]);
  assert.equal(names("namespace"), ["sock-shop"]);
});

test("what an SLO counts as bad is read of its text, also of one that is broken", () => {
  assert.equal(readSlo("spec:\n  indicator: availability\n  where: [a=b]\n"), {
    indicator: "availability",
    underMs: undefined,
    where: ["a=b"],
  });
  for (const under of ["1s", "300ms", "1.5 s", "2m", "1h"]) {
    const { indicator, underMs } = readSlo(`spec: { indicator: { latency: { under: ${under} } } }`);
    assert.equal([indicator, underMs], ["latency", parseDuration(under)], "as control reads it");
  }
  for (const under of ["soon", "[1s]", ""]) {
    assert.is(readSlo(`spec: { indicator: { latency: { under: ${under} } } }`).underMs, undefined, under);
  }
  assert.equal(readSlo("spec: [").where, []);
});

test("the table says what is left, how fast it burns and when it runs out; a row opens its charts and alerts", async () => {
  await browser.visit({ ...seen, path: "/slos" }, async ({ page, complaints }) => {
    const row = page.getByRole("row", { name: /front-end/ });
    const told = (await row.innerText()).replace(/\s+/g, " ");
    assert.match(told, /Burns too fast 22 % 99\.922 % \/ 99\.9 % 41× ?6\.4× ?1\.2× in [45] h/);
    assert.match(
      (await page.getByRole("row", { name: /user/ }).innerText()).replace(/\s+/g, " "),
      /Budget used up -30 %/,
    );
    assert.equal(await nameless(page), []);
    await row.click();
    await page.getByRole("heading", { name: "front-end" }).waitFor();
    await page
      .getByRole("img", { name: /Burn rate over time/ })
      .locator("canvas")
      .waitFor();
    assert.is(await page.locator("[data-alert]").count(), 1);
    assert.equal(await brokenReferences(page), []);
    await page.goBack();
    await row.waitFor();
    assert.equal(complaints, []);
  });
});

test("the budget of a latency is drawn of what was slower than its limit", async () => {
  await browser.visit({ ...seen, path: "/slos" }, async ({ page, complaints }) => {
    const asked = page.waitForRequest((request) => request.url().includes("/api/v1/series"));
    await page.getByRole("row", { name: /checkout-latency/ }).click();
    assert.is(new URL((await asked).url()).searchParams.get("slowerThan"), "300");
    for (const name of [/Budget left over time/, /Burn rate over time/]) {
      await page.getByRole("img", { name }).locator("canvas").waitFor();
    }
    assert.equal(complaints, []);
  });
});

test("thousands are shown a page at a time, searched and grouped by the address", async () => {
  await browser.visit({ ...seen, path: "/slos?q=team-3+domain-15&group=namespace" }, async ({ page, server }) => {
    server.alerts.objectives = () => manyObjectives(2000);
    await page.reload();
    await page
      .getByRole("rowheader", { name: /^domain-15/ })
      .first()
      .waitFor();
    const found = await page.locator("[data-objective]").count();
    assert.ok(found > 5 && found < 60, String(found));
    await page.getByRole("searchbox").fill("");
    await page.getByText("100 of 2k").waitFor();
    await page.getByRole("button", { name: "Show more" }).click();
    assert.is(await page.locator("[data-objective]").count(), 200);
  });
});

test("before anything was asked for the room says what will be there", async () => {
  await browser.visit({ ...seen, path: "/services" }, async ({ page, server }) => {
    server.alerts.objectives = () => [];
    await page.getByRole("link", { name: "SLOs" }).click();
    await page.getByText("No objective is known yet.").waitFor();
    server.alerts.objectives = () => [
      objective({ labels: { workload: "a/b" }, requests: 0, bad: 0, budgetLeft: 1, actual: 1 }),
    ];
    await page.reload();
    await page.getByText("Nothing asked").waitFor();
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`every word of the objectives can be read in ${colorScheme}`, async () => {
    await browser.visit({ ...seen, path: "/slos", colorScheme }, async ({ page }) => {
      await page.getByRole("row", { name: /front-end/ }).waitFor();
      assert.equal(await lowContrast(page, "main :is(p, th, td, h1, span, b)", 4.5), []);
    });
  });
}

test.run();
