import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { ClusterStatus } from "../../control/api/cluster-source.ts";
import type { OptInStatus } from "../../control/api/opt-in-source.ts";
import { UiBrowser, type Visit } from "./browser.ts";
import { cluster, observedCrowd, observedShop, troubledShop, untouchedShop } from "./fixtures/cluster.ts";
import { shop } from "./fixtures/shop.ts";
import { brokenReferences, cards, lowContrast, nameless } from "./page.ts";
import { loud } from "../loud.ts";

const test = suite("workloads");
const browser = new UiBrowser();
test.before(loud(() => browser.start()));
test.after(() => browser.stop());

const calm = (atMs: number) => shop({ atMs });
const silent = (atMs: number) => ({ ...shop({ atMs }), edges: [] });
const WORDS = "main :is(p, th, td, h1, h2, dt, dd, span, button, a, strong, code):not(:disabled, :empty)";

interface Told {
  readonly optIn?: (nowMs: number) => OptInStatus;
  readonly kubernetes?: ClusterStatus;
  readonly path?: string;
  readonly look?: Omit<Parameters<UiBrowser["visit"]>[0], "scene" | "path">;
  readonly scene?: typeof calm;
  /** The browser complains of each answer that is an error. */
  readonly isRefused?: boolean;
}

/** Opens a page of a control that reads a cluster; nothing may be complained about. */
async function visit(
  { optIn = observedShop, kubernetes = cluster(), path = "/workloads", look, scene = calm, isRefused = false }: Told,
  body: (visit: Visit) => Promise<void>,
): Promise<void> {
  await browser.visit({ ...look, scene, path: "/rules" }, async (visited) => {
    visited.server.optIn = optIn;
    visited.server.status = { kubernetes };
    await visited.page.goto(`${visited.server.url}${path}`);
    await body(visited);
    if (!isRefused) assert.equal(visited.complaints, []);
  });
}

test("everybody in the cluster is listed with the state and what is in the way; what needs somebody comes first", async () => {
  const optIn = { ...cluster().optIn!, troubled: 3 };
  await visit({ optIn: troubledShop, kubernetes: cluster({ optIn }) }, async ({ page }) => {
    await page.locator('[data-row="sock-shop/user"]').waitFor();
    const rows = await page.locator("[data-row]").evaluateAll((all) => all.map((row) => row.getAttribute("data-row")));
    assert.equal(rows.slice(0, 6), [
      ...["payments", "payments/gate", "payments/ledger"],
      ...["sock-shop", "sock-shop/shipping", "sock-shop/user"],
    ]);
    assert.is(rows.length, 21);
    const user = await page.locator('[data-row="sock-shop/user"]').innerText();
    assert.match(user, /Silent[^]*its own sidecars tell nothing[^]*namespace\s+2\/2\s+40.min\s+–\s+12.min ago/);
    await page.getByText('Namespace payments says sidelight.dev/observe: "yes"').waitFor();
    await page.getByRole("link", { name: /some are turned on and not observed/ }).waitFor();
    await page.getByText("16 workloads in 5 namespaces".replaceAll(/(\d) /g, "$1\u00a0")).waitFor();
    assert.equal(await nameless(page), []);
    assert.equal(await brokenReferences(page), []);
  });
});

test("a row opens by key, says all there is to say, and has the very command that changes it", async () => {
  await visit(
    { optIn: troubledShop, look: { permissions: ["clipboard-read", "clipboard-write"] } },
    async ({ page }) => {
      const shipping = page.locator('[data-row="sock-shop/shipping"]');
      await shipping.focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.getByText("does a NetworkPolicy or a Sidecar resource hold back").waitFor();
      assert.match(page.url(), /workload=sock-shop%2Fuser/);
      await page.getByRole("button", { name: "Copy the command: Leave it out" }).click();
      await page.getByRole("button", { name: "Copied" }).waitFor();
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      assert.is(copied, "kubectl -n sock-shop annotate deployment/user sidelight.dev/observe=false");
      await page.locator('[data-row="payments/ledger"]').click();
      await page.getByText(/kubectl -n payments patch rollout\/ledger --type=merge/).waitFor();
      await page.locator('[data-row="tools"]').click();
      await page.getByText("kubectl annotate namespace tools sidelight.dev/observe=true").waitFor();
      await page.locator('[data-row="istio-system"]').click();
      await page.getByText("A plugin in it would hold for all namespaces").waitFor();
      await page.locator('[data-row="istio-system/istiod"]').click();
      await page.getByText("It is in the mesh's root namespace").waitFor();
      assert.is(await page.locator("main .command").count(), 0, "nothing in it is turned on");
    },
  );
});

