import type { Percentiles, Red } from "./model.ts";
import type { ErrorCounts } from "./outcomes.ts";

/** Rate, errors and duration of what was counted in `seconds`. */
export function redOf(counts: Omit<ErrorCounts, "neverArrived">, latency: Percentiles, seconds: number): Red {
  const { requests, clientErrors, serverErrors, notReached } = counts;
  return {
    requests,
    rate: requests / seconds,
    clientErrors,
    serverErrors,
    notReached,
    errorShare: requests === 0 ? 0 : (serverErrors + notReached) / requests,
    p50Ms: latency.p50Ms,
    p95Ms: latency.p95Ms,
    p99Ms: latency.p99Ms,
  };
}

/** Several figures of the same window together. Percentiles do not add up, so those of all are given. */
export function mergeReds(parts: Iterable<Red>, latency: Percentiles, seconds: number): Red {
  const sum = { requests: 0, clientErrors: 0, serverErrors: 0, notReached: 0 };
  for (const part of parts) {
    sum.requests += part.requests;
    sum.clientErrors += part.clientErrors;
    sum.serverErrors += part.serverErrors;
    sum.notReached += part.notReached;
  }
  return redOf(sum, latency, seconds);
}

/** The sum of several counts. */
export function sumCounts(parts: Iterable<ErrorCounts>): ErrorCounts {
  const sum = { requests: 0, clientErrors: 0, serverErrors: 0, notReached: 0, neverArrived: 0 };
  for (const part of parts) {
    sum.requests += part.requests;
    sum.clientErrors += part.clientErrors;
    sum.serverErrors += part.serverErrors;
    sum.notReached += part.notReached;
    sum.neverArrived += part.neverArrived;
  }
  return sum;
}
