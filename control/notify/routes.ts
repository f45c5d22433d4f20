/** Who is told of what. */
import { z } from "zod";
import type { Incident } from "../alerts/alert.ts";
import { labelsOf, matches } from "../alerts/mutes.ts";
import { matchers } from "../alerts/objects/conditions.ts";
import type { Matcher } from "../alerts/rule.ts";

const MAX_RECEIVERS = 50;

/** The spec of a `Route`. */
export const routeSpec = z.strictObject({
  /** Of which alerts; of all where none are given. */
  matchers: matchers.default([]),
  /** Names of receivers. None where nobody is to be told. */
  receivers: z.array(z.string().min(1)).max(MAX_RECEIVERS),
  /** Whether what this takes is looked at by the routes after it too. */
  continue: z.boolean().default(false),
});

export interface Route {
  readonly matchers: readonly Matcher[];
  readonly receivers: readonly string[];
  readonly continue: boolean;
}

/**
 * The receivers of an incident. Each of its alerts goes through the routes in their order until one takes it that does not continue.
 * Where there are no routes all receivers are told; what no route takes goes to nobody.
 *
 * @param all names of all receivers
 * @throws TooMuchWork where regular expressions would take too long
 */
export function receiversOf(incident: Incident, routes: readonly Route[], all: readonly string[]): string[] {
  if (routes.length === 0) return [...all];
  const found = new Set<string>();
  for (const alert of incident.alerts) {
    const labels = labelsOf(alert);
    for (const route of routes) {
      if (!matches(route.matchers, labels)) continue;
      for (const receiver of route.receivers) found.add(receiver);
      if (!route.continue) break;
    }
  }
  return [...found].filter((receiver) => all.includes(receiver));
}
