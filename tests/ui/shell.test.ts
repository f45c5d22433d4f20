import { suite } from "uvu";
import * as assert from "uvu/assert";

import { UiBrowser } from "./browser.ts";
import { shop } from "./fixtures/shop.ts";
import { brokenReferences, cards, lowContrast, nameless, tabOrder } from "./page.ts";
import { loud } from "../loud.ts";

const test = suite("shell");
const browser = new UiBrowser();
test.before(loud(() => browser.start()));
test.after(() => browser.stop());

const calm = (atMs: number) => shop({ atMs });
const faulty = (atMs: number) => shop({ atMs, faults: true });

test("a lost connection is told, with the time of the picture, and heals by itself", async () => {
  await browser.visit({ scene: calm }, async ({ page, server, complaints }) => {
    await cards(page, 16);
    await page.getByText("Live").waitFor();
    server.cut();
    const banner = page.getByRole("status").filter({ hasText: "Connection to control lost." });
    await banner.waitFor();
    assert.match(await banner.innerText(), /You see \d\d:\d\d:\d\d/);
    await page.getByText("Offline").waitFor();
    assert.is(await page.locator("[data-card]").count(), 16, "the map stays");
    server.mend();
    await banner.waitFor({ state: "detached" });
    await page.getByText("Live").waitFor();
    assert.equal(complaints, []);
  });
});

test("what control cannot answer is told where it is missing, and the rest works", async () => {
  await browser.visit({ scene: calm }, async ({ page }) => {
    await page.route("**/api/v1/series?*", (route) =>
      route.fulfill({ status: 503, json: { error: { message: "Control is starting" } } }),
    );
    await cards(page, 16);
    await page.locator('[data-card="sock-shop/carts"]').click();
    await page.getByText("Fetching the charts: Control is starting.").waitFor();
    await page
      .getByRole("row", { name: /\/carts\/\{id\}\/items/ })
      .first()
      .waitFor();
  });
});

test("a stream that does not get through is replaced by polling", async () => {
  await browser.visit({ scene: calm, path: "/services" }, async ({ page }) => {
    await page.route("**/api/v1/stream", (route) => route.abort());
    await page.reload();
    await page.locator("tr[data-node]").first().waitFor();
    await page.locator('[title*="asked for every 2 s"]').waitFor();
  });
});

test("history that is behind is told with what waits and why; one that is well is not", async () => {
  await browser.visit({ scene: calm }, async ({ page, server }) => {
    await cards(page, 16);
    await page.locator('[title*="History takes 1.21"]').waitFor();
    assert.is(await page.getByText("How history fares").count(), 0);
    server.status = {
      store: { engine: "influxdb", error: "Writing to the InfluxDB at http://influxdb:8086: no answer", disk: null },
      inbox: { pending: 14_400, lagSeconds: 250, bytes: 2 ** 27, maxBytes: 2 ** 30 },
    };
    await page.reload();
    await page.getByRole("button", { name: /History 4.min late/ }).click();
    const told = await page.getByRole("dialog", { name: "How history fares" }).innerText();
    assert.match(told, /History is 4.min behind/);
    assert.match(told, /14\.4k batches wait; the inbox is 12\.5.% full/);
    assert.match(told, "the InfluxDB at http://influxdb:8086: no answer");
    server.status = {
      store: { engine: "duckdb", error: null, disk: { bytes: 2 ** 34, maxBytes: 2 ** 34, cappedTables: 3 } },
    };
    await page.reload();
    await page.getByRole("button", { name: "History full" }).click();
    const full = await page.getByRole("dialog", { name: "How history fares" }).innerText();
    assert.match(full, /16.GiB of 16.GiB. 3 of its finest/);
  });
});

test("losses mark the figures as incomplete and say what is missing", async () => {
  const losses = [{ kind: "requestsLost", count: 1200 }] as const;
  await browser.visit({ scene: (atMs) => shop({ atMs, losses }) }, async ({ page }) => {
    await page.getByRole("button", { name: "Incomplete" }).click();
    const told = page.getByRole("dialog", { name: "What is missing in the figures" });
    await told.getByText("1.2k").waitFor();
    await told.getByText("requests not counted at all").waitFor();
  });
});

test("the theme follows the system until one is chosen, and the choice lasts", async () => {
  await browser.visit({ scene: calm, colorScheme: "dark" }, async ({ page }) => {
    const theme = () => page.evaluate(() => document.documentElement.dataset["theme"]);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await cards(page, 16);
    assert.is(await theme(), "dark");
    const dark = await ground();
    await page.getByRole("button", { name: "Use the light theme" }).click();
    assert.is(await theme(), "light");
    assert.is.not(await ground(), dark);
    await page.reload();
    await cards(page, 16);
    assert.is(await theme(), "light");
  });
});