test("the list is narrowed by state and by text, and both stand in the address", async () => {
  await visit({ optIn: troubledShop }, async ({ page, server }) => {
    await page.getByRole("button", { name: /^Need attention 3/ }).click();
    await page.locator('[data-row="sock-shop/carts"]').waitFor({ state: "detached" });
    assert.is(await page.locator("[data-row]").count(), 5);
    await page.getByRole("searchbox").fill("ship");
    await page.locator('[data-row="sock-shop/user"]').waitFor({ state: "detached" });
    await page.goto(page.url());
    await page.locator('[data-row="sock-shop/shipping"]').waitFor();
    assert.is(await page.locator("[data-row]").count(), 2);
    await page.getByRole("searchbox").fill("nobody");
    await page.getByText("No workload matches what the list is narrowed to.").waitFor();
    await page.getByRole("button", { name: "Clear" }).click();
    await page.locator('[data-row="sock-shop/carts"]').waitFor();
    assert.is(page.url(), `${server.url}/workloads`);
  });
});

test("hundreds are shown a page at a time, and what a link opens is there however far down", async () => {
  await visit({ optIn: observedCrowd }, async ({ page, server }) => {
    await page.getByText(/^100 of 520.rows/).waitFor();
    assert.is(await page.locator("[data-row]").count(), 100);
    await page.goto(`${server.url}/workloads?workload=domain-18/domain-18-service-07`);
    await page.getByText("kubectl -n domain-18 annotate deployment/domain-18-service-07").waitFor();
    assert.ok(await page.locator('[data-row="domain-18/domain-18-service-07"]').isVisible());
  });
});

test("where nothing is observed yet the one command is there, on the map too", async () => {
  const optIn = { ...cluster().optIn!, on: 0, reporting: 0 };
  await visit({ optIn: untouchedShop, kubernetes: cluster({ optIn }), scene: silent }, async ({ page, server }) => {
    await page.getByText("Nothing is observed yet.").waitFor();
    const command = page.getByText("kubectl annotate namespace sock-shop sidelight.dev/observe=true");
    await command.waitFor();
    await page.goto(server.url);
    await page.getByRole("heading", { name: "Turn a namespace on" }).waitFor();
    await command.waitFor();
    await page.getByRole("link", { name: "Workloads" }).last().click();
    await page.getByText("Nothing is observed yet.").waitFor();
  });
  await visit({ scene: silent, path: "/" }, async ({ page }) => {
    await page.getByRole("heading", { name: /14.workloads are turned on/ }).waitFor();
  });
});

test("without a cluster there is no such room, and where control turns nothing on nobody is asked", async () => {
  await browser.visit({ scene: silent }, async ({ page, server, complaints }) => {
    await page.getByText("npm run demo").waitFor();
    assert.is(await page.getByRole("link", { name: "Workloads" }).count(), 0);
    await page.goto(`${server.url}/workloads`);
    await page.getByText("Control reads no cluster.").waitFor();
    server.status = { kubernetes: cluster({ optIn: null }) };
    await page.goto(`${server.url}/workloads`);
    await page.getByText("Control turns nothing on in this cluster.").waitFor();
    await page.goto(`${server.url}/?node=sock-shop/user`);
    await page.getByRole("heading", { name: "No requests yet" }).waitFor();
    await page.getByText("SIDELIGHT_OBSERVE=on").waitFor();
    assert.equal(complaints, [], "what answers 409 would be complained about");
  });
});

