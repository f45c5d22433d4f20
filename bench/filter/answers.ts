import { FAILURE_EVERY, NOT_FOUND_EVERY } from "./requests.ts";

/** The HTTP status of the n-th answer, counted from 1: mostly 200. */
export function answerStatus(n: number): number {
  if (n % FAILURE_EVERY === 0) return 500;
  return n % NOT_FOUND_EVERY === 0 ? 404 : 200;
}
