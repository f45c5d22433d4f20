import { suite } from "uvu";
import * as assert from "uvu/assert";

import { readObjects } from "../../control/alerts/objects/read-objects.ts";
import { NOTIFY_KINDS, secretsElsewhere } from "../../control/notify/object-kinds.ts";
import { needsOf, receiverExample, ROUTE_EXAMPLE } from "../../ui/src/model/receiver-examples.ts";
import {
  matcherWords,
  RECEIVER_KINDS,
  receiversOf,
  routesOf,
  stateOf,
  troubleOf,
  waysTo,
} from "../../ui/src/model/receivers.ts";
import { UiBrowser } from "./browser.ts";
import { faultyShop } from "./fixtures/alerts.ts";
import { receiver, manyReceivers, receiverObjects, troubledReceivers } from "./fixtures/receivers.ts";
import { shop } from "./fixtures/shop.ts";
import { brokenReferences, lowContrast, nameless } from "./page.ts";
import { loud } from "../loud.ts";

const test = suite("receivers");
const browser = new UiBrowser();
test.before(loud(() => browser.start()));
test.after(() => browser.stop());

const NOW = Date.UTC(2026, 2, 4, 12);
const seen = { scene: (atMs: number) => shop({ atMs, faults: true }), alerts: faultyShop, path: "/services" };

test("those that need somebody come first, and each says what is wrong and what comes next", () => {
  const all = receiversOf(troubledReceivers(NOW), receiverObjects(), NOW);
  const told = all.map((each) => [each.name, each.kind, stateOf(each, NOW).word.replace(/ since.*/, "")]);
  assert.equal(told, [
    ["hook", "Webhook", "Fails"],
    ["odd", "", "Not understood"],
    ["mail", "Email", "Gave up 3\u00a0notifications"],
    ["was-teams", "", "Gone"],
    ["shop-slack", "Slack", "Held back"],
    ["pages", "PagerDuty", "Ready"],
    ["night-teams", "Teams", "Switched off"],
  ]);
  assert.is(stateOf(all[0]!, NOW).detail, "Tried again in 2\u00a0min.");
  assert.match(stateOf(all[4]!, NOW).detail, "the next in 22\u00a0s");
  assert.equal(troubleOf(troubledReceivers(NOW)), { failing: ["hook"], dead: 3 });
  assert.equal(troubleOf([receiver({ name: "well", sent: 3 })]), { failing: [], dead: 0 });
});

test("what leads to a receiver is told in words, in the order in which routes are asked", () => {
  const routes = routesOf(receiverObjects());
  assert.equal(waysTo("hook", routes), [
    { route: "10-pages", words: "alerts whose severity is critical and namespace matches sock-.*" },
  ]);
  assert.equal(waysTo("shop-slack", routes), [{ route: "90-rest", words: "everything, if no route before took it" }]);
  assert.equal(waysTo("nobody", routes), []);
  assert.equal(waysTo("anybody", []), [{ route: "", words: "everything: there are no routes" }]);
  assert.is(matcherWords(["owner!=", "rule!~a|b"]), "alerts whose owner is not empty and rule does not match a|b");
});

test("every example is an object that control takes, with its secrets written out or in a file", () => {
  for (const kind of RECEIVER_KINDS) {
    assert.ok(needsOf(kind).length > 20, kind);
    const [here, folder] = (["here", "folder"] as const).map((place) =>
      readObjects(receiverExample(kind, place), NOTIFY_KINDS),
    );
    assert.equal([here!.problems, folder!.problems], [[], []], kind);
    assert.is(secretsElsewhere(here!.objects[0]!), undefined, kind);
    assert.match(String(secretsElsewhere(folder!.objects[0]!)), "SIDELIGHT_ALERTS_DIR", kind);
  }
  assert.equal(readObjects(ROUTE_EXAMPLE, NOTIFY_KINDS).problems, []);
});

test("the list says who fails and why, tests one, and shows what the receiver said to it", async () => {
  await browser.visit(seen, async ({ page, server, complaints }) => {
    Object.assign(server.alerts, { receivers: troubledReceivers, objects: receiverObjects() });
    await page.reload();
    await page.getByRole("link", { name: "some fail, Receivers" }).click();
    const hook = page.locator('[data-receiver="hook"]');
    await hook.waitFor();
    assert.match(await hook.innerText(), /Fails since .*\s*Tried again in 2.min\.\s*hooks\.example answered 503/);
    assert.match(await page.locator('[data-route="20-accounts"]').innerText(), /lost \(there is no such receiver\)/);
    assert.equal(await nameless(page), []);
    assert.equal(await brokenReferences(page), []);
    assert.equal(await lowContrast(page, "main :is(.why, .state b, .ways, small, h1 + p)", 4.5), []);
    server.alerts.testError = "hooks.example answered 503";
    await hook.getByRole("button").click();
    await hook.getByText("The test was not taken: hooks.example answered 503").waitFor();
    server.alerts.testError = "";
    await hook.getByRole("button").click();
    await hook.getByText("It took the test").waitFor();
    assert.equal(server.alerts.orders, ["test hook", "test hook"]);
    assert.equal(complaints, []);
  });
});