test("the panel of a workload says whether it is observed, and leads to where it is told in full", async () => {
  await visit({ optIn: troubledShop, path: "/?node=sock-shop/user" }, async ({ page, server }) => {
    const told = page.getByRole("region", { name: "Observed" });
    await told.getByText("Silent").waitFor();
    await told.getByRole("link", { name: "Workloads" }).click();
    await page.getByText("does a NetworkPolicy or a Sidecar resource hold back").waitFor();
    server.optIn = untouchedShop;
    await page.goto(`${server.url}/service/sock-shop/carts`);
    await told.getByText("kubectl -n sock-shop annotate deployment/carts sidelight.dev/observe=true").waitFor();
    await page.goto(`${server.url}/?node=sock-shop/carts&at=2026-03-03T03:14:00Z`);
    await page.getByRole("heading", { name: "carts" }).waitFor();
    assert.is(await told.count(), 0, "of the past it is not kept");
  });
});

test("an API server that is away is told with since when names are old, and is no longer when it is back", async () => {
  const problems = ["Kubernetes: the API server cannot be followed (pods first), what was known stays: ECONNREFUSED"];
  const away = { awaySinceMs: Date.now() - 400_000, problems, optIn: { ...cluster().optIn!, state: "away" as const } };
  await visit({ kubernetes: cluster(away), path: "/" }, async ({ page, server }) => {
    await cards(page, 16);
    await page.getByRole("button", { name: /Names 6.min old/ }).click();
    const told = await page.getByRole("dialog", { name: "How the cluster is followed" }).innerText();
    assert.match(told, /cannot be followed since \d\d:\d\d:\d\d: names are those of then[^]*ECONNREFUSED/);
    assert.equal(await brokenReferences(page), []);
    await page.goto(`${server.url}/workloads`);
    await page.getByText("Nothing is turned on or off until the API server is back.").waitFor();
    server.status = { kubernetes: cluster() };
    await page.goto(`${server.url}/workloads`);
    await page.locator('[data-row="sock-shop/carts"]').waitFor();
    assert.is(await page.getByText(/Names .* old/).count(), 0);
  });
});

test("what keeps control from turning anything on is told once, and of the rest that it waits", async () => {
  const text = "Istio is not installed: the API has no WasmPlugin (extensions.istio.io/v1alpha1)";
  const blocked = (nowMs: number): OptInStatus => {
    const told = observedShop(nowMs);
    const workloads = told.workloads.map((each) =>
      each.by === null ? each : { ...each, state: "notWritten" as const, plugin: null, reporting: null },
    );
    return { ...told, workloads, problems: [text] };
  };
  const optIn = { state: "noMesh" as const, on: 14, reporting: 0, troubled: 0, problems: [text] };
  await visit({ optIn: blocked, kubernetes: cluster({ optIn }) }, async ({ page }) => {
    await page.getByText(text).waitFor();
    assert.is(await page.getByText("Nothing is turned on or off just now").count(), 14);
  });
});

test("what cannot be fetched is told, what was known stays, and it can be asked again", async () => {
  await visit({ isRefused: true }, async ({ page, server }) => {
    await page.locator('[data-row="sock-shop/carts"]').waitFor();
    server.optIn = undefined;
    await page.getByText(/Fetching who is observed: .* What is shown was known before\./).waitFor();
    assert.ok(await page.locator('[data-row="sock-shop/carts"]').isVisible());
    server.optIn = observedShop;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("Fetching who is observed").waitFor({ state: "detached" });
  });
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`every word can be read in ${colorScheme}, and a phone has room for all of it`, async () => {
    const path = "/workloads?workload=sock-shop/user";
    await visit({ optIn: troubledShop, path, look: { colorScheme } }, async ({ page }) => {
      await page.getByText("does a NetworkPolicy or a Sidecar resource hold back").waitFor();
      assert.equal(await lowContrast(page, WORDS, 4.5), []);
    });
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme };
    await visit({ optIn: troubledShop, path, look: phone }, async ({ page, server }) => {
      const width = () => page.evaluate(() => document.documentElement.scrollWidth);
      await page.getByText("does a NetworkPolicy or a Sidecar resource hold back").waitFor();
      assert.is(await width(), 390, "nothing sticks out");
      assert.equal(await lowContrast(page, WORDS, 4.5), []);
      await page.goto(`${server.url}/?node=sock-shop/user`);
      await page.getByRole("region", { name: "Observed" }).getByText("Silent").waitFor();
      assert.is(await width(), 390);
    });
  });
}

test.run();
