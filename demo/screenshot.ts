/** A picture of the running demo's map, as the README shows it. */
import { chromium } from "playwright-core";
import { chromiumBinary } from "../provision/chromium.ts";
import { progressOn } from "../provision/progress.ts";

/** Time for the first snapshots to arrive and the layout to come to rest. */
const SETTLE_MS = 5_000;

export interface Picture {
  readonly file: string;
  readonly scheme: "light" | "dark";
}

/** Opens the map at `url` in a Chromium of 1440 x 900 and writes it as a PNG. */
export async function takePicture(url: string, { file, scheme }: Picture): Promise<void> {
  const { path, env, args } = await chromiumBinary(progressOn());
  const browser = await chromium.launch({ executablePath: path, env, args: [...args] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: scheme });
    await page.goto(url);
    await page.waitForTimeout(SETTLE_MS);
    await page.screenshot({ path: file });
  } catch (cause) {
    throw new Error(`Taking a picture of ${url}`, { cause });
  } finally {
    await browser.close();
  }
}
