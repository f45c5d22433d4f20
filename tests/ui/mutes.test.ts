import { suite } from "uvu";
import * as assert from "uvu/assert";

import { matcherSets, muteName, muteYaml, readMute } from "../../ui/src/model/mutes.ts";
import { UiBrowser } from "./browser.ts";
import { faultyShop, shopAlerts } from "./fixtures/alerts.ts";
import { object } from "./fixtures/objects.ts";
import { shop } from "./fixtures/shop.ts";
import { brokenReferences, nameless } from "./page.ts";
import { loud } from "../loud.ts";

const test = suite("mutes");
const browser = new UiBrowser();
test.before(loud(() => browser.start()));
test.after(() => browser.stop());

const NOW = Date.UTC(2026, 2, 4, 12);
const seen = { scene: (atMs: number) => shop({ atMs, faults: true }), alerts: faultyShop };

test("what is muted is all of these alerts and as few others as can be said", () => {
  const [cards, addresses, , edge] = shopAlerts(NOW);
  const user = "workload=sock-shop/user";
  assert.equal(matcherSets([cards!]), [["rule=errors", "method=GET", "route=/customers/{id}/cards", user]]);
  const routes = "route=~/customers/\\{id\\}/addresses|/customers/\\{id\\}/cards";
  assert.equal(matcherSets([cards!, addresses!]), [["rule=~errors|latency", "method=GET", routes, user]]);
  const call = ["rule=edge-errors", "client.workload=sock-shop/edge-router", "server.workload=sock-shop/front-end"];
  assert.equal(matcherSets([cards!, edge!])[1], call, "never all of a rule, because no label is of both");
});

test("a mute that is written is read as the same", () => {
  const name = muteName("user · GET /cards", NOW);
  assert.is(name, "mute-user-get-cards-20260304-120000");
  const mute = {
    name,
    matchers: ["rule=~a|b"],
    fromMs: NOW,
    toMs: NOW + 60_000,
    author: "Ada",
    reason: 'deploy: "v2"',
  };
  assert.equal(readMute(object({ kind: "Mute", name, yaml: muteYaml(mute) })), mute);
  assert.is(readMute(object({ kind: "Mute", name, yaml: "spec: {" })), undefined);
});

test("two clicks mute an incident; who and why are asked, and who is remembered", async () => {
  await browser.visit({ ...seen, path: "/alerts" }, async ({ page, server, complaints }) => {
    const open = async (): Promise<void> => {
      await page.getByRole("article").locator("dl").getByRole("button", { name: "Mute" }).click();
      await page.getByRole("dialog", { name: "Mute user" }).waitFor();
    };
    await open();
    await page.getByRole("button", { name: "4 h", exact: true }).click();
    await page.getByText("Say who you are").waitFor();
    await page.getByLabel("Author").fill("Ada");
    await page.getByLabel("Reason").fill("deploy");
    assert.equal(await nameless(page), []);
    assert.equal(await brokenReferences(page), []);
    await page.getByRole("button", { name: "4 h", exact: true }).click();
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    const [order = ""] = server.alerts.orders;
    const mutes = order.replace("apply ", "").split("---\n");
    const [mute] = mutes.map((yaml) => readMute(object({ kind: "Mute", name: "", yaml }))!);
    assert.is(mutes.length, 3);
    assert.equal([mute!.author, mute!.reason, mute!.toMs - mute!.fromMs], ["Ada", "deploy", 4 * 3_600_000]);
    assert.is(mute!.matchers.at(-1), "workload=sock-shop/user");
    await page.reload();
    await open();
    assert.is(await page.getByLabel("Author").inputValue(), "Ada");
    assert.equal(complaints, []);
  });
});

test("mutes are listed with who, why and until when, and can be ended where they were made", async () => {
  await browser.visit({ ...seen, path: "/services" }, async ({ page, server }) => {
    const mute = {
      matchers: ["workload=sock-shop/user"],
      fromMs: Date.now() - 60_000,
      author: "Ada",
      reason: "deploy",
    };
    const made = (name: string, toMs: number) => ({ kind: "Mute", name, yaml: muteYaml({ ...mute, name, toMs }) });
    server.alerts.objects = [
      object({ ...made("here", Date.now() + 3_600_000), origin: "api" }),
      object({ ...made("there", Date.now() + 7_200_000), origin: "file", file: "mutes/night.yaml" }),
      object({ ...made("old", Date.now() - 30_000), origin: "api" }),
    ];
    await page.getByRole("link", { name: "Mutes" }).click();
    await page.getByRole("heading", { name: "In force 2" }).waitFor();
    const told = await page.locator('[data-mute="here"]').innerText();
    assert.match(told, /deploy\s+Ada\s*workload=sock-shop\/user\s+until/);
    assert.match(await page.locator('[data-mute="there"]').innerText(), /mutes\/night\.yaml/);
    await page.getByRole("button", { name: "End" }).click();
    await page.getByRole("heading", { name: "In force 1" }).waitFor();
    assert.equal(server.alerts.orders, ["remove Mute here"]);
    assert.is(await page.getByRole("button", { name: "Delete" }).count(), 1);
  });
});

test.run();
