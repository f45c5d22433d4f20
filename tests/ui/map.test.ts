import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { Snapshot } from "../../control/world/model.ts";
import { UiBrowser } from "./browser.ts";
import { crowd } from "./fixtures/crowd.ts";
import { empty, shop } from "./fixtures/shop.ts";
import { card, cards, coveredByLabels, inState, labels, link, lowContrast, positions } from "./page.ts";
import { loud } from "../loud.ts";

const test = suite("map");
const browser = new UiBrowser();
test.before(loud(() => browser.start()));
test.after(() => browser.stop());

const calm = (atMs: number) => shop({ atMs });
const faulty = (atMs: number) => shop({ atMs, faults: true });
const USER_EDGE = "sock-shop/front-end>sock-shop/user/http";

test("shows every node and edge of the snapshot, and all of them calm", async () => {
  await browser.visit({ scene: calm }, async ({ page, complaints }) => {
    await cards(page, 16);
    assert.is(await page.locator("[data-link]").count(), 17);
    assert.is(await card(page, "sock-shop/carts").getAttribute("aria-label"), "carts, workload, healthy, 40/s");
    assert.is(await card(page, "sock-shop/user-db").getAttribute("aria-label"), "user-db, store, healthy, 8 open");
    assert.is((await inState(page, "card", "healthy")).length, 16);
    assert.is(await page.locator("aside").count(), 0, "a calm map opens no panel");
    assert.equal(complaints, []);
  });
});

test("a fault reddens what fails, marks what suffers, and leaves the rest", async () => {
  await browser.visit({ scene: calm }, async ({ page, server }) => {
    await cards(page, 16);
    server.show(faulty);
    await page.getByRole("heading", { name: "2 endpoints failing" }).waitFor();
    assert.equal(await inState(page, "card", "failing"), ["sock-shop/user"]);
    assert.equal(await inState(page, "link", "failing"), [USER_EDGE]);
    assert.equal(await inState(page, "card", "affected"), ["sock-shop/edge-router", "sock-shop/front-end"]);
    assert.is((await inState(page, "card", "healthy")).length, 13);
    assert.match((await card(page, "sock-shop/user").getAttribute("aria-label")) ?? "", "failing: 62 % errors");
    assert.match(
      (await card(page, "sock-shop/front-end").getAttribute("aria-label")) ?? "",
      "affected by user: GET /customers/{id}/cards",
    );
    const dimmed = page.locator("[data-card].dimmed");
    assert.is(await dimmed.count(), 12, "all but the way to the fault");
    assert.is(
      await page.evaluate(() => document.activeElement === document.body),
      true,
      "the focus stays where it was",
    );

    server.show(calm);
    await page.getByRole("heading", { name: "2 endpoints failing" }).waitFor({ state: "detached" });
    assert.equal(await inState(page, "card", "failing"), []);
    assert.is(await dimmed.count(), 0);
  });
});

test("lines carry their rates, the failing one its trouble, and no label lies on a card or on another", async () => {
  await browser.visit({ scene: calm }, async ({ page, server }) => {
    await cards(page, 16);
    const rates = await labels(page);
    assert.is(rates["external/shoppers>sock-shop/edge-router/http"], "40/s");
    assert.match(rates["sock-shop/user>sock-shop/user-db/tcp"]!, /^45\.8\u00a0kB\/s/);
    assert.ok(Object.keys(rates).length >= 14, `${Object.keys(rates).length} of 17`);
    assert.equal(await coveredByLabels(page), []);

    server.show(faulty);
    await page.locator(`[data-label="${USER_EDGE}"].loud`).waitFor();
    assert.match((await labels(page))[USER_EDGE]!.replaceAll("\u00a0", " "), /^15.5 % err · p95 2.14 s/);
    await page.waitForFunction(() => document.querySelector("section.map")!.clientWidth < 1000);
    assert.equal(await coveredByLabels(page), [], "also beside the panel");
  });
});

test("a TCP edge tells what it carries, what was opened, and how long closed connections lived", async () => {
  const path = `/?edge=${encodeURIComponent("sock-shop/user>sock-shop/user-db/tcp")}`;
  await browser.visit({ scene: calm, path }, async ({ page }) => {
    const panel = page.getByRole("complementary");
    await panel.getByText("From server").waitFor();
    const figures = (await panel.locator("dl").first().innerText()).replaceAll("\u00a0", " ").split("\n");
    const told = ["Open", "8", "Opened", "0.1/s", "Failed", "0", "To server", "3.36 kB/s", "From server", "42.4 kB/s"];
    assert.equal(
      figures.filter((line) => line !== ""),
      told,
    );
    for (const chart of ["Server bytes", "Connections", "Lifetime of closed"]) {
      await panel.getByRole("img", { name: `${chart} over time` }).waitFor();
    }
    assert.is(await panel.getByText("Latency").count(), 0);
  });
});

