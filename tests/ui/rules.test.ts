import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { BacktestLine } from "../../control/api/backtest-lines.ts";
import { UiBrowser } from "./browser.ts";
import { statedRules, triedRule } from "./fixtures/rules.ts";
import { object } from "./fixtures/objects.ts";
import { brokenReferences, nameless } from "./page.ts";
import { visitor } from "./rules-visit.ts";
import { loud } from "../loud.ts";

const test = suite("rules");
const browser = new UiBrowser();
test.before(loud(() => browser.start()));
test.after(() => browser.stop());

const DAY_MS = 86_400_000;
const visit = visitor(browser);

test("the room lists what is stated: what it watches, from where, its state and what is open; a row leads to its page", async () => {
  await visit("/rules", async ({ page, complaints }) => {
    const told = async (name: string) =>
      (await page.locator(`tr[data-rule="${name}"]`).innerText()).replace(/\s+/g, " ");
    await page.getByText(new RegExp(`${statedRules().length}.rules, 2 with a problem`)).waitFor();
    assert.match(
      await told("cards-errors"),
      /Alert warning More than 2% of requests fail over 10m workload=sock-shop\/user and .* team-accounts Made here On 1/,
    );
    assert.match(
      await told("checkout-latency"),
      /SLO critical, warning 99 % of .* within 300ms .*checkout\.yaml:12 On/,
    );
    assert.match(await told("payment-silent"), /payment\.yaml:7:20: spec\.noData\.after: 5 of what\?.* Problem/);
    assert.match(await told("strangers"), /Not judged: its conditions with its grouping/);
    assert.match(
      await told("unusual"),
      /Latency is 3× above what is usual .* learning: knows what is usual for 2 of 5/,
    );
    assert.match(await told("endpoint-slow"), /Made here, in place of a default Off/);
    assert.match(
      await told("availability"),
      /99\.9 % of requests are answered without an error over 30d .* Default On/,
    );
    assert.equal(await nameless(page), []);
    await page.getByLabel("Origin").selectOption("file");
    assert.is(await page.locator("tr[data-rule]").count(), 2);
    await page.getByRole("button", { name: "Clear" }).click();
    await page.locator("tr[data-rule]").first().focus();
    for (let row = 0; row < 3; row++) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "cards-errors" }).waitFor();
    assert.is(
      await page.getByRole("link", { name: "Rules", exact: true }).first().getAttribute("aria-current"),
      "page",
    );
    assert.equal(complaints, []);
  });
});

test("form and YAML are the same object: each shows what is typed into the other, and what it has no field for is kept", async () => {
  await visit("/rules/cards-errors", async ({ page, server, complaints }) => {
    const yaml = page.getByRole("textbox", { name: "YAML" });
    await page.getByLabel("Above").fill("3%");
    assert.match(await yaml.inputValue(), /errors: \{ above: 3% \}/);
    await page.getByText("Kept, and shown in the YAML alone: metadata.labels").waitFor();
    await yaml.fill((await yaml.inputValue()).replace("for: 2m", "for: 7m"));
    assert.is(await page.getByLabel("Told after it held for").inputValue(), "7m");
    await page.getByLabel("Condition", { exact: true }).selectOption({ label: "Latency above a time" });
    assert.is(await page.getByLabel("Percentile").inputValue(), "99");
    await page.getByText("Nothing is wrong with it.").waitFor();
    assert.equal(await nameless(page), []);
    assert.equal(await brokenReferences(page), []);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("p99 is above 300ms over 10m").waitFor();
    const [order = ""] = server.alerts.orders;
    assert.match(order, "# The bank is slow on Mondays.");
    assert.match(order, "labels: { tier: gold }");
    assert.match(order, "latency: { percentile: 99, above: 300ms }");
    await yaml.fill("kind: [");
    await page.getByText("This is no YAML that can be read.").waitFor();
    await page.getByRole("button", { name: "Discard changes" }).click();
    assert.is(await page.getByLabel("Percentile").inputValue(), "99");
    assert.equal(complaints, []);
  });
});

