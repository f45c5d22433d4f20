import type { Locator, Page } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { NamedRequest } from "../../control/api/named-request.ts";
import { formatInstant } from "../../ui/src/model/format.ts";
import {
  flagInWords,
  keyed,
  mostTelling,
  requestLine,
  statusInWords,
  traceHref,
  whyInWords,
} from "../../ui/src/model/requests.ts";
import { UiBrowser } from "./browser.ts";
import { crowdOfRequests, noRequests, someRequests, switchedOff, withTraces } from "./fixtures/requests.ts";
import { shop } from "./fixtures/shop.ts";
import { cards, lowContrast, nameless } from "./page.ts";
import { loud } from "../loud.ts";

const test = suite("slow and failed requests");
const browser = new UiBrowser();
test.before(loud(() => browser.start()));
test.after(() => browser.stop());

const calm = (atMs: number) => shop({ atMs });
const faulty = (atMs: number) => shop({ atMs, faults: true });
const USER_EDGE = "sock-shop/front-end>sock-shop/user/http";
const onEdge = `/?edge=${encodeURIComponent(USER_EDGE)}`;
const section = (page: Page): Locator => page.getByRole("region", { name: "Slow and failed requests" });

test("from a red edge to a trace id in two clicks", async () => {
  const permissions = ["clipboard-read", "clipboard-write"];
  await browser.visit({ scene: faulty, permissions }, async ({ page, complaints }) => {
    await cards(page, 16);
    // A label lets the pointer through to its line.
    await page.locator(`[data-label="${USER_EDGE}"]`).click({ force: true });
    const first = section(page).getByRole("listitem").first();
    assert.match(await first.innerText(), /^500 server error|^failed:\s+500 server error/);
    const copy = first.getByRole("button", { name: /^Copy the trace id [0-9a-f]{32}$/ });
    const id = (await copy.getAttribute("aria-label"))!.slice(-32);
    await copy.click();
    await first.getByText("Copied").waitFor();
    assert.is(await page.evaluate(() => navigator.clipboard.readText()), id);
    assert.equal(complaints, []);
  });
});

test("where control knows a place for traces, an id leads there", async () => {
  const requests = withTraces(someRequests, "http://jaeger.example/trace/{traceId}?embed");
  await browser.visit({ scene: faulty, path: onEdge, requests }, async ({ page }) => {
    const trace = section(page)
      .getByRole("link", { name: /^Open the trace [0-9a-f]{32}$/ })
      .first();
    assert.match((await trace.getAttribute("href"))!, /^http:\/\/jaeger\.example\/trace\/[0-9a-f]{32}\?embed$/);
    assert.is(await trace.getAttribute("rel"), "noopener noreferrer");
    const isCut = (element: HTMLElement | SVGElement): boolean =>
      [...element.querySelectorAll(".head")].some(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth);
    assert.is(await trace.evaluate(isCut), false, "and is there in full");
  });
});

test("without the clipboard the id is marked, and stays so until the reader's own key has copied it", async () => {
  for (const [by, word] of [
    ["finger", "trace"],
    ["mouse", "request"],
  ] as const) {
    await browser.visit({ scene: faulty, path: onEdge, hasTouch: by === "finger" }, async ({ page }) => {
      await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
      const copy = section(page)
        .getByRole("button", { name: `Copy the ${word} id` })
        .first();
      await (by === "finger" ? copy.tap() : copy.click());
      await section(page).getByText("Marked, copy it").waitFor();
      const id = (await copy.getAttribute("aria-label"))!.split(" ").at(-1);
      const marked = (): Promise<string> => page.evaluate(() => String(getSelection()));
      assert.is(await marked(), id);
      assert.is(await copy.getByText(id!.slice(-8)).isVisible(), true, "what is marked can be seen");

      // A finger is gone already; the mouse goes to where the page is copied from.
      await page.mouse.move(10, 10);
      const newer = section(page).getByRole("button", { name: /^\d+ newer$/ });
      await newer.waitFor();
      assert.is(await marked(), id, "others have come, and it is still marked");
      assert.ok((await copy.getAttribute("aria-label"))!.endsWith(id!));

      await newer.click();
      await section(page).getByText("Marked, copy it").waitFor({ state: "detached" });
      assert.not.ok((await copy.getAttribute("aria-label"))!.endsWith(id!), "asked for, the newer ones are shown");
    });
  }
});

