import { suite } from "uvu";
import * as assert from "uvu/assert";

import { UiBrowser } from "./browser.ts";
import { calmShop, crowdedAlerts, faultyShop } from "./fixtures/alerts.ts";
import { shop } from "./fixtures/shop.ts";
import { brokenReferences, card, cards, link, lowContrast, nameless } from "./page.ts";
import { loud } from "../loud.ts";

const test = suite("alerts");
const browser = new UiBrowser();
test.before(loud(() => browser.start()));
test.after(() => browser.stop());

const calm = (atMs: number) => shop({ atMs });
const faulty = (atMs: number) => shop({ atMs, faults: true });
const bad = { scene: faulty, alerts: faultyShop };

test("an open incident names its origin, since when, how bad, who suffers, and holds its alerts", async () => {
  await browser.visit({ ...bad, path: "/alerts" }, async ({ page, complaints }) => {
    const incident = page.getByRole("article");
    await incident.waitFor();
    const told = await incident.innerText();
    assert.match(told, /user\s+GET \/customers\/\{id\}\/cards/);
    assert.match(told, /62 % of requests .* failed over 5 min/);
    assert.match(told, /12× its limit\s+3100× its usual/);
    assert.match(told, /front-end, edge-router/);
    assert.match(told, /team-accounts/);
    assert.match(told, /since \d\d:\d\d:\d\d/);
    assert.is(await incident.locator("[data-alert]").count(), 4);
    assert.is(await page.getByRole("region", { name: "Pending" }).locator("[data-alert]").count(), 1);
    await page.getByRole("heading", { name: "History 40" }).waitFor();
    assert.equal(await nameless(page), []);
    assert.equal(await brokenReferences(page), []);
    assert.equal(complaints, []);
  });
});

test("what is over names what it was put down to, where that is not itself", async () => {
  await browser.visit({ scene: calm, path: "/alerts" }, async ({ page }) => {
    await page.getByRole("heading", { name: "History 40" }).waitFor();
    const causes = page.locator("[data-cause]");
    await causes.first().waitFor();
    assert.is(await causes.count(), 1, "the alert of payment that was put down to payment says so itself");
    const told = (await causes.innerText()).replace(/\s+/g, " ");
    assert.match(told, /Put down to payment POST \/paymentAuth hurt orders, user/);
    assert.is(await page.locator("[data-alert]").count(), 40);
    assert.equal(await lowContrast(page, "[data-cause] :is(p, a, span)", 4.5), []);
  });
});

test("the rail, the map, its lines and the panels say what the list says, as soon as it is known", async () => {
  await browser.visit({ ...bad, alerts: calmShop }, async ({ page, server }) => {
    await cards(page, 16);
    assert.is(await page.locator("[data-alert-mark]").count(), 0);
    server.alerts.now = faultyShop;
    server.alerts.publish();
    await page.getByRole("link", { name: "1 open incident, Alerts" }).waitFor();
    assert.is(await card(page, "sock-shop/user").locator("[data-alert-mark]").innerText(), "2");
    assert.match((await card(page, "sock-shop/user").getAttribute("aria-label"))!, /2 alerts firing/);
    const line = link(page, "sock-shop/edge-router>sock-shop/front-end/http");
    assert.is(await line.locator("[data-alert-mark]").count(), 1);
    assert.is(await page.locator("[data-alert-mark]").count(), 3);
    await card(page, "sock-shop/user").click();
    const list = page.getByRole("complementary").getByRole("list", { name: "Alerts" });
    assert.is(await list.locator("[data-alert]").count(), 2);
    server.alerts.now = calmShop;
    server.alerts.publish();
    await list.waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Alerts", exact: true }).waitFor();
    assert.is(await page.locator("[data-alert-mark]").count(), 0);
  });
});

