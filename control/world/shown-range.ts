import type { Observation } from "../identity/observation.ts";
import { shownOf, viewOf } from "./reporter-rule.ts";

/** Of everything that was reported in a range, what the reporter rule shows of it. */
export function shownInRange(observations: readonly Observation[]): Observation[] {
  const asDestination = new Set<string>();
  const asReporter = new Set<string>();
  for (const { side, client, server } of observations) {
    if (side === "destination") asDestination.add(server);
    if (side !== "wire") asReporter.add(side === "destination" ? server : client);
  }
  return observations.filter((observation) => {
    const { client, server, protocol } = observation;
    const eitherEnd = asReporter.has(server) || asReporter.has(client);
    const shown = shownOf({ protocol, serverAsDestination: asDestination.has(server), eitherEnd });
    return shown.views.includes(viewOf(observation));
  });
}