test("what is wrong is told at its field and at its line, and cannot be saved", async () => {
  await visit("/rules/cards-errors", async ({ page, server }) => {
    const yaml = page.getByRole("textbox", { name: "YAML" });
    await page.getByLabel("Above").fill("5");
    await page.getByRole("status").filter({ hasText: "1 problem" }).waitFor();
    const field = page.locator('[data-field="spec.threshold.errors.above"]');
    assert.match(await field.innerText(), /5 of what\? Write 5%/);
    assert.is(await page.getByLabel("Above").getAttribute("aria-invalid"), "true");
    assert.is(await page.getByRole("button", { name: "Save" }).isDisabled(), true);
    const lines = (await yaml.inputValue()).split("\n");
    const line = lines.findIndex((text) => text.includes("above: 5")) + 1;
    assert.is(await page.locator(".gutter .wrong").innerText(), String(line));
    await page.getByRole("button", { name: `Line ${line}` }).click();
    const at = await yaml.evaluate((area: HTMLTextAreaElement) => area.selectionStart);
    assert.is((await yaml.inputValue()).slice(at, at + 1), "5", "the cursor is where it is wrong");
    await page.getByLabel("Condition 2").fill("rout=/cards");
    await page.getByText('did you mean "route"?').first().waitFor();
    assert.equal(server.alerts.orders, []);
    // Who goes away and comes back finds what was typed.
    await page.getByRole("link", { name: "SLOs" }).click();
    await page.goBack();
    assert.is(await page.getByLabel("Condition 2").inputValue(), "rout=/cards");
    await page.getByText("Not saved yet.").waitFor();
  });
});

test("what a file states is shown with its place, and changed there", async () => {
  await visit("/rules/checkout-latency", async ({ page, server }) => {
    await page.getByText("It is stated in rules/checkout.yaml:12").waitFor();
    assert.is(await page.getByRole("button", { name: "Save" }).count(), 0);
    assert.is(await page.getByRole("button", { name: /Switch off|Delete/ }).count(), 0);
    assert.is(await page.getByLabel("Within").getAttribute("readonly"), "");
    assert.is(await page.getByRole("textbox", { name: "YAML" }).getAttribute("readonly"), "");
    await page.getByRole("button", { name: "Copy YAML" }).click();
    await page.getByText(/Copied|Marked, copy it/).waitFor();
    await page.goto(`${server.url}/rules/payment-silent`);
    await page.getByText(/payment\.yaml:7:20: .*Until it is mended what it said before holds/).waitFor();
    const said = { kind: "Alert", name: "never-good", yaml: "", error: "a.yaml:3:9: spec: must be there" };
    server.alerts.objects = [object({ ...said, origin: "file", file: "a.yaml", line: 3 })];
    await page.goto(`${server.url}/rules/never-good`);
    await page.getByText("a.yaml:3:9: spec: must be there. It holds when that is mended.").waitFor();
    assert.is(await page.getByRole("textbox", { name: "YAML" }).count(), 0);
    await page.goto(`${server.url}/rules/nobody`);
    await page.getByText("There is no rule of this name.").waitFor();
  });
});

test("a rule is tried on the past before it is saved: progress, words, a picture, and the map at each moment", async () => {
  await visit("/rules/cards-errors", async ({ page, server, complaints }) => {
    let goOn: () => void = () => undefined;
    server.alerts.backtested = async function* (order): AsyncGenerator<BacktestLine> {
      yield { progress: 0.5 };
      await new Promise<void>((resolve) => (goOn = resolve));
      yield { result: triedRule(order, { count: 4, sinceMs: order.to - 3 * DAY_MS }) };
    };
    await page.getByLabel("Above").fill("1%");
    await page.getByRole("button", { name: "Test it" }).click();
    await page.getByRole("status").filter({ hasText: "Testing, 50 %" }).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Test it" }).waitFor();
    await page.waitForFunction(() => !document.querySelector("progress"));
    await page.getByRole("button", { name: "30 d" }).click();
    await page.getByRole("button", { name: "Test it" }).click();
    await page.getByRole("status").filter({ hasText: "Testing, 50 %" }).waitFor();
    goOn();
    const said = "It would have fired 4 times in the last 30 days; people would have been told 3 times.";
    await page.getByText(said.replace(/(\d) times/g, "$1\u00a0times")).waitFor();
    await page.getByText(/The history reaches back to .*, 3.d\s+of the 30 days\./).waitFor();
    assert.ok(server.alerts.orders.includes("called off"), "control is told that nobody waits");
    assert.match(server.alerts.orders.at(-1)!, "above: 1%");
    await page.getByRole("figure", { name: /Firings over time: 2.groups/ }).waitFor();
    assert.is(await page.locator("[data-firing]").count(), 4);
    const link = page.locator("[data-firing]").first().getByRole("link", { name: /Map/ });
    assert.match((await link.getAttribute("href"))!, /^\/\?at=.*&node=sock-shop%2Fuser/);
    await page.getByLabel("Above").fill("2%");
    await page.getByText("The rule was changed since.").waitFor();
    assert.equal(await nameless(page), []);
    assert.equal(complaints, []);
  });
});

