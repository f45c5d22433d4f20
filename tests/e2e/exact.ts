/** Compares what the load sent with what Sidelight counted, endpoint by endpoint and outcome by outcome. */
import type { Outcome } from "../../control/identity/observation.ts";
import type { LoadResult } from "./load.ts";
import type { Stack } from "./stack.ts";

function outcomeOf(status: number): Outcome {
  if (status >= 500) return "serverError";
  return status >= 400 ? "clientError" : "success";
}

/** Differences in words, empty when every count is exact. */
export async function differences(stack: Stack, result: LoadResult): Promise<string[]> {
  const sent = new Map<string, { method: string; route: string; outcomes: Record<Outcome, number> }>();
  for (const { method, route, status, sent: count } of result.rows) {
    const key = `${method} ${route}`;
    const none = { success: 0, clientError: 0, serverError: 0, notReached: 0, noAnswer: 0 };
    const endpoint = sent.get(key) ?? { method, route, outcomes: none };
    endpoint.outcomes[outcomeOf(status)] += count;
    sent.set(key, endpoint);
  }
  const found: string[] = [];
  for (const [key, { method, route, outcomes }] of sent) {
    const counted = (await stack.counted({ method, route })).outcomes;
    for (const outcome of Object.keys(outcomes) as Outcome[]) {
      if (counted[outcome] !== outcomes[outcome])
        found.push(`${key} ${outcome}: sent ${outcomes[outcome]}, counted ${counted[outcome]}`);
    }
  }
  const all = await stack.countedRequests();
  if (all !== result.sent) found.push(`in all: sent ${result.sent}, counted ${all}`);
  return found;
}
