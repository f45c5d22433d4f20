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
    const { client, server } = observation;
    const eitherEnd = asReporter.has(server) || asReporter.has(client);
    return shownOf({ serverAsDestination: asDestination.has(server), eitherEnd }).views.includes(viewOf(observation));
  });
}