test("a test that says nothing says why: no history, a rule that is not judged, a control that is not there", async () => {
  await visit("/rules/strangers", async ({ page, server }) => {
    const why = "its conditions with its grouping are the 201st combination; group by what it filters by";
    await page.getByText(`Not judged: ${why}.`).waitFor();
    const result = (order: Parameters<typeof triedRule>[0]) => triedRule(order, { count: 0, sinceMs: null });
    server.alerts.backtested = (order) => [{ result: { ...result(order), refused: [{ rule: "strangers", why }] } }];
    await page.getByRole("button", { name: "Test it" }).click();
    await page.getByText(`strangers is not judged: ${why}.`).waitFor();
    assert.is(await page.getByText("would not have fired").count(), 0, "silence is no answer");
    server.alerts.backtested = (order) => [{ result: result(order) }];
    await page.getByRole("button", { name: "Test it" }).click();
    await page.getByText("Nothing was counted in that time").waitFor();
    server.alerts.backtested = () => [{ error: { message: "the history is away" } }];
    await page.getByRole("button", { name: "Test it" }).click();
    await page.getByText("Trying the rule on the past: the history is away.").waitFor();
  });
});

test("a new rule begins from a template, about where it was begun", async () => {
  await visit("/service/sock-shop/carts?endpoint=GET+/carts", async ({ page, server }) => {
    await page.getByRole("link", { name: "Make a rule here" }).click();
    await page.getByRole("heading", { name: "New rule" }).waitFor();
    await page.getByRole("button", { name: /^Latency Alert/ }).click();
    assert.is(await page.getByLabel("Condition 1").inputValue(), "workload=sock-shop/carts");
    assert.is(await page.getByLabel("Condition 3").inputValue(), "route=/carts");
    await page.getByLabel("Name").fill("Carts slow");
    await page
      .getByText(/"Carts slow" is no name/)
      .first()
      .waitFor();
    await page.getByLabel("Name").fill("carts-slow");
    await page.getByText("Nothing is wrong with it.").waitFor();
    await page.keyboard.press("Control+s");
    await page.getByRole("heading", { level: 1, name: "carts-slow" }).waitFor();
    assert.match(server.alerts.orders.join(), /^apply .*name: carts-slow/s);
    assert.is(new URL(page.url()).pathname, "/rules/carts-slow");
    await page.getByRole("link", { name: "Duplicate" }).click();
    assert.is(await page.getByLabel("Name").inputValue(), "carts-slow-2");
  });
});

test("a rule is deleted with a way back, and a default is switched off and on", async () => {
  await visit("/rules/cards-errors", async ({ page, server }) => {
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByText("Alert cards-errors is deleted.").waitFor();
    assert.is(await page.locator('tr[data-rule="cards-errors"]').count(), 0);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.locator('tr[data-rule="cards-errors"]').waitFor();
    assert.equal(server.alerts.orders[0], "remove Alert cards-errors");
    assert.match(server.alerts.orders[1]!, "# The bank is slow on Mondays.");

    await page.getByRole("link", { name: "endpoint-errors" }).click();
    await page.getByRole("button", { name: "Switch off" }).click();
    await page.getByText("It is switched off, and says nothing else.").waitFor();
    assert.match(server.alerts.orders[2]!, /kind: Alert\nmetadata:\n {2}name: endpoint-errors\ndisabled: true/);
    await page.getByRole("button", { name: "Switch on" }).click();
    await page.getByText("It comes with Sidelight.").waitFor();
    assert.is(server.alerts.orders[3], "remove Alert endpoint-errors");

    await page.getByLabel("Above").fill("9%");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("More than 9% of requests fail").waitFor();
    await page.getByRole("button", { name: "Back to the default" }).click();
    await page.getByText("The default holds again.").waitFor();
    await page.getByText("More than 5% of requests fail").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("More than 9% of requests fail").waitFor();
  });
});

test("alerts and objectives lead to their rule, and the palette to the room", async () => {
  await visit("/alerts", async ({ page }) => {
    await page.getByRole("link", { name: "latency", exact: true }).first().click();
    await page.getByRole("heading", { level: 1, name: "latency" }).waitFor();
    assert.is(await page.locator("[data-alert]").count(), 2);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: /^Find/ }).fill("new rule");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "New rule" }).waitFor();
  });
});

test.run();
