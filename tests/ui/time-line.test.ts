import { suite } from "uvu";
import * as assert from "uvu/assert";

import { UiBrowser } from "./browser.ts";
import { shop } from "./fixtures/shop.ts";
import { brokenReferences, cards, inState, nameless, positions } from "./page.ts";
import { loud } from "../loud.ts";

const test = suite("looking back");
const browser = new UiBrowser();
test.before(loud(() => browser.start()));
test.after(() => browser.stop());

const calm = (atMs: number) => shop({ atMs });
const faulty = (atMs: number) => shop({ atMs, faults: true });

test("a click on the time line shows the map, the tables and the charts of that moment, and Now goes back", async () => {
  await browser.visit({ scene: faulty }, async ({ page, server, complaints }) => {
    server.pastScene = calm;
    await cards(page, 16);
    assert.equal(await inState(page, "card", "failing"), ["sock-shop/user"]);
    const before = await positions(page);
    await page.getByRole("button", { name: "Look back in time" }).click();
    const line = page.getByRole("slider", { name: "Time line" });
    assert.is(await line.getAttribute("aria-valuetext"), "now");

    const asked = page.waitForRequest((request) => request.url().includes("/api/v1/snapshot?at="));
    const box = (await line.boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await asked;
    await page.locator('[data-card="sock-shop/user"][data-health="healthy"]').waitFor();
    assert.equal(await positions(page), before, "nothing moves");
    const at = new URL(page.url()).searchParams.get("at")!;
    assert.ok(Math.abs(Date.parse(at) - (Date.now() - 1_800_000)) < 60_000, at);

    const [endpoints, series] = await Promise.all([
      page.waitForRequest((request) => request.url().includes("/api/v1/endpoints?")),
      page.waitForRequest((request) => /\/api\/v1\/series\?server=/.test(request.url())),
      page.locator('[data-card="sock-shop/user"]').click(),
    ]);
    assert.is(new URL(endpoints.url()).searchParams.get("at"), String(Date.parse(at)));
    assert.is(new URL(series.url()).searchParams.get("to"), String(Math.floor(Date.parse(at) / 5_000) * 5_000));
    await page.getByText(/^15 min before /).waitFor();

    await page.getByRole("button", { name: "Now", exact: true }).click();
    await page.locator('[data-card="sock-shop/user"][data-health="failing"]').waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    assert.equal(complaints, []);
  });
});

test("a link to a moment shows it to whoever opens it, with everything named", async () => {
  const at = new Date(Date.now() - 3 * 86_400_000).toISOString();
  await browser.visit({ scene: calm, path: `/services?at=${at}` }, async ({ page, complaints }) => {
    await page.locator("tr[data-node]").first().waitFor();
    await page.getByText("Past", { exact: true }).waitFor();
    await page
      .getByText(/the 30\ss before /)
      .first()
      .waitFor();
    assert.is(await page.getByRole("button", { name: "7 d", pressed: true }).count(), 1);
    assert.equal(await nameless(page), []);
    assert.equal(await brokenReferences(page), []);
    assert.equal(complaints, []);
  });
});

test("by keyboard: arrows step, End is now", async () => {
  const at = new Date(Date.now() - 1_800_000).toISOString().replace(/\.\d+Z/, "Z");
  await browser.visit({ scene: calm, path: `/?at=${at}` }, async ({ page }) => {
    await cards(page, 16);
    const line = page.getByRole("slider", { name: "Time line" });
    await line.focus();
    const momentOf = (url: URL): number => Date.parse(url.searchParams.get("at") ?? "");
    const now = (): number => momentOf(new URL(page.url()));
    const first = now();
    await page.keyboard.press("ArrowLeft");
    await page.waitForURL((url) => momentOf(url) < first);
    const second = now();
    assert.ok(first - second <= 10_000, `${first} ${second}`);
    await page.keyboard.press("Shift+ArrowLeft");
    await page.waitForURL((url) => momentOf(url) === second - 50_000);
    await page.keyboard.press("End");
    await page.getByText("Live", { exact: true }).waitFor();
  });
});

test("a moment without a request says so and leads back", async () => {
  const at = new Date(Date.now() - 1_800_000).toISOString();
  await browser.visit({ scene: calm }, async ({ page, server }) => {
    server.begunMs = Date.now() - 600_000;
    await cards(page, 16);
    await page.goto(`${server.url}/?at=${at}`);
    await page.getByRole("heading", { name: /^No requests at / }).waitFor();
    await page.getByRole("button", { name: "Back to now" }).click();
    await cards(page, 16);
  });
});

test("a picture that does not come is told, and the one before stays", async () => {
  await browser.visit({ scene: calm, path: "/?span=1h" }, async ({ page }) => {
    await cards(page, 16);
    let fails = true;
    await page.route("**/api/v1/snapshot?*", (route) =>
      fails
        ? route.fulfill({ status: 503, json: { error: { message: "64 questions wait for the store already" } } })
        : route.continue(),
    );
    await page.getByRole("slider", { name: "Time line" }).press("ArrowLeft");
    const alert = page.getByRole("alert").filter({ hasText: "No picture of" });
    await alert.waitFor();
    assert.match(await alert.innerText(), /64 questions wait.*The map still shows/s);
    await cards(page, 16);
    fails = false;
    await alert.getByRole("button", { name: "Try again" }).click();
    await alert.waitFor({ state: "detached" });
    await page.getByText("Past", { exact: true }).waitFor();
  });
});

test.run();
