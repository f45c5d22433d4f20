/** Questions to the page, as a reader or a screen reader would ask them. */
import type { Locator, Page } from "playwright-core";

export function card(page: Page, id: string): Locator {
  return page.locator(`[data-card="${id}"]`);
}

export function link(page: Page, id: string): Locator {
  return page.locator(`[data-link="${id}"]`);
}

/** Waits until the map shows so many cards. */
export async function cards(page: Page, count: number): Promise<void> {
  await page.waitForFunction((wanted) => document.querySelectorAll("[data-card]").length === wanted, count);
}

/** Ids of cards or links in a state, by what they say of themselves. */
export async function inState(page: Page, what: "card" | "link", health: string): Promise<string[]> {
  const found = page.locator(`[data-${what}][data-health="${health}"]`);
  const ids = await found.evaluateAll(
    (elements, name) => elements.map((element) => element.getAttribute(name)!),
    `data-${what}`,
  );
  return ids.sort();
}

/** Where each card stands on the map, without the camera. */
export async function positions(page: Page): Promise<Record<string, string>> {
  return page
    .locator("[data-card]")
    .evaluateAll((elements) =>
      Object.fromEntries(
        elements.map((element) => [element.getAttribute("data-card")!, (element as HTMLElement).style.transform]),
      ),
    );
}

/** What the labels of lines say, by link. */
export async function labels(page: Page): Promise<Record<string, string>> {
  return page
    .locator("[data-label]")
    .evaluateAll((elements) =>
      Object.fromEntries(
        elements.map((element) => [element.getAttribute("data-label")!, (element as HTMLElement).innerText]),
      ),
    );
}

/** Labels that lie on a card or on another label, as they are drawn. */
export async function coveredByLabels(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const boxes = (selector: string): { id: string; box: DOMRect }[] =>
      [...document.querySelectorAll<HTMLElement>(selector)].map((element) => ({
        id: element.dataset["label"] ?? element.dataset["card"]!,
        box: element.getBoundingClientRect(),
      }));
    const overlap = (a: DOMRect, b: DOMRect): boolean =>
      a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const all = boxes("[data-label]");
    const others = [...boxes("[data-card]"), ...all];
    return all.flatMap(({ id, box }) =>
      others.filter((other) => other.id !== id && overlap(box, other.box)).map((other) => `${id} on ${other.id}`),
    );
  });
}

/** Elements that can be operated and that have no name, as a description of each. */
export async function nameless(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const operable = document.querySelectorAll<HTMLElement>(
      "button, a[href], input, select, textarea, [role=button], [role=option], [role=img]",
    );
    const nameOf = (element: HTMLElement): string =>
      [
        element.getAttribute("aria-label"),
        element.textContent,
        element.getAttribute("title"),
        element.closest("label")?.textContent,
        element.id === "" ? "" : document.querySelector(`label[for="${element.id}"]`)?.textContent,
        document.getElementById(element.getAttribute("aria-labelledby") ?? "")?.textContent,
      ].find((text) => text?.trim()) ?? "";
    return [...operable].filter((element) => nameOf(element) === "").map((element) => element.outerHTML.slice(0, 120));
  });
}

/** Ids that more than one element has, and ARIA references that lead nowhere. */
export async function brokenReferences(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    const twice = ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `twice: ${id}`);
    const names = ["aria-controls", "aria-labelledby", "aria-describedby", "aria-activedescendant", "popovertarget"];
    const lost = names.flatMap((name) =>
      [...document.querySelectorAll(`[${name}]`)]
        .map((element) => element.getAttribute(name)!)
        .filter((id) => !document.getElementById(id))
        .map((id) => `${name}: ${id}`),
    );
    return [...twice, ...lost];
  });
}

/** Names of what Tab reaches, in order, up to a number of stops. */
export async function tabOrder(page: Page, stops: number): Promise<string[]> {
  const names: string[] = [];
  for (let stop = 0; stop < stops; stop++) {
    await page.keyboard.press("Tab");
    names.push(
      await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const label = element.closest("label")?.querySelector("span")?.textContent;
        return (element.getAttribute("aria-label") ?? label ?? element.textContent ?? "").trim();
      }),
    );
  }
  return names;
}

/** Contrast of the text of elements with what is behind them, after WCAG 2.2; only plain backgrounds are seen. */
export async function lowContrast(page: Page, selector: string, least: number): Promise<string[]> {
  return page.locator(selector).evaluateAll((elements, limit) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
    const rgb = (colour: string): number[] => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (colour: number[]): number => {
      const [r, g, b] = colour.slice(0, 3).map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      }) as [number, number, number];
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element: Element): number[] => {
      for (let at: Element | null = element; at; at = at.parentElement) {
        const colour = rgb(getComputedStyle(at).backgroundColor);
        if (colour[3] === 255) return colour;
      }
      return [255, 255, 255];
    };
    return elements.flatMap((element) => {
      const [a, b] = [luminance(rgb(getComputedStyle(element).color)), luminance(behind(element))].sort(
        (x, y) => y - x,
      );
      const contrast = (a! + 0.05) / (b! + 0.05);
      return contrast < limit ? [`${element.textContent?.trim().slice(0, 30)}: ${contrast.toFixed(2)}`] : [];
    });
  }, least);
}
