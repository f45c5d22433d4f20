/** A Chromium and a page on the scripted control; whatever the page complains about is collected. */
import { join } from "node:path";

import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

import { build, projectRoot } from "../../provision/build.ts";
import { chromiumBinary } from "../../provision/chromium.ts";
import { silent } from "../../provision/progress.ts";
import type { AlertsNow } from "../../control/api/alert-source.ts";
import { FixtureServer, type Scene } from "./fixture-server.ts";
import type { Requests } from "./fixtures/requests.ts";

/** Longest wait for anything to appear; a loaded machine gets all of it, an idle one needs little. */
const PATIENCE_MS = 20_000;

export interface Visit {
  readonly page: Page;
  readonly server: FixtureServer;
  /** Errors of the console and uncaught ones, but for those of a connection that was cut on purpose. */
  readonly complaints: readonly string[];
}

/** What is to be seen. */
export interface Sight {
  readonly scene: Scene;
  readonly path?: string;
  readonly requests?: Requests;
  readonly alerts?: (nowMs: number) => AlertsNow;
}

/** One browser for a file of tests; builds the UI first if its sources have changed. */
export class UiBrowser {
  #browser: Browser | undefined;

  async start(): Promise<void> {
    await build(silent, ["ui"]);
    const { path, env, args } = await chromiumBinary(silent);
    this.#browser = await chromium.launch({ executablePath: path, env, args: [...args] });
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
  }

  /** Opens a page on a scene, runs the body, and closes both, also when it throws. */
  async visit(
    { scene, path = "/", requests, alerts, ...context }: Sight & BrowserContextOptions,
    body: (visit: Visit) => Promise<void>,
  ): Promise<void> {
    const server = await FixtureServer.start(join(projectRoot, "build", "ui"), scene);
    if (requests) server.requests = requests;
    if (alerts) server.alerts.now = alerts;
    const viewport = { width: 1440, height: 900 };
    const opened = await this.#browser!.newContext({ viewport, reducedMotion: "reduce", ...context });
    try {
      // tsx keeps the names of functions with a helper that does not exist in the page.
      await opened.addInitScript("globalThis.__name = (value) => value");
      const page = await opened.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error" && !message.text().includes("net::ERR_")) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(`${server.url}${path}`);
      await body({ page, server, complaints });
    } finally {
      await opened.close();
      await server.stop();
    }
  }
}