test("a chosen endpoint narrows the list, and a server's list says who asked", async () => {
  await browser.visit({ scene: faulty, path: onEdge }, async ({ page }) => {
    await section(page).getByText("GET /customers/1001/addresses").waitFor();
    await page.getByRole("row", { name: /\/customers\/\{id\}\/cards/ }).click();
    await section(page).getByText("GET /customers/1001/addresses").waitFor({ state: "detached" });
    await section(page).getByText("GET /customers/{id}/cards", { exact: true }).waitFor();
    await page.locator('[data-card="sock-shop/user"]').click();
    await section(page).getByText("from front-end").first().waitFor();
  });
});

test("they stand still under the pointer and for the keyboard, and move nothing when others come", async () => {
  await browser.visit({ scene: faulty, path: onEdge }, async ({ page }) => {
    const ids = section(page).getByRole("button", { name: /^Copy the trace id/ });
    const first = (): Promise<string | null> => ids.first().getAttribute("aria-label");
    const others = (than: string | null): Promise<unknown> =>
      page.waitForFunction(
        (label) =>
          document.querySelector("#named-requests")?.closest("section")?.querySelector("li button")?.ariaLabel !==
          label,
        than,
      );
    const chartsAt = (): Promise<number> =>
      page.getByText("Last 15 min").evaluate((element) => element.getBoundingClientRect().top);
    const [before, top] = [await first(), await chartsAt()];
    await others(before);
    assert.is(await chartsAt(), top, "the charts stay where they are");

    await ids.first().hover();
    const pointed = await first();
    await section(page)
      .getByText(/^\d+ newer$/)
      .waitFor();
    assert.is(await first(), pointed);
    assert.is(await chartsAt(), top);
    await page.mouse.move(10, 10);
    await others(pointed);

    await ids.first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    const walked = await first();
    await section(page)
      .getByText(/^\d+ newer$/)
      .waitFor();
    assert.is(await first(), walked);
    assert.is(await ids.first().evaluate((element) => element === document.activeElement), true);
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await others(walked);
    assert.is(await ids.first().evaluate((element) => element === document.activeElement), true, "the focus is kept");
  });
});

test("what fails shows its requests without a click, and a row says when to the millisecond", async () => {
  await browser.visit({ scene: faulty }, async ({ page }) => {
    await section(page).getByText("user GET /customers/{id}/cards", { exact: true }).waitFor();
    await section(page).getByText("from front-end").first().waitFor();
    const time = section(page).locator("time").first();
    const at = Date.parse((await time.getAttribute("datetime"))!);
    assert.match((await time.getAttribute("title"))!, formatInstant(at));
    await page.getByRole("button", { name: /addresses/ }).click();
    await section(page).getByText("user GET /customers/{id}/addresses", { exact: true }).waitFor();
  });
});

test("a calm edge has them below its figures, a red one above its charts from then on", async () => {
  const places = (page: Page): Promise<boolean> =>
    page.evaluate(() => {
      const list = document.querySelector("#named-requests")!;
      const table = document.querySelector("table[aria-label=Endpoints]")!;
      return Boolean(list.compareDocumentPosition(table) & Node.DOCUMENT_POSITION_FOLLOWING);
    });
  await browser.visit({ scene: calm, path: onEdge }, async ({ page, server }) => {
    await section(page).waitFor();
    assert.is(await places(page), false);
    server.show(faulty);
    const failing = page.getByRole("complementary").getByText("Failing");
    await failing.waitFor();
    assert.is(await places(page), true);
    server.show(calm);
    await failing.waitFor({ state: "detached" });
    assert.is(await places(page), true, "it does not jump back while it is read");
  });
});

test("many are folded, long ones are cut in the middle, and the arrow keys walk from id to id", async () => {
  const viewport = { width: 390, height: 844 };
  const path = `/edge/${encodeURIComponent(USER_EDGE)}`;
  await browser.visit({ scene: faulty, path, requests: crowdOfRequests, viewport }, async ({ page }) => {
    const rows = section(page).getByRole("listitem");
    await rows.first().waitFor();
    assert.is(await rows.count(), 4);
    await section(page).getByRole("button", { name: "Show all 50" }).click();
    assert.is(await rows.count(), 50);
    const wide = await page.evaluate(() => {
      const list = document.querySelector("#named-requests")!.closest("section")!;
      return [...list.querySelectorAll("*")].filter(
        (element) => element.getBoundingClientRect().right > innerWidth && !element.closest(".unseen"),
      ).length;
    });
    assert.is(wide, 0, "nothing runs off the screen");
    const heights = await rows.evaluateAll((elements) => elements.map((element) => element.clientHeight));
    assert.is(new Set(heights).size, 2, "a height for failed ones, one for slow ones");
    const path = section(page).getByTitle(/^GET .*0123456789abcdef\/items\/0$/);
    assert.is(await path.evaluate((element) => element.scrollWidth <= element.clientWidth + 1), true);
    assert.is(await path.innerText(), await path.getAttribute("title"), "a reader and the clipboard have it whole");
    const ids = section(page).locator("li button");
    await ids.first().focus();
    await page.keyboard.press("ArrowDown");
    assert.is(await ids.nth(1).evaluate((element) => element === document.activeElement), true);
    assert.is(await section(page).locator("li button[tabindex='0']").count(), 1, "Tab reaches one of them");
    await section(page).getByRole("button", { name: "Show fewer" }).click();
    assert.is(await rows.count(), 4);
    assert.equal(await nameless(page), []);
  });
});