test("what a tap saw of connections stands in the panel, red only where some were refused; nothing where none looked", async () => {
  const wire = { refused: 3, resets: 12, retransmissions: 1_204, handshake: { p50Ms: 0.4, p95Ms: 1, p99Ms: 3 } };
  const scene = (atMs: number): Snapshot => {
    const snapshot = calm(atMs);
    const edges = snapshot.edges.map((edge) => (edge.server === "sock-shop/user-db" ? { ...edge, wire } : edge));
    return { ...snapshot, edges };
  };
  const path = (node: string): string => `/?node=${encodeURIComponent(`sock-shop/${node}`)}`;
  await browser.visit({ scene, path: path("user-db") }, async ({ page }) => {
    const section = page.getByRole("complementary").locator("section", { hasText: "On the wire" }).last();
    await section.waitFor();
    const figures = (await section.locator("dl").innerText()).replaceAll("\u00a0", " ").split("\n");
    const told = ["Refused", "3", "Reset", "12", "Sent again", "1.2k", "Handshake", "400 µs"];
    assert.equal(
      figures.filter((line) => line !== ""),
      told,
    );
    assert.equal(await section.locator(".bad").allInnerTexts(), ["3"]);
    assert.equal(await lowContrast(page, "aside dd", 4.5), []);
  });
  await browser.visit({ scene, path: path("payment") }, async ({ page }) => {
    await page.getByRole("complementary").getByText("Endpoints").first().waitFor();
    assert.is(await page.getByText("On the wire").count(), 0);
  });
});

test("a crowd of lines keeps its rates to itself, however close one looks", async () => {
  const scene = (atMs: number) => crowd({ atMs, count: 140 });
  await browser.visit({ scene, path: "/?fold=none" }, async ({ page }) => {
    await cards(page, 140);
    for (let times = 0; times < 3; times++) await page.getByRole("button", { name: "Zoom in" }).click();
    await page.locator('.world[data-detail="all"]').waitFor({ state: "attached" });
    assert.equal(await labels(page), {});
  });
});

test("the panel of its own accord says which endpoint, why, and since when; closed, it stays closed", async () => {
  await browser.visit({ scene: faulty }, async ({ page, server }) => {
    const first = page.locator("aside ol button").first();
    await first.waitFor();
    for (const word of ["user", "GET /customers/{id}/cards", "62 % errors (limit 5 %)", "since"]) {
      await first.getByText(word).first().waitFor();
    }
    await page.getByRole("button", { name: "Close" }).click();
    await page.locator("aside").waitFor({ state: "detached" });
    server.show(faulty);
    await page.getByTitle("Show what fails").click();
    await first.waitFor();
  });
});

test("a click, the keyboard and the palette select; the panel shows the figures, the URL the selection", async () => {
  await browser.visit({ scene: calm }, async ({ page }) => {
    await cards(page, 16);
    const panel = page.getByRole("complementary");

    await card(page, "sock-shop/carts").click();
    await panel.getByRole("heading", { name: "carts" }).waitFor();
    await panel.getByText("40/s").first().waitFor();
    await panel.getByRole("row", { name: /\/carts\/\{id\}\/items.*16\/s.*11 ms/ }).waitFor();
    assert.is(new URL(page.url()).searchParams.get("node"), "sock-shop/carts");

    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    await panel.getByRole("heading", { name: /front-end|orders/ }).waitFor();

    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("payment");
    await page.keyboard.press("Enter");
    await panel.getByRole("heading", { name: "payment" }).waitFor();
    assert.is(await card(page, "sock-shop/payment").getAttribute("aria-pressed"), "true");

    await page.goBack();
    await panel.getByRole("heading", { name: /front-end|orders/ }).waitFor();
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
  });
});

test("an edge opens by keyboard and says who counted", async () => {
  await browser.visit({ scene: faulty }, async ({ page }) => {
    await cards(page, 16);
    await card(page, "sock-shop/front-end").focus();
    for (let tries = 0; tries < 6; tries++) {
      await page.keyboard.press("Shift+ArrowRight");
      if ((await page.evaluate(() => (document.activeElement as HTMLElement).dataset["link"])) === USER_EDGE) break;
    }
    await page.keyboard.press("Enter");
    const panel = page.getByRole("complementary");
    await panel.getByRole("heading", { name: "front-end user" }).waitFor();
    assert.is(await link(page, USER_EDGE).getAttribute("aria-pressed"), "true");
    await panel.getByText("Where these figures come from").click();
    await panel.getByText("the server's sidecar").waitFor();
    const rows = await panel.locator("tbody tr").allInnerTexts();
    assert.match(rows[0]!, "/cards");
  });
});