test("dead letters are sent again or dropped, one or all; all are dropped by a second click only", async () => {
  await browser.visit(seen, async ({ page, server }) => {
    Object.assign(server.alerts, { receivers: troubledReceivers, objects: receiverObjects() });
    await page.goto(`${server.url}/receivers/mail`);
    const first = page.locator("[data-letter]").first();
    await first.waitFor();
    assert.match(await first.innerText(), /63 % of requests fail\s+mail\.example said 550/);
    await first.getByRole("button", { name: /^Send again/ }).click();
    await first.getByRole("button", { name: /^Drop/, disabled: false }).click();
    await page.getByRole("button", { name: "Send all again", disabled: false }).click();
    await page.getByRole("button", { name: "Drop all", disabled: false }).click();
    await page.getByRole("button", { name: /Really drop 3/ }).click();
    await page.getByRole("button", { name: "Drop all", disabled: false }).waitFor();
    assert.equal(server.alerts.orders, ["retry mail incident-3", "drop mail incident-3", "retry mail", "drop mail"]);
    assert.match(await page.getByRole("region", { name: "Text" }).innerText(), /receivers\/mail\.yaml states it/);
    assert.is(await page.getByRole("textbox", { name: /^Text/ }).count(), 0, "what a file states is changed there");
  });
});

test("with none there the room says so, and a minute later there is one", async () => {
  await browser.visit(seen, async ({ page, server }) => {
    Object.assign(server.alerts, { receivers: () => [], objects: [] });
    server.alerts.applied = (yaml) =>
      yaml.includes("change-me")
        ? { changes: [], problems: [{ ...NOWHERE, line: 6, message: "spec.slack.url: put your own in" }] }
        : { changes: [{ kind: "Receiver", name: "slack", before: "", after: yaml }], problems: [] };
    await page.goto(`${server.url}/alerts`);
    await page.getByText("there is no receiver").waitFor();
    await page.getByRole("link", { name: "Set one up" }).click();
    await page.getByText("Nobody is told of anything yet.").waitFor();
    await page.getByRole("button", { name: "Line 6 spec.slack.url: put your own in" }).waitFor();
    assert.ok(await page.getByRole("button", { name: "Save" }).isDisabled());
    const text = page.getByRole("textbox", { name: "Text of the receiver" });
    await text.fill((await text.inputValue()).replace("change-me", "mine"));
    await page.getByText("Saving adds Receiver slack.").waitFor();
    server.alerts.receivers = () => [receiver({ name: "slack" })];
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "slack", exact: true }).waitFor();
    assert.match(server.alerts.orders[0] ?? "", /^apply [\s\S]*services\/T000\/B000\/mine/);
    assert.equal(await brokenReferences(page), []);
  });
});

test("a receiver that was made here is changed and deleted here; its secret stays where it is", async () => {
  await browser.visit(seen, async ({ page, server }) => {
    Object.assign(server.alerts, { receivers: troubledReceivers, objects: receiverObjects() });
    await page.goto(`${server.url}/receivers/hook`);
    await page.getByText("stands for a secret that is known").waitFor();
    assert.match(await page.getByRole("textbox", { name: "Text of hook" }).inputValue(), /url: \(hidden\)/);
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Really delete hook" }).click();
    await page.getByRole("heading", { name: "Receivers" }).waitFor();
    assert.equal(server.alerts.orders, ["remove Receiver hook"]);
  });
});

test("many are shown a page at a time and searched, and a phone has room for all of it", async () => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
  await browser.visit({ ...seen, ...phone }, async ({ page, server }) => {
    Object.assign(server.alerts, { receivers: manyReceivers, objects: receiverObjects() });
    await page.goto(`${server.url}/receivers`);
    await page.locator('[data-receiver="team-0"]').waitFor();
    assert.is(await page.locator("[data-receiver]").count(), 50);
    assert.is(await page.evaluate(() => document.documentElement.scrollWidth), 390, "nothing sticks out");
    await page.getByRole("searchbox").fill("team-11");
    await page.locator('[data-receiver="team-117"]').waitFor();
    assert.is(await page.locator("[data-receiver]").count(), 11);
  });
});

/** Of a problem that a test says the rest of. */
const NOWHERE = { field: "", file: "", column: 1, object: "Receiver slack", frame: "" };

test.run();