test("none, switched off, and what control cannot answer are told apart", async () => {
  await browser.visit({ scene: faulty, path: onEdge, requests: noRequests }, async ({ page, server }) => {
    await section(page).getByText("None in the last 15 min.").waitFor();
    server.requests = switchedOff;
    await section(page).getByText("SIDELIGHT_EXEMPLARS=off").waitFor();
    await page.route("**/api/v1/exemplars?*", (route) =>
      route.fulfill({ status: 503, json: { error: { message: "Control is starting" } } }),
    );
    await page.getByRole("button", { name: "1 h" }).click();
    await section(page).getByText("Fetching the requests: Control is starting. Trying again.").waitFor();
  });
});

test("every word of it can be read, in light and in dark", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    await browser.visit({ scene: faulty, path: onEdge, colorScheme }, async ({ page }) => {
      await section(page).getByRole("listitem").first().waitFor();
      const texts =
        "section[aria-labelledby='named-requests'] :is(.status, .took, .ago, .line, .between, .why, .code, .word)";
      assert.equal(await lowContrast(page, texts, 4.5), []);
    });
  }
});

const request: NamedRequest = {
  ...{ reason: "slowest", atMs: 0, side: "destination", client: "a", server: "b", protocol: "http", method: "GET" },
  ...{ route: "/x/{id}", path: "/x/7", outcome: "success", status: 200, durationMs: 1, flags: [] },
  ...{ requestId: "", traceId: "" },
};

test("status, line, flags and traces have their words", () => {
  assert.is(statusInWords(request), "200");
  assert.is(statusInWords({ ...request, outcome: "noAnswer", status: 0 }), "no answer");
  assert.is(statusInWords({ ...request, outcome: "notReached", status: 503 }), "503 not reached");
  assert.is(statusInWords({ ...request, protocol: "grpc", outcome: "serverError", status: 14 }), "gRPC UNAVAILABLE");
  assert.is(
    statusInWords({ ...request, protocol: "grpc", outcome: "noAnswer", status: 4 }),
    "gRPC DEADLINE_EXCEEDED, no answer",
  );
  assert.is(statusInWords({ ...request, protocol: "grpc", status: 99 }), "gRPC 99");
  assert.is(requestLine(request), "GET /x/7");
  assert.is(requestLine({ ...request, method: "", path: "" }), "/x/{id}");
  assert.is(flagInWords("UF"), "UF: upstream connection failure");
  assert.is(flagInWords("bit33"), "bit33");
  assert.is(whyInWords(request), "");
  assert.is(
    whyInWords({ ...request, flags: ["UC", "URX"] }),
    "UC: upstream connection terminated · URX: retry limit reached",
  );
  const failed: NamedRequest = { ...request, reason: "failed", server: "sock-shop/user", outcome: "serverError" };
  assert.is(whyInWords(failed), "user itself answered so");
  assert.is(whyInWords({ ...failed, outcome: "noAnswer" }), "Envoy set no response flag");
  assert.is(traceHref("http://j/{traceId}/{traceId}", "ab"), "http://j/ab/ab");
  assert.is(traceHref(null, "ab"), undefined);
  assert.is(traceHref("http://j/{traceId}", ""), undefined);
});

test("the first few are of both kinds", () => {
  const of = (failed: number, slow: number): string =>
    mostTelling(
      keyed([
        ...Array.from({ length: failed }, (): NamedRequest => ({ ...request, reason: "failed" })),
        ...Array.from({ length: slow }, () => request),
      ]),
      4,
    )
      .map(({ request: { reason } }) => reason[0])
      .join("");
  assert.is(of(9, 9), "ffss");
  assert.is(of(9, 1), "fffs");
  assert.is(of(9, 0), "ffff");
  assert.is(of(1, 9), "fsss");
  assert.is(of(0, 2), "ss");
  assert.is(new Set(keyed([request, request, { ...request, path: "/x/8" }]).map(({ key }) => key)).size, 3);
});

test.run();
