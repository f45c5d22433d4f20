/** The page of a running Sidelight, in a real browser. */
import { chromium } from "playwright-core";
import { chromiumBinary } from "../../provision/chromium.ts";
import { progressOn } from "../../provision/progress.ts";
import { card, inState } from "../ui/page.ts";

/** The map's cards that are red, once the one that is waited for is; and what the page complained about. */
export async function seenInBrowser(url: string, awaited: string): Promise<{ readonly red: string[] }> {
  const { path, env, args } = await chromiumBinary(progressOn());
  const browser = await chromium.launch({ executablePath: path, env, args: [...args] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(url);
    await card(page, awaited).and(page.locator('[data-health="failing"]')).waitFor({ timeout: 60_000 });
    return { red: await inState(page, "card", "failing") };
  } finally {
    await browser.close();
  }
}
