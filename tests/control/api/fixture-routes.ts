import type { RouteRuleStatus, RoutesSource } from "../../../control/api/sources.ts";

export const LEARNED_MS = Date.UTC(2026, 2, 1, 10, 30);

const UNLEARNED = { sinceMs: null, values: null };

/** Rules of the shop, of which one can be forgotten. */
export function shopRoutes(): RoutesSource {
  let rules: RouteRuleStatus[] = [
    { server: "", rule: "/assets/**", source: "settings", ...UNLEARNED },
    { server: "shop/user", rule: "GET /cards/{card}", source: "annotation", ...UNLEARNED },
    { server: "shop/user", rule: "/customers/{id}", source: "learned", sinceMs: LEARNED_MS, values: 1_061 },
    { server: "shop/user", rule: "/customers/search", source: "learned", sinceMs: LEARNED_MS, values: null },
  ];
  return {
    list: (server) => rules.filter((rule) => server === "" || rule.server === server || rule.server === ""),
    untaught: () => 12,
    forget(server, rule) {
      const before = rules.length;
      rules = rules.filter((one) => one.server !== server || one.rule !== rule);
      return rules.length < before;
    },
  };
}