test("the services room is the map as a table, and its rows lead to pages", async () => {
  await browser.visit({ scene: faulty, path: "/services" }, async ({ page, complaints }) => {
    const rows = page.locator("tr[data-node]");
    await rows.first().waitFor();
    assert.is(await rows.count(), 16);
    assert.match(await rows.first().innerText(), /user[\s\S]*Failing[\s\S]*56\/s/);
    await page.getByRole("button", { name: "Rate" }).click();
    assert.match(await rows.first().innerText(), "front-end");
    assert.is(await page.getByRole("columnheader", { name: "Rate" }).getAttribute("aria-sort"), "descending");
    assert.is(new URL(page.url()).searchParams.get("sort"), "-rate");

    await rows.first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "user" }).waitFor();
    assert.is(new URL(page.url()).pathname, "/service/sock-shop/user");
    await page.reload();
    await page.getByRole("row", { name: /\/customers\/\{id\}\/cards/ }).waitFor();
    await page.getByRole("link", { name: "Show on the map" }).click();
    await cards(page, 16);
    assert.is(new URL(page.url()).searchParams.get("node"), "sock-shop/user");
    assert.equal(complaints, []);
  });
});

test("an unknown page and an unknown service say so", async () => {
  await browser.visit({ scene: calm, path: "/nowhere" }, async ({ page, server }) => {
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await page.goto(`${server.url}/service/sock-shop/gone`);
    await page.getByText("Nothing of this name is in the present picture").waitFor();
  });
});

test("the picture can be held, and catches up", async () => {
  await browser.visit({ scene: calm }, async ({ page, server }) => {
    await cards(page, 16);
    await page.getByRole("button", { name: "Hold the picture" }).click();
    server.show((atMs) => shop({ atMs, withDiscounts: true }));
    await page.getByText("Paused").waitFor();
    assert.is(await page.locator("[data-card]").count(), 16);
    // A second subscriber is served after the page itself, so what it has seen twice the page has seen.
    await page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const stream = new EventSource("/api/v1/stream");
          let seen = 0;
          stream.addEventListener("snapshot", () => {
            seen += 1;
            if (seen < 3) return;
            stream.close();
            resolve();
          });
        }),
    );
    assert.is(await page.locator("[data-card]").count(), 16);
    await page.getByRole("button", { name: "Go on" }).click();
    await cards(page, 17);
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`names, references, focus order and contrast hold in the ${colorScheme} theme`, async () => {
    await browser.visit({ scene: faulty, colorScheme }, async ({ page }) => {
      await page.getByRole("heading", { name: "2 endpoints failing" }).waitFor();
      assert.equal(await nameless(page), []);
      assert.equal(await brokenReferences(page), []);
      const order = await tabOrder(page, 10);
      assert.equal(order, [
        "Skip to content",
        "Map",
        "Services",
        "Alerts",
        "SLOs",
        "Rules",
        "Mutes",
        "Receivers",
        `Use the ${colorScheme === "dark" ? "light" : "dark"} theme`,
        "Search the services",
      ]);
      assert.is(await page.locator('[data-card][tabindex="0"]').count(), 1, "Tab stops once on the map");
      const texts = ".name, .second > span, .reason, .about, .section-title, .code, .state, .title";
      assert.equal(
        await lowContrast(page, `[data-card]:not(.dimmed) :is(${texts}), aside :is(${texts}), nav a`, 4.5),
        [],
      );
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill("o");
      assert.equal(await nameless(page), []);
      assert.equal(await brokenReferences(page), []);
      assert.is(await page.evaluate(() => document.activeElement?.getAttribute("role")), "combobox");
    });
  });
}

test("a phone gets the panel as a sheet below the map, within the screen", async () => {
  await browser.visit({ scene: faulty, viewport: { width: 390, height: 844 }, hasTouch: true }, async ({ page }) => {
    await page.getByRole("heading", { name: "2 endpoints failing" }).waitFor();
    const [map, sheet] = await Promise.all([
      page.locator("section.map").boundingBox(),
      page.locator("aside").boundingBox(),
    ]);
    assert.ok(sheet!.y >= map!.y + map!.height - 1, "below the map");
    assert.ok(map!.height > 200, "the map keeps room");
    assert.is(await page.evaluate(() => document.documentElement.scrollWidth), 390, "nothing sticks out");
  });
});

test.run();
