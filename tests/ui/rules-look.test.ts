import { suite } from "uvu";
import * as assert from "uvu/assert";

import { UiBrowser } from "./browser.ts";
import { manyRules, triedRule } from "./fixtures/rules.ts";
import { lowContrast } from "./page.ts";
import { visitor } from "./rules-visit.ts";
import { loud } from "../loud.ts";

const test = suite("rules, crowded, in both themes and on a phone");
const browser = new UiBrowser();
const visit = visitor(browser);
test.before(loud(() => browser.start()));
test.after(() => browser.stop());

test("hundreds are shown a page at a time; none at all say how one is made", async () => {
  await visit(
    "/rules?q=domain-7-",
    async ({ page, server }) => {
      await page.getByText(/15.rules/).waitFor();
      await page.getByRole("searchbox").fill("");
      await page.getByText("100 of 600").waitFor();
      await page.getByRole("button", { name: "Show more" }).click();
      assert.is(await page.locator("tr[data-rule]").count(), 200);
      server.alerts.objects = [];
      await page.reload();
      await page.getByText("No rule is stated, so nobody is told of anything.").waitFor();
    },
    { objects: manyRules(600) },
  );
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`every word can be read in ${colorScheme}`, async () => {
    await visit(
      "/rules",
      async ({ page, server }) => {
        const words =
          "main :is(p, th, td, h1, h2, span, label, legend, li, button, a, small, strong):not(:disabled, :empty)";
        await page.locator('tr[data-rule="cards-errors"]').waitFor();
        assert.equal(await lowContrast(page, words, 4.5), []);
        server.alerts.backtested = (order) => [{ result: triedRule(order) }];
        await page.goto(`${server.url}/rules/cards-errors`);
        await page.getByLabel("Above").fill("5");
        await page.getByRole("button", { name: "Test it" }).click();
        await page.locator("[data-firing]").first().waitFor();
        await page.getByText("1 problem").waitFor();
        assert.equal(await lowContrast(page, words, 4.5), []);
      },
      { colorScheme },
    );
  });
}

test("a phone has all of it within its screen, form and YAML one after the other", async () => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
  await visit(
    "/rules",
    async ({ page, server }) => {
      const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
      await page.locator('tr[data-rule="cards-errors"]').getByText("Made here").waitFor();
      assert.is(await wide(), 390);
      server.alerts.backtested = (order) => [{ result: triedRule(order) }];
      await page.goto(`${server.url}/rules/cards-errors`);
      await page.getByLabel("Above").waitFor();
      assert.is(await page.getByRole("textbox", { name: "YAML" }).isVisible(), false);
      await page.getByRole("button", { name: "YAML", exact: true }).click();
      await page.getByRole("textbox", { name: "YAML" }).waitFor();
      await page.getByRole("button", { name: "Test it" }).click();
      await page.locator("[data-firing]").first().waitFor();
      assert.is(await wide(), 390);
      const inner = await page.locator(".scroll").evaluate((element) => element.scrollWidth - element.clientWidth);
      assert.is(inner, 0, "nothing sticks out");
    },
    phone,
  );
});

test.run();
