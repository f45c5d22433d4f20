/** Visits to the rooms of rules, of a control that reads rules as the real one does. */
import type { BrowserContextOptions } from "playwright-core";
import type { StatedObject } from "../../control/api/alert-source.ts";
import type { UiBrowser, Visit } from "./browser.ts";
import { ruledShop, statedRules, withRules } from "./fixtures/rules.ts";
import { shop } from "./fixtures/shop.ts";

type VisitRules = (
  path: string,
  body: (visit: Visit) => Promise<void>,
  options?: BrowserContextOptions & { readonly objects?: StatedObject[] },
) => Promise<void>;

export function visitor(browser: UiBrowser): VisitRules {
  const seen = { scene: (atMs: number) => shop({ atMs, faults: true }), alerts: ruledShop, path: "/mutes" };
  return (path, body, { objects = statedRules(), ...context } = {}) =>
    browser.visit({ ...seen, ...context }, async (visited) => {
      withRules(visited.server.alerts, objects);
      await visited.page.goto(`${visited.server.url}${path}`);
      await body(visited);
    });
}