test("a palette search for an endpoint narrows the charts to it", async () => {
  await browser.visit({ scene: calm }, async ({ page }) => {
    await cards(page, 16);
    const asked = page.waitForRequest((request) => request.url().includes("route=%2FpaymentAuth"));
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("paymentAuth");
    await page.keyboard.press("Enter");
    await asked;
    assert.is(new URL(page.url()).searchParams.get("endpoint"), "POST /paymentAuth");
    await page.locator("aside .u-wrap").nth(2).waitFor();
  });
});

test("a new service takes a free place and nothing else moves, until it is asked to", async () => {
  await browser.visit({ scene: calm }, async ({ page, server }) => {
    await cards(page, 16);
    const before = await positions(page);
    server.show((atMs) => shop({ atMs, withDiscounts: true }));
    await cards(page, 17);
    const after = await positions(page);
    for (const [id, transform] of Object.entries(before)) assert.is(after[id], transform, `${id} stays`);
    await page.getByRole("button", { name: "Tidy" }).click();
    await page.waitForFunction(
      (old) =>
        [...document.querySelectorAll<HTMLElement>("[data-card]")].some(
          (each) => old[each.dataset["card"]!] !== each.style.transform,
        ),
      after,
    );
  });
});

test("the panel never covers the selection", async () => {
  for (const viewport of [
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ]) {
    const path = "/?node=sock-shop%2Fuser-db";
    await browser.visit({ scene: calm, path, viewport }, async ({ page }) => {
      await page.locator("aside").waitFor();
      const isClear = (): Promise<unknown> =>
        page.waitForFunction(() => {
          const map = document.querySelector("section.map")!.getBoundingClientRect();
          const selected = document.querySelector('[data-card][aria-pressed="true"]')?.getBoundingClientRect();
          return selected && selected.left >= map.left && selected.right <= map.right && selected.bottom <= map.bottom;
        });
      await isClear();
    });
  }
});

test("search lights what matches, dims the rest and says how many", async () => {
  await browser.visit({ scene: calm, path: "/?q=kind:store" }, async ({ page }) => {
    await cards(page, 16);
    await page.getByText("6 of 16 nodes match").waitFor();
    assert.is(await page.locator("[data-card]:not(.dimmed)").count(), 6);
    await page.keyboard.press("/");
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.querySelectorAll("[data-card].dimmed").length === 0);
    assert.is(new URL(page.url()).search, "");
  });
});

test("three hundred services fold by themselves, say so, and open on demand", async () => {
  await browser.visit({ scene: (atMs) => crowd({ atMs, count: 300 }) }, async ({ page }) => {
    await cards(page, 12);
    await page.getByText("12 namespaces folded to keep the map readable").waitFor();
    await card(page, "namespace:geo").click();
    await page.getByRole("button", { name: "Open it on the map" }).click();
    await cards(page, 36);
    await page.getByRole("button", { name: "Show all" }).click();
    await page.getByText("300 nodes, none folded").waitFor();
    await page.getByRole("button", { name: "Fit the whole map" }).click();
    await cards(page, 300);
  });
});

test("live figures change a thousand cards without touching the cards themselves", async () => {
  await browser.visit(
    { scene: (atMs) => crowd({ atMs, count: 1000 }), path: "/?fold=none" },
    async ({ page, server, complaints }) => {
      await page.waitForFunction(() => document.querySelectorAll("[data-card]").length > 10);
      const seen = await page.locator("[data-card]").count();
      assert.ok(seen < 500, `only what is in sight is in the document, not ${seen}`);
      await page.getByRole("button", { name: "Fit the whole map" }).click();
      await cards(page, 1000);
      await page.evaluate(() => {
        const state = { added: 0 };
        const count = (records: MutationRecord[]): void =>
          records.forEach(({ addedNodes }) =>
            addedNodes.forEach(
              (node) => (state.added += node instanceof Element && node.matches("[data-card]") ? 1 : 0),
            ),
          );
        new MutationObserver(count).observe(document.querySelector(".world")!, { childList: true, subtree: true });
        Object.assign(window, { cardsAdded: state });
      });
      const before = await positions(page);
      server.show((atMs) => crowd({ atMs, count: 1000, fault: true }));
      await page.locator('[data-card][data-health="failing"]').waitFor();
      assert.equal(await positions(page), before);
      assert.is(
        await page.evaluate(() => (window as unknown as { cardsAdded: { added: number } }).cardsAdded.added),
        0,
      );
      assert.equal(complaints, []);
    },
  );
});

test("the empty start says what will appear and how; the first request brings the map", async () => {
  await browser.visit({ scene: empty }, async ({ page, server }) => {
    await page.getByRole("heading", { name: "No requests yet" }).waitFor();
    await page.getByText("npm run demo").waitFor();
    await page.getByText("deploy/envoy/sidecar.yaml").waitFor();
    server.show(calm);
    await cards(page, 16);
  });
});

test.run();