test("the map at that moment shows the alerts of that moment", async () => {
  await browser.visit({ ...bad, path: "/alerts" }, async ({ page }) => {
    await page.getByRole("link", { name: "Map at that moment", exact: true }).click();
    await cards(page, 16);
    const address = new URL(page.url());
    assert.match(address.searchParams.get("at")!, /^\d{4}-/);
    assert.is(address.searchParams.get("node"), "sock-shop/user");
    // When it began nothing had fired yet.
    await page.waitForFunction(() => document.querySelectorAll("[data-alert-mark]").length === 0);
  });
});

test("what the lists are narrowed to stands in the address", async () => {
  await browser.visit({ ...bad, path: "/alerts?severity=warning" }, async ({ page }) => {
    await page.getByRole("article").waitFor();
    await page.getByRole("button", { name: "Resolved" }).click();
    await page.getByRole("article").waitFor({ state: "detached" });
    await page.getByLabel("Rule").selectOption("latency");
    const address = new URL(page.url()).searchParams;
    assert.equal(
      [address.get("severity"), address.get("state"), address.get("rule")],
      ["warning", "resolved", "latency"],
    );
    const shown = await page.locator("[data-alert]").count();
    assert.ok(shown > 0 && shown < 40, String(shown));
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByRole("article").waitFor();
    assert.is(new URL(page.url()).search, "");
  });
});

test("nothing wrong says what is watched, and what cannot be judged is no calm", async () => {
  await browser.visit({ scene: calm, path: "/alerts" }, async ({ page, server }) => {
    await page.getByText("Nothing is wrong.").waitFor();
    await page.getByText(/4\srules\s+watch\s+9\sworkloads/).waitFor();
    server.alerts.now = (nowMs) => ({ ...calmShop(nowMs), waits: "the history is not there yet" });
    server.alerts.publish();
    await page.getByText("Rules are not judged just now: the history is not there yet.").waitFor();
    assert.is(await page.getByText("Nothing is wrong.").count(), 0);
  });
});

test("alerts that cannot be fetched are told, with a way to try again", async () => {
  await browser.visit({ ...bad, path: "/services" }, async ({ page }) => {
    await page.route(/\/api\/v1\/(alerts|incidents)/, (route) =>
      route.fulfill({ status: 503, json: { error: { message: "No rules are judged yet" } } }),
    );
    await page.reload();
    await page.getByRole("link", { name: "Alerts" }).click();
    await page.getByText("Fetching the alerts: No rules are judged yet.").waitFor();
    await page.unrouteAll();
    await page.getByRole("button", { name: "Try again" }).first().click();
    await page.getByRole("article").waitFor();
  });
});

test("hundreds of alerts are shown a page at a time, and the arrow keys walk them", async () => {
  await browser.visit({ scene: calm, alerts: crowdedAlerts, path: "/alerts" }, async ({ page }) => {
    await page.getByRole("heading", { name: "Open incidents 50" }).waitFor();
    assert.is(await page.getByRole("article").count(), 50);
    assert.is(await page.getByRole("article").locator("[data-alert]").count(), 200);
    await page.getByRole("article").first().focus();
    await page.keyboard.press("ArrowDown");
    assert.is(await page.evaluate(() => document.activeElement?.getAttribute("data-incident")), "incident-1");
    await page
      .getByRole("button", { name: /Show all 10/ })
      .first()
      .click();
    assert.is(await page.getByRole("article").first().locator("[data-alert]").count(), 10);
    assert.is(await page.getByRole("link", { name: /50 open incidents/ }).count(), 1);
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`every word of the alerts can be read in ${colorScheme}`, async () => {
    await browser.visit({ ...bad, path: "/alerts", colorScheme }, async ({ page }) => {
      await page.getByRole("heading", { name: "History 40" }).waitFor();
      assert.equal(await lowContrast(page, "main :is(p, dt, dd, h1, h2, h3, button, span, small)", 4.5), []);
    });
  });
}

test("on a phone nothing is wider than the screen", async () => {
  await browser.visit({ ...bad, path: "/alerts", viewport: { width: 390, height: 844 } }, async ({ page }) => {
    await page.getByRole("article").waitFor();
    const width = await page.evaluate(() => document.querySelector(".scroll")!.scrollWidth);
    assert.ok(width <= 390, String(width));
  });
});

test.run();
